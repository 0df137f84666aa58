import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ReadingRecord } from '@commonwatt/chaincode/api/records';
import { hasFabric } from '@commonwatt/network/topology/native/binaries';
import type { NetworkWish } from '@commonwatt/network/topology/network-kind';
import { channelFacts } from '../community/inspection';
import { tradeDay } from '../community/trade';
import { sampleDay, sampleHomes } from '../data/sample';
import type { DayResult } from '../day/trading-day';
import { Metering } from './metering';
import { testNetwork, type TestNetwork } from '../testing/network';

const HOMES = 3;
const LIMIT_MS = 600_000;
const SLOTS = 96;
/** Kept until the end of 2024, where the rules say nothing else. */
const LONG_AGO = '2014-10-03';
const NETWORKS: { network: string; wish: NetworkWish; firstPort: number; isHere: boolean }[] = [
    { network: 'embedded peers', wish: {}, firstPort: 8_500, isHere: true },
    { network: "Fabric's peers", wish: { kind: 'native' }, firstPort: 8_550, isHere: hasFabric(process.env) },
    {
        network: 'a mixed channel',
        wish: { kind: 'native', embedded: ['DSO', 'H2'] },
        firstPort: 8_600,
        isHere: hasFabric(process.env),
    },
];

describe.each(NETWORKS)('a day whose records need not be kept any more, on $network', ({ wish, firstPort, isHere }) => {
    const here = isHere ? it : it.skip;
    let network: TestNetwork;
    let result: DayResult;
    const metered = sampleDay(sampleHomes(HOMES), LONG_AGO);

    beforeAll(async () => {
        if (!isHere) return;
        network = await testNetwork(HOMES, firstPort, wish);
        const { members, charter } = network;
        result = await tradeDay(members, { charter, metered, progress: { report: () => undefined } });
    }, LIMIT_MS);
    afterAll(async () => {
        if (isHere) await network.stop();
    }, LIMIT_MS);

    /** H2's readings, as this organisation's own peer holds them. */
    const heldAt = (id: string): Promise<ReadingRecord[]> => {
        const last = metered.firstSlot + SLOTS - 1;
        return new Metering(network.members.member(id).calls).ownReadings(metered.firstSlot, last, 'H2MSP');
    };
    const purge = async (by: string, day: string): Promise<number> => {
        const { calls } = network.members.member(by);
        return (await calls.submit('retention:purge', { mspId: 'H2MSP', day }, [calls.mspId])).response.purged;
    };

    here(
        'is one that was sealed, revealed, cleared, settled and billed as any other',
        async () => {
            expect(result.rounds.every(({ status }) => status === 'cleared')).toBe(true);
            expect(result.households).toHaveLength(HOMES);
            expect([(await heldAt('H2')).length, (await heldAt('DSO')).length]).toEqual([SLOTS, SLOTS]);
        },
        LIMIT_MS,
    );

    here(
        'loses the private records where they are removed, and nowhere else; what the channel says of them stays',
        async () => {
            expect(await purge('H2', LONG_AGO)).toBeGreaterThan(2 * SLOTS); // Readings, orders, settlement, bill.
            expect(await heldAt('H2')).toEqual([]);
            expect(await heldAt('DSO')).toHaveLength(SLOTS);
            const markers = await new Metering(network.members.member('H3').calls).markers(LONG_AGO, 'H2MSP');
            expect(markers).toHaveLength(SLOTS);
            expect(await purge('DSO', LONG_AGO)).toBeGreaterThan(2 * SLOTS);
            expect(await heldAt('DSO')).toEqual([]);
            expect(await channelFacts(network.members)).toMatchObject({ invalid: {}, peersAgree: true });
        },
        LIMIT_MS,
    );
});
