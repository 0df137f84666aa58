import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { repositoryRoot } from '@commonwatt/network/topology/layout';
import { meterData } from '../commands/day-choice';
import { channelFacts } from '../community/inspection';
import { tradeDay } from '../community/trade';
import type { MeterDay } from '../data/meter-day';
import { daySummary, type DaySummary } from '../report/day-summary';
import { auditDay } from '../testing/audit-day';
import { testNetwork, type TestNetwork } from '../testing/network';
import type { DayResult } from './trading-day';

const DATA = resolve(repositoryRoot, '..', 'shared', 'data', 'gse-community');
const DAY = '2014-10-03';
const isThere = existsSync(join(DATA, 'load.csv'));
const title = isThere ? 'a day of 20 real homes' : `a day of 20 homes: SAMPLE DATA, because ${DATA} is not there`;

describe(title, () => {
    let network: TestNetwork;
    let metered: MeterDay;
    let result: DayResult;
    let summary: DaySummary;
    beforeAll(async () => {
        network = await testNetwork(20, 27_600);
        const { members, charter, startSeconds } = network;
        const choice = {
            forecast: 'perfect' as const,
            ...(isThere ? { data: DATA, day: DAY } : { day: '2025-04-16' }),
        };
        ({ metered } = meterData(members.topology, choice));
        result = await tradeDay(members, { charter, metered, progress: { report: () => undefined } });
        summary = daySummary(result, await channelFacts(members), startSeconds);
    }, 400_000);
    afterAll(async () => {
        await network.stop();
    }, 300_000);

    it('has 96 rounds, and every order and reading on the ledger', () => {
        // Contracts with storage come first: homes order what they leave, the storage system what it has besides.
        const contracted = new Map(
            result.households.map(({ home, settlement }) => [home, settlement.slots.map(contractedWh)]),
        );
        const storage = result.contracts.attestations[0]?.storage;
        const nets = metered.homes.flatMap(({ home, consumed, produced }) =>
            consumed.slice(1).map((end, i) => {
                const net = (produced[i + 1] ?? 0n) - (produced[i] ?? 0n) - end + (consumed[i] ?? 0n);
                return `${home}MSP` === storage ? net : net - (contracted.get(home)?.[i] ?? 0n);
            }),
        );
        const closed = result.rounds.flatMap((round) => round.closed ?? []);
        expect(summary).toMatchObject({ homes: 20, rounds: 96 });
        expect(closed).toHaveLength(nets.filter((net) => net !== 0n).length);
        expect(result.households.every(({ settlement }) => settlement.slots.length === 96)).toBe(true);
        expect(result.refusedOrders).toEqual([]);
    });

    it('has contracts with storage, every one of them delivered', () => {
        expect(summary.contracts.length).toBeGreaterThan(0);
        expect(summary.contracts.map(({ status }) => status)).toEqual(summary.contracts.map(() => 'confirmed'));
        expect(result.refusedContracts).toEqual([]);
    });

    it('trades what there is to trade', () => {
        expect(summary.tradedWh).toBeGreaterThanOrEqual(isThere ? 19_000 : 8_000);
    });

    it('conserves energy and money exactly, and leaves nobody worse off', () => {
        expect(summary).toMatchObject({ energyImbalanceWh: 0, moneyImbalanceNanos: 0, worseOff: [] });
        expect(summary.savedMicros).toBeGreaterThan(0);
        expect(summary.sellersGainMicros).toBeGreaterThan(0);
    });

    it('has the prices, fills and bills that an independent computation has, to the nano', () => {
        auditDay(result, metered);
    });

    it('has no invalid transaction, and peers that agree byte for byte', () => {
        expect(summary).toMatchObject({ invalid: {}, peersAgree: true });
        expect(summary.transactions).toBeGreaterThan(450);
    });
});

const contractedWh = ({ contractedWh: energy = 0n }: { readonly contractedWh?: bigint | undefined }): bigint => energy;
