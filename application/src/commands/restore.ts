import { installPackages } from '@commonwatt/network/topology/deploy/deploy';
import { restoreRecords, type Restored } from '../community/restoring';
import { InputError } from '../data/input-error';
import { contextOf, print, withMembers, type CommonOptions } from './context';
import { EXIT, NotNow } from './failure';
import { isTerminal, runSteps, untilInterrupted } from './steps/run-steps';

/** Brings back what a household's peer lost with its disk: the chaincode packages it runs, and its private records. */
export async function restore(home: string, options: CommonOptions): Promise<number> {
    const context = contextOf(options);
    const { topology, layout } = context;
    if (!topology.homes.includes(home)) {
        const why = `'${home}' is no household; there are ${topology.homes.join(', ')}`;
        throw new InputError({ file: 'restore' }, why);
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
                    result = await restoreRecords(members.member(home).calls, members.operator.calls, say);
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

function textOf(home: string, { records, restored, lost }: Restored): string {
    const gone =
        lost.length === 0
            ? []
            : [
                  `${lost.length} are not with the grid operator either; a backup of its disk or yours may have them:`,
                  ...lost.map((name) => `  ${name}`),
              ];
    return [
        `${home} holds ${records - lost.length} of its ${records} private records; ${restored} came back.`,
        ...gone,
    ].join('\n');
}
