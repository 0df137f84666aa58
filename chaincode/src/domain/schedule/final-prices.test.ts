import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { fraction } from '../quantity';
import { nanosPerKwh, poolEnergy } from './exchange';
import { finalPrices } from './final-prices';
import { isContent } from './grid-agent';
import { ROOT } from './lin-dist-flow';
import { networkPriceFlaw } from './network-agent';
import type { RunProblem } from './run';

const TOLERANCE = 2n;
const line = (from: string, bus: string, limitWh: bigint) => ({
    from,
    bus,
    resistanceMilliohm: 100n,
    reactanceMilliohm: 30n,
    limitW: 4n * limitWh,
});
const GRID = { retail: nanosPerKwh(30n), feedIn: nanosPerKwh(10n), importLimit: 40n, exportLimit: 20n };

/** Two buses in a row and one beside them, with little room on every line. */
const PROBLEM: RunProblem = {
    rules: {
        slots: 1,
        iterations: 1,
        primalTolerance: TOLERANCE,
        dualTolerance: 0n,
        overRelaxation: fraction(1n, 2n),
        penalty: { initial: 1n, least: 1n, most: 1n, adaptiveUntil: 0 },
    },
    networkWeight: 'one',
    buses: [ROOT, 'b1', 'b2', 'b3'],
    households: [],
    grid: [GRID],
    floor: nanosPerKwh(0n),
    cap: nanosPerKwh(100n),
    feeder: {
        rootVolt: 400n,
        leastVolt: 0n,
        mostVolt: 4_000n,
        transformerW: 4_000n,
        lines: [line(ROOT, 'b1', 20n), line('b1', 'b2', 10n), line(ROOT, 'b3', 10n)],
    },
};

const price = fc.bigInt({ min: 0n, max: 40n }).map(nanosPerKwh);
const energy = fc.bigInt({ min: -10n, max: 10n }).map(poolEnergy);
const four = <T>(each: fc.Arbitrary<T>) => fc.array(each, { minLength: 4, maxLength: 4 });

const settled = (problem: RunProblem, prices: readonly bigint[], taken: readonly bigint[]) =>
    finalPrices(
        problem,
        prices.map((each) => [nanosPerKwh(each)]),
        taken.map((each) => [poolEnergy(each)]),
    ).map(([own = nanosPerKwh(0n)]) => own);

describe('final prices', () => {
    it('are such that grid and network want what they take, whatever λ was', () => {
        const near = { price: 0n, energy: TOLERANCE };
        holds(
            fc.property(four(price), four(energy), (prices, taken) => {
                const total = taken.reduce<bigint>((sum, each) => sum + each, 0n);
                fc.pre(total <= GRID.exportLimit && -total <= GRID.importLimit);
                const final = settled(PROBLEM, prices, taken);
                expect(isContent(GRID, total, final[0] ?? 0n, near)).toBe(true);
                const at = { prices: final, taken };
                expect(networkPriceFlaw(PROBLEM.feeder ?? never(), PROBLEM.buses, at, near)).toBeUndefined();
            }),
        );
    });

    it('are λ where that is what the conditions leave open', () => {
        // Nothing goes to the grid, and both lines to b2 are full towards it.
        expect(settled(PROBLEM, [20n, 23n, 27n, 20n], [20n, -10n, -10n, 0n])).toEqual([20n, 23n, 27n, 20n]);
        // The other way round a full line makes its bus cheaper, never dearer.
        expect(settled(PROBLEM, [20n, 23n, 27n, 20n], [-20n, 10n, 10n, 0n])).toEqual([20n, 20n, 20n, 20n]);
        expect(settled(PROBLEM, [20n, 17n, 13n, 20n], [-20n, 10n, 10n, 0n])).toEqual([20n, 17n, 13n, 20n]);
    });

    it('move together with the root, where the grid trades at its tariff', () => {
        expect(settled(PROBLEM, [28n, 31n, 33n, 28n], [0n, -10n, -10n, 0n])).toEqual([30n, 33n, 35n, 30n]);
    });
});

function never(): never {
    throw new Error('the problem has a feeder');
}
