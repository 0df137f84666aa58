import { describe, expect, it } from '@jest/globals';
import type { ScheduleProblem, ScheduleRun } from '@commonwatt/chaincode/api/records';
import { EXCHANGE } from '../testing/exchange-homes';
import { record, ScheduleLedger } from '../testing/schedule-ledger';
import { Coordinator } from './coordinator';

const [H1, H2, H3] = ['H1MSP', 'H2MSP', 'H3MSP'];
const [home] = EXCHANGE.households;
const PROBLEM: ScheduleProblem = {
    ...EXCHANGE,
    households: [H1, H2, H3].flatMap((mspId) => (home === undefined ? [] : [{ ...home, mspId }])),
};
const RUN: ScheduleRun = {
    problemHash: 'a'.repeat(64),
    openedAt: 0,
    deadline: 900,
    steppedAt: 0,
    iteration: 0,
    prices: EXCHANGE.firstPrices,
    penalty: 1n,
    residuals: null,
    bookHash: null,
    missed: [],
};

/** The iteration of each home's newest answer. */
function coordinator(answered: Readonly<Record<string, number>>): Coordinator {
    const markers = Object.entries(answered).map(([mspId, iteration]) => {
        const isNone = iteration === 0;
        const hash = isNone ? null : 'b'.repeat(64);
        return { mspId, day: EXCHANGE.day, iteration: String(iteration), hash, holders: [] };
    });
    return new Coordinator(new ScheduleLedger(record('open')).calls('DSOMSP', { 'schedule:submissions': markers }));
}

describe('a coordinator waits', () => {
    it.each<{ who: string; answered: Record<string, number>; run: Partial<ScheduleRun>; awaited: string[] }>([
        { who: 'for all in the first iteration', answered: { [H1]: 0, [H2]: 1, [H3]: 0 }, run: {}, awaited: [H1, H3] },
        {
            who: 'for who answered in the last one',
            answered: { [H1]: 3, [H2]: 2, [H3]: 2 },
            run: { iteration: 2 },
            awaited: [H2, H3],
        },
        {
            who: 'for who was late in the last one',
            answered: { [H1]: 3, [H2]: 3, [H3]: 1 },
            run: { iteration: 2, missed: [{ mspId: H3, iterations: [2] }] },
            awaited: [H3],
        },
        {
            who: 'not for who could not answer in the last one, and was not late: it has no cover',
            answered: { [H1]: 3, [H2]: 3, [H3]: 0 },
            run: { iteration: 2, missed: [{ mspId: H3, iterations: [1] }] },
            awaited: [],
        },
        {
            who: 'for nobody where all have answered',
            answered: { [H1]: 3, [H2]: 3, [H3]: 3 },
            run: { iteration: 2 },
            awaited: [],
        },
    ])('$who', async ({ answered, run, awaited }) => {
        expect(await coordinator(answered).awaited(PROBLEM, { ...RUN, ...run })).toEqual(awaited);
    });
});
