import { join } from 'node:path';
import type { OrderRecord } from '@commonwatt/chaincode/api/records';
import { installPackages } from '@commonwatt/network/topology/deploy/deploy';
import { keptAgreements } from '../community/day-ahead';
import { restoreRecords, type Restored } from '../community/restoring';
import type { CommunityMembers } from '../community/members';
import { InputError } from '../data/input-error';
import { KeptOrders } from '../household/kept-orders';
import { Auction } from '../market/auction';
import { contextOf, print, withMembers, type CommonOptions } from './context';
import { EXIT, NotNow } from './failure';
import { isTerminal, runSteps, untilInterrupted } from './steps/run-steps';

/**
 * Brings back what a peer lost with its disk: the chaincode packages it runs, and its private records; of a household its own, of the grid
 * operator those of all households.
 */
export async function restore(home: string, options: CommonOptions): Promise<number> {
    const context = contextOf(options);
    const { topology, layout } = context;
    const known = topology.organisations.map(({ id }) => id);
    if (!known.includes(home)) {
        throw new InputError({ file: 'restore' }, `'${home}' is no member; there are ${known.join(', ')}`);
    }
    return withMembers(context, async (members) => {
        let result: Restored | undefined;
        const steps = [
            {
                title: `Installing chaincodes at the peer of ${home}`,
                run: async (): Promise<string> => {
                    const installed = await installPackages(topology, layout, home);
                    return installed === 0 ? 'they are there' : `${installed} packages`;
                },
            },
            {
                title: `Bringing back the private records of ${home}`,
                run: async (say: (what: string) => void): Promise<string> => {
                    result = await (topology.homes.includes(home)
                        ? ofHousehold(members, home, say)
                        : ofOperator(members, say));
                    return `${result.restored} of ${result.records} records on ${result.days} days`;
                },
            },
        ];
        await runSteps(steps, isTerminal(options.json ?? false), untilInterrupted());
        if (result === undefined) {
            throw new NotNow('nothing was looked at');
        }
        print(options.json === true ? JSON.stringify({ home, ...result }) : textOf(home, result));
        return result.lost.length === 0 ? EXIT.done : EXIT.failed;
    });
}

type Say = (what: string) => void;

/** From the grid operator, from the home's own agent, and from the seats that its orders were opened to. */
function ofHousehold(members: CommunityMembers, home: string, say: Say): Promise<Restored> {
    const member = members.member(home);
    const { calls, keys } = member;
    const others = members.households.filter((each) => each.calls.mspId !== calls.mspId);
    const orders = async (day: string, from: number, to: number): Promise<OrderRecord[]> => {
        const folder = members.layout.agentFolder(home);
        const kept = new KeptOrders(join(folder, `orders-${day}-${keys.fingerprint}.jsonl`)).all;
        const found = await Promise.all(others.map((each) => new Auction(each.calls).openings(from, to)));
        return [...kept, ...found.flat()];
    };
    const agreements = (day: string) => keptAgreements(members.layout, member, day).all;
    return restoreRecords(calls, { other: members.operator.calls, orders, agreements }, calls.mspId, say);
}

/** From every household its own, and what its agent keeps. */
async function ofOperator(members: CommunityMembers, say: Say): Promise<Restored> {
    let all: Restored = { days: 0, records: 0, restored: 0, lost: [] };
    for (const member of members.households) {
        const { organisation, calls } = member;
        const agreements = (day: string) => keptAgreements(members.layout, member, day).all;
        const { days, records, restored, lost } = await restoreRecords(
            members.operator.calls,
            { other: calls, agreements },
            calls.mspId,
            (what) => {
                say(`${organisation.id}: ${what}`);
            },
        );
        all = {
            days: Math.max(all.days, days),
            records: all.records + records,
            restored: all.restored + restored,
            lost: [...all.lost, ...lost],
        };
    }
    return all;
}

function textOf(home: string, { records, restored, lost }: Restored): string {
    const gone =
        lost.length === 0
            ? []
            : [
                  `${lost.length} are with nobody who was asked; a backup of a disk may have them:`,
                  ...lost.map((name) => `  ${name}`),
              ];
    return [
        `${home} holds ${records - lost.length} of the ${records} private records that it should; ${restored} came back.`,
        ...gone,
    ].join('\n');
}
