import { describe, expect, it } from '@jest/globals';
import { DAY } from '../../testing/community';
import { communityFeeder, pricesByBus, scheduleProblem } from './schedule';

const [HOMES, SLOTS, BUSES, ITERATIONS] = [1000, 100, 50, 1000];
const numbered = <T>(count: number, of: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
const bus = (index: number): string => `b${index}`;
const pricesOf = (slots: number): bigint[] => numbered(slots, () => 1n);

/** As on the wire: whole numbers are decimal strings. */
const problemOf = ({ homes = 1, slots = 96, iterations = 100 }) => ({
    day: DAY,
    slots: String(slots),
    households: numbered(homes, (index) => ({
        mspId: `H${index}MSP`,
        bus: 'root',
        importLimitWh: '1',
        exportLimitWh: '1',
    })),
    grid: numbered(slots, () => ({ retail: '3', feedIn: '1', importLimitWh: '9', exportLimitWh: '9' })),
    floor: '0',
    cap: '5',
    iterations: String(iterations),
    primalToleranceWh: '2',
    dualTolerance: '1',
    overRelaxation: { numerator: '1', denominator: '2' },
    networkWeight: 'one',
    penalty: { initial: '2', least: '1', most: '3', adaptiveUntil: '0' },
    iterationSeconds: '10',
    firstPrices: [{ bus: 'root', pricesNanos: pricesOf(slots).map(String) }],
});
const feederOf = (lines: number) => ({
    ...{ rootVolt: '400', leastVolt: '360', mostVolt: '440', transformerW: '1', homes: {} },
    lines: numbered(lines, (index) => ({
        ...{ bus: bus(index), from: 'root', resistanceMilliohm: '1', reactanceMilliohm: '1', limitW: '1' },
    })),
});
const busPrices = (buses: number) => numbered(buses, (index) => ({ bus: bus(index), pricesNanos: ['1'] }));

describe('the limits of a schedule', () => {
    it.each([
        { what: 'homes', most: HOMES, accepts: (n: number) => scheduleProblem.safeParse(problemOf({ homes: n })) },
        { what: 'slots', most: SLOTS, accepts: (n: number) => scheduleProblem.safeParse(problemOf({ slots: n })) },
        {
            what: 'iterations',
            most: ITERATIONS,
            accepts: (n: number) => scheduleProblem.safeParse(problemOf({ iterations: n })),
        },
        // The root has no line.
        { what: 'lines', most: BUSES - 1, accepts: (n: number) => communityFeeder.safeParse(feederOf(n)) },
        { what: 'buses', most: BUSES, accepts: (n: number) => pricesByBus.safeParse(busPrices(n)) },
    ])('$most $what are accepted, one more is not', ({ most, accepts }) => {
        expect(accepts(most).error).toBeUndefined();
        expect(accepts(most + 1).success).toBe(false);
    });

    it.each([
        { what: 'no home', change: { homes: 0 } },
        { what: 'no iteration', change: { iterations: 0 } },
    ])('$what is no run', ({ change }) => {
        expect(scheduleProblem.safeParse(problemOf(change)).success).toBe(false);
    });
});
