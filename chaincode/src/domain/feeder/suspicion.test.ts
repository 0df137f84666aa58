import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { netEnergy } from '../quantity';
import { explain, LEAST_EXPLAINED_PPM, LEAST_LEAD_PPM, suspect, type MeterOfDay } from './suspicion';

const meter = (mspId: string, ...nets: number[]): MeterOfDay => ({
    mspId,
    metered: nets.map((net) => netEnergy(BigInt(net))),
});
const big = (...values: number[]): bigint[] => values.map((value) => BigInt(value));

// Six slots with habits of their own.
const H1 = meter('H1MSP', -100, -400, -100, -200, -500, -100);
const H2 = meter('H2MSP', -300, -100, -200, -100, -100, -400);
const H3 = meter('H3MSP', 0, 100, 300, 400, 200, 0);

describe('the meter that does not fit', () => {
    it.each([
        // H1's meter counts half: as much again is missing. H3's generation is counted a quarter too high.
        {
            what: 'counts half',
            residuals: big(100, 400, 100, 200, 500, 100),
            by: 'H1MSP',
            slope: 1_000_000n,
            side: 'consumption',
        },
        {
            what: 'counts half, with noise',
            residuals: big(103, 396, 99, 204, 497, 100),
            by: 'H1MSP',
            slope: 990_000n,
            side: 'consumption',
        },
        {
            what: 'adds a quarter to generation',
            residuals: big(0, 25, 75, 100, 50, 0),
            by: 'H3MSP',
            slope: 250_000n,
            side: 'generation',
        },
    ])('is found where it $what', ({ residuals, by, slope, side }) => {
        const found = suspect(residuals, [H1, H2, H3]);
        expect(found).toMatchObject({ mspId: by, side });
        expect(Number(found?.slopePpm)).toBeCloseTo(Number(slope), -5);
    });

    it.each([
        { what: 'nothing is missing', residuals: big(0, 0, 0, 0, 0, 0), meters: [H1, H2, H3] },
        {
            what: 'the same is missing all day: a by-pass',
            residuals: big(50, 50, 50, 50, 50, 50),
            meters: [H1, H2, H3],
        },
        {
            what: 'energy is missing where the meters show less',
            residuals: big(-100, -400, -100, -200, -500, -100),
            meters: [H1],
        },
        {
            what: 'two live alike',
            residuals: big(100, 400, 100, 200, 500, 100),
            meters: [H1, { ...H1, mspId: 'H9MSP' }],
        },
        { what: 'two cheat at once', residuals: big(400, 500, 300, 300, 600, 500), meters: [H1, H2] },
        { what: 'a meter shows nothing', residuals: big(1, 2, 1, 2, 1, 2), meters: [meter('H4MSP', 0, 0, 0, 0, 0, 0)] },
    ])('is nobody’s where $what', ({ residuals, meters }) => {
        expect(suspect(residuals, meters)).toBeUndefined();
    });

    it('is compared in whole numbers exactly as with fractions', () => {
        const residual = fc.integer({ min: -5, max: 5 });
        const net = fc.integer({ min: -5, max: 5 });
        holds(
            fc.property(fc.array(fc.tuple(residual, net), { minLength: 2, maxLength: 8 }), (pairs) => {
                const [residuals, metered] = [pairs.map(([r]) => r), pairs.map(([, m]) => m)];
                const expected = (['consumption', 'generation'] as const)
                    .map((side) =>
                        slow(
                            residuals,
                            metered.map((m) => Math.max(0, side === 'consumption' ? -m : m)),
                        ),
                    )
                    .reduce((most, each) => Math.max(most, each), 0);
                const found = explain(big(...residuals), big(...metered));
                expect(Number(found?.explainedPpm ?? 0n)).toBeCloseTo(expected, -1);
            }),
        );
    });

    it('is never named without a lead over all others', () => {
        const day = fc.array(fc.bigInt({ min: -3n, max: 3n }), { minLength: 4, maxLength: 4 });
        holds(
            fc.property(day, fc.array(day, { maxLength: 4 }), (residuals, days) => {
                const meters = days.map((nets, i) => ({ mspId: `H${i}MSP`, metered: nets.map(netEnergy) }));
                const found = suspect(residuals, meters);
                const best = found?.explainedPpm ?? 2_000_000n;
                for (const { metered } of meters.filter(({ mspId }) => mspId !== found?.mspId)) {
                    expect((explain(residuals, metered)?.explainedPpm ?? 0n) + LEAST_LEAD_PPM <= best).toBe(true);
                }
                expect(best >= LEAST_EXPLAINED_PPM).toBe(true);
            }),
        );
    });
});

/** r² in parts of a million by the textbook, with fractions; 0 where it is negative or not defined. */
function slow(residuals: readonly number[], energies: readonly number[]): number {
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const [mr, me] = [mean(residuals), mean(energies)];
    const sum = (of: (i: number) => number): number => residuals.reduce((all, _, i) => all + of(i), 0);
    const r = (i: number): number => (residuals[i] ?? 0) - mr;
    const e = (i: number): number => (energies[i] ?? 0) - me;
    const [both, ee, rr] = [sum((i) => r(i) * e(i)), sum((i) => e(i) * e(i)), sum((i) => r(i) * r(i))];
    return both <= 1e-9 || ee < 1e-9 || rr < 1e-9 ? 0 : (both * both * 1e6) / (ee * rr);
}
