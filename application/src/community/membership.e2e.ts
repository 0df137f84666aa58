import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { demonstrationHome } from '@commonwatt/network/topology/membership/newcomer';
import { canRunContainers } from '@commonwatt/network/topology/compose/available';
import { addHousehold, removeHousehold } from '@commonwatt/network/topology/membership/household';
import { hasFabric } from '@commonwatt/network/topology/native/binaries';
import type { NetworkWish } from '@commonwatt/network/topology/network-kind';
import { peerDigests } from '@commonwatt/network/topology/peer-digests';
import { networkStatus } from '@commonwatt/network/topology/processes/network';
import type { Topology } from '@commonwatt/network/topology/topology';
import type { Charter, RoundRecord } from '@commonwatt/chaincode/api/records';
import { meterData } from '../commands/day-choice';
import type { MeterDay } from '../data/meter-day';
import { SAMPLE_DAY } from '../data/sample';
import { dayAfter } from '../data/zone';
import type { DayResult } from '../day/trading-day';
import { Governance } from '../market/governance';
import { testNetwork, type TestNetwork } from '../testing/network';
import { admitHousehold, endMembership } from './admission';
import { agree, channelFacts } from './inspection';
import { CommunityMembers } from './members';
import { householdAgent, operatorAgent, tradeDay, tradeRound } from './trade';

const NEWCOMER = 'H5';
const MORNING = 48;
/** What the newcomer draws in every slot: at noon its neighbours have it to sell. */
const DRAWN_WH = 400n;
const progress = { report: () => undefined };

/** The sample, with a newcomer whose meter only counts what it draws. */
function metersOf(of: Topology, day = SAMPLE_DAY): MeterDay {
    const { metered } = meterData(of, { day, forecast: 'perfect' });
    const homes = metered.homes.map((each) =>
        each.home === NEWCOMER
            ? {
                  ...each,
                  consumed: each.consumed.map((_, index) => BigInt(index) * DRAWN_WH),
                  produced: each.produced.map(() => 0n),
              }
            : each,
    );
    return { ...metered, homes };
}

interface Case {
    readonly kind: string;
    readonly firstPort: number;
    readonly network: NetworkWish;
    readonly isHere: () => boolean;
}

const CASES: readonly Case[] = [
    { kind: 'embedded peers', firstPort: 23_300, network: {}, isHere: () => true },
    { kind: "Fabric's peers", firstPort: 31_200, network: { kind: 'native' }, isHere: () => hasFabric(process.env) },
    {
        kind: 'our peers in containers',
        firstPort: 31_200,
        network: { kind: 'docker', embedded: 'all' },
        isHere: () => canRunContainers(),
    },
    {
        kind: "Fabric's peers in containers",
        firstPort: 31_200,
        network: { kind: 'docker' },
        isHere: () => canRunContainers({ pulled: ['fabric-peer'] }),
    },
];

const LIMIT_MS = 900_000;

describe.each(CASES)('on $kind a fifth household', ({ kind, firstPort, network: wish, isHere }) => {
    const isPossible = isHere();
    const here = isPossible ? test : test.skip;
    let network: TestNetwork;
    let topology: Topology;
    let members: CommunityMembers;
    let charter: Charter;
    const seconds = { onTheChannel: 0, admitted: 0, firstTrade: 0 };
    let firstRound: RoundRecord;
    let result: DayResult;

    async function currentCharter(): Promise<Charter> {
        const found = await new Governance(members.operator.calls).charter();
        if (found === undefined) throw new Error('no charter');
        return found;
    }

    /** All of these households order in the slot, then the round is closed and cleared. */
    async function runRound(slot: number, homes: readonly string[], metered: MeterDay): Promise<RoundRecord> {
        const request = { charter, metered, progress };
        const agents = homes.map((id) => householdAgent(members, members.member(id), request));
        return tradeRound(members, slot, agents, charter);
    }

    beforeAll(async () => {
        if (!isPossible) return;
        network = await testNetwork(4, firstPort, wish);
        ({ members, charter } = network);
        topology = members.topology;
        const metered = metersOf(topology);
        const operator = operatorAgent(members, charter);
        await operator.openDay(SAMPLE_DAY, true, members.member('H1').calls.mspId);
        const slots = Array.from({ length: 4 }, (_, index) => metered.firstSlot + MORNING - 4 + index);
        for (const slot of slots) await runRound(slot, topology.homes, metered);
    }, LIMIT_MS);

    afterAll(async () => {
        if (!isPossible) return;
        members.close();
        await network.stop();
    }, 300_000);

    here(
        'joins in the middle of the day and trades in the next round',
        async () => {
            const begin = performance.now();
            const since = (): number => (performance.now() - begin) / 1000;
            topology = await addHousehold(demonstrationHome(NEWCOMER, topology), members.layout);
            seconds.onTheChannel = since();
            members.close();
            members = new CommunityMembers(topology, members.layout, members.horizon);
            await admitHousehold(members, NEWCOMER, SAMPLE_DAY);
            seconds.admitted = since();
            charter = await currentCharter();
            const metered = metersOf(topology);
            firstRound = await runRound(metered.firstSlot + MORNING, topology.homes, metered);
            seconds.firstTrade = since();
            const inWords = Object.entries(seconds).map(([what, took]) => `${what} ${took.toFixed(1)} s`);
            console.info(`${kind}: from the command to join: ${inWords.join(', ')}`);
            expect((firstRound.closed ?? []).map(({ order }) => order)).toContain('H5MSP/o1');
            expect(firstRound.status).toBe('cleared');
        },
        300_000,
    );

    here(
        'has a peer that holds what all others hold, from the first block on',
        async () => {
            expect(topology.organisations.map(({ id }) => id)).toContain(NEWCOMER);
            expect((await networkStatus(topology, members.layout)).state).toBe('up');
            expect((await channelFacts(members)).peersAgree).toBe(true);
        },
        300_000,
    );

    here(
        'settles the day it came in with all the others',
        async () => {
            const metered = metersOf(topology);
            result = await tradeDay(members, { charter, metered, progress });
            const own = result.households.find(({ home }) => home === NEWCOMER);
            const inFirstRound = own?.settlement.slots.find(({ slot }) => slot === metered.firstSlot + MORNING);
            expect(inFirstRound?.boughtWh).toBeGreaterThan(0n);
            expect(result.totals.status).toBe('closed');
            expect(result.households).toHaveLength(5);
        },
        300_000,
    );

    here(
        'leaves on the day after: the market goes on without it, and its peer gets no more blocks',
        async () => {
            const tomorrow = dayAfter(SAMPLE_DAY);
            await endMembership(members, NEWCOMER, { fromDay: tomorrow, reason: 'moved away', isExpelled: false });
            topology = await removeHousehold(NEWCOMER, members.layout);
            members.close();
            members = new CommunityMembers(topology, members.layout, members.horizon);
            charter = await currentCharter();
            const metered = metersOf(topology, tomorrow);
            await operatorAgent(members, charter).openDay(tomorrow, true, members.member('H1').calls.mspId);
            const round = await runRound(metered.firstSlot + MORNING, topology.homes, metered);
            expect(round.status).toBe('cleared');
            expect(await members.shared()).toEqual([]);
            const digests = await peerDigests(topology, members.layout);
            expect(digests.map(({ org }) => org)).toEqual(['DSO', 'H1', 'H2', 'H3', 'H4']);
            expect(agree(digests)).toBe(true);
        },
        300_000,
    );
});
