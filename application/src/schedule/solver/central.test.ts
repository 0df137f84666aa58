import { describe, expect, it, test } from '@jest/globals';
import { fraction } from '@commonwatt/chaincode/domain/quantity';
import { nanosPerKwh } from '@commonwatt/chaincode/domain/schedule/exchange';
import type { GridSlot } from '@commonwatt/chaincode/domain/schedule/grid-agent';
import fc from 'fast-check';
import { generatedDay, gridOf } from '../../bench/schedule/bench-communities';
import { finished } from '../../bench/schedule/exchange-figures';
import { homeModel, type Device, type Home } from '../models/home';
import { centralOptimum, gridCost, priceRanges } from './central';

const GRID: GridSlot = {
    retail: nanosPerKwh(300_000_000n),
    feedIn: nanosPerKwh(80_000_000n),
    importLimit: 1_000_000n,
    exportLimit: 1_000_000n,
};
const homeOf = (...devices: Device[]): Home => ({ home: 'H1', importLimit: 50_000n, exportLimit: 50_000n, devices });
const load = (...energies: bigint[]): Device => ({ kind: 'load', device: 'load', energies });
const pv = (...available: bigint[]): Device => ({ kind: 'pv', device: 'pv', available });

describe('the central optimum', () => {
    test.each([
        { what: 'a load buys', devices: [load(1000n, 2000n)], cost: 0.9, prices: [0.3, 0.3] },
        { what: 'panels sell', devices: [pv(1000n, 0n)], cost: -0.08, prices: [0.08, undefined] },
        {
            what: 'a battery keeps what the sun brings for the evening',
            devices: [
                load(0n, 2000n),
                pv(3000n, 0n),
                { kind: 'battery', device: 'b', capacity: 1000n, first: 0n, charge: 5000n, discharge: 5000n },
            ],
            cost: -0.16 + 0.3,
            prices: [0.08, 0.3],
        },
        {
            what: 'what a lossy battery still has room for makes the sun worth the evening less losses',
            devices: [
                load(0n, 2000n),
                pv(1000n, 0n),
                {
                    kind: 'battery',
                    device: 'b',
                    capacity: 5000n,
                    first: 0n,
                    charge: 5000n,
                    discharge: 5000n,
                    chargeEfficiency: fraction(9n, 10n),
                    dischargeEfficiency: fraction(9n, 10n),
                },
            ],
            cost: 0.3 * (2 - 0.81),
            prices: [0.3 * 0.81, 0.3],
        },
        {
            what: 'a machine waits for the sun',
            devices: [pv(0n, 1500n), { kind: 'deferrable', device: 'm', profile: [1000n], earliest: 0, latest: 1 }],
            cost: -0.04,
            prices: [undefined, 0.08],
        },
    ] satisfies { what: string; devices: Device[]; cost: number; prices: (number | undefined)[] }[])(
        '$what',
        async ({ devices, cost, prices }) => {
            const optimum = await centralOptimum({ homes: [homeOf(...devices)], grid: [GRID, GRID] });
            expect(optimum.cost).toBeCloseTo(cost, 6);
            prices.forEach((price, t) => {
                if (price !== undefined) {
                    expect((optimum.prices[t] ?? 0) / 1e9).toBeCloseTo(price, 6);
                }
            });
        },
    );

    it('leaves a price open where nobody trades with the grid, and says between which', async () => {
        const homes = [homeOf(load(1000n, 500n), pv(1000n, 0n))];
        const ranges = await priceRanges({ homes, grid: [GRID, GRID] });
        const [balanced, bought] = [ranges.get(0), ranges.get(1)];
        expect(balanced?.least).toBeCloseTo(80e6, -2);
        expect(balanced?.most).toBeCloseTo(300e6, -2);
        expect(bought?.least).toBeCloseTo(300e6, -2);
        expect(bought?.most).toBeCloseTo(300e6, -2);
    });

    it('examines the slots it is asked for, and none after its time', async () => {
        const problem = { homes: [homeOf(load(1000n, 500n))], grid: [GRID, GRID] };
        expect([...(await priceRanges(problem, { slots: [1] })).keys()]).toEqual([1]);
        expect([...(await priceRanges(problem, { until: 0 })).keys()]).toEqual([]);
    });
});

describe("a home's step is the optimum of its own problem", () => {
    // With one home, the penalty far below the tariffs' difference and z at its own optimum, the step cannot be cheaper than the LP, and is as cheap.
    const slots = 24;
    const energy = (most: number) =>
        fc.array(fc.bigInt({ min: 0n, max: BigInt(most) }), { minLength: slots, maxLength: slots });

    it.each([{ percent: 100n }, { percent: 90n }])('with a battery of $percent %', async ({ percent }) => {
        await fc.assert(
            fc.asyncProperty(energy(900), energy(1500), async (used, sun) => {
                const home = homeOf(load(...used), pv(...sun), {
                    kind: 'battery',
                    device: 'b',
                    capacity: 4000n,
                    first: 2000n,
                    charge: 900n,
                    discharge: 900n,
                    chargeEfficiency: fraction(percent, 100n),
                    dischargeEfficiency: fraction(percent, 100n),
                });
                const prices = used.map((_, t) => nanosPerKwh(t % 12 < 6 ? 80_000_000n : 300_000_000n));
                const grid = prices.map((price) => ({ ...GRID, retail: price, feedIn: price }));
                const optimum = await centralOptimum({ homes: [home], grid });
                const reference = [...(optimum.energies.get('H1') ?? [])];
                const { energies } = await homeModel(home, slots).step({ prices, penalty: 100n, reference });
                const cost = gridCost(grid, energies);
                // Rounding to whole Wh, and with losses 1 Wh at each bound, cost a few Wh at retail.
                expect(cost).toBeGreaterThan(optimum.cost - 0.001);
                expect(cost).toBeLessThan(optimum.cost + 0.004);
            }),
            { numRuns: 25, seed: 20141003 },
        );
    });
});

describe('the exchange against the central optimum', () => {
    it('of a generated day of twenty homes with eight batteries costs no more than rounding to Wh explains', async () => {
        const day = generatedDay(20, '2025-04-20');
        const optimum = await centralOptimum({ homes: day.homes, grid: gridOf(96) });
        const { last, problem } = await finished(day);
        expect(last.end).toBe('converged');
        const sums = problem.grid.map((_, t) => last.answers.reduce((sum, own) => sum + (own[t] ?? 0n), 0n));
        const gap = gridCost(problem.grid, sums) - optimum.cost;
        expect(gap).toBeGreaterThan(-0.001);
        expect(gap / Math.abs(optimum.cost)).toBeLessThan(0.001);
    });
});
