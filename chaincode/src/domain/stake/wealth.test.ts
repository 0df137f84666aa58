import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { DEFAULT_PARAMETERS, parametersFlaw, parametersOn } from './parameters';
import { cappedWeights, PPM, wealthOf, type Standing, type WealthParameters } from './wealth';

const PARAMETERS: WealthParameters = DEFAULT_PARAMETERS;
const standing = (mspId: string, tokens: bigint, age = 0, reputation = 0n): Standing => ({
    mspId,
    tokens,
    age,
    reputation,
});
const total = (weights: readonly bigint[]): bigint => weights.reduce((a, b) => a + b, 0n);
const weightsOf = (standings: readonly Standing[], parameters = PARAMETERS): bigint[] =>
    wealthOf(standings, parameters).map(({ weight }) => weight);

const anyStandings = (least: number, most: number): fc.Arbitrary<Standing[]> =>
    fc
        .array(
            fc.tuple(fc.bigInt({ min: 0n, max: 5n }), fc.integer({ min: 0, max: 40 }), fc.bigInt({ min: 0n, max: 3n })),
            {
                minLength: least,
                maxLength: most,
            },
        )
        .map((rows) => rows.map(([tokens, age, reputation], i) => standing(`H${i + 10}`, tokens, age, reputation)));

describe('wealth', () => {
    it('is αE + βA + γR of the shares', () => {
        const standings = [
            standing('A', 1n, 1, 0n),
            standing('B', 1n, 3, 0n),
            standing('C', 1n, 0, 5n),
            standing('D', 1n),
        ];
        // 187,500, 312,500, 375,000 and 125,000 before the cap. What C has above it lifts B above it too.
        expect(wealthOf(standings, PARAMETERS)).toMatchObject([
            { energyPpm: 250_000n, agePpm: 250_000n, reputationPpm: 0n, weight: 204_000n },
            { energyPpm: 250_000n, agePpm: 750_000n, reputationPpm: 0n, weight: 330_000n },
            { energyPpm: 250_000n, agePpm: 0n, reputationPpm: 1_000_000n, weight: 330_000n },
            { energyPpm: 250_000n, agePpm: 0n, reputationPpm: 0n, weight: 136_000n },
        ]);
    });

    it('of nobody who did anything is equal', () => {
        expect(weightsOf(['A', 'B', 'C', 'D', 'E'].map((mspId) => standing(mspId, 0n)))).toEqual(
            Array(5).fill(200_000n),
        );
    });

    it('of fewer than four is equal, whatever they did', () => {
        expect(weightsOf([standing('A', 1_000n, 9, 9n), standing('B', 0n)])).toEqual([500_000n, 500_000n]);
        expect(weightsOf([standing('A', 1_000n), standing('B', 1n), standing('C', 0n)])).toEqual(
            Array(3).fill(333_333n),
        );
        expect(weightsOf([standing('A', 0n)])).toEqual([PPM]);
    });

    it('of one against many is the cap, of a newcomer the floor', () => {
        const crowd = Array.from({ length: 9 }, (_, i) => standing(`M${i}`, 1n, 5, 100n));
        const weights = weightsOf([standing('A', 1_000_000n, 30, 10_000n), ...crowd, standing('Z', 0n)]);
        expect(weights[0]).toBe(330_000n);
        expect(weights.at(-1)).toBeGreaterThan(0n);
        expect(total(weights)).toBe(PPM);
    });

    it('adds up to a million, leaves nobody out and gives nobody a third', () => {
        holds(
            fc.property(anyStandings(4, 40), fc.bigInt({ min: 1_000n, max: 333_333n }), (standings, capPpm) => {
                const weights = weightsOf(standings, { ...PARAMETERS, floorPpm: 1_000n, capPpm });
                const equal = (PPM + BigInt(standings.length) - 1n) / BigInt(standings.length);
                const cap = capPpm > equal ? capPpm : equal;
                expect(total(weights)).toBe(PPM);
                expect(weights.every((weight) => weight >= 1n && weight <= cap && 3n * weight < PPM)).toBe(true);
            }),
        );
    });

    it('does not depend on the order in which members are given', () => {
        holds(
            fc.property(anyStandings(1, 9), (standings) => {
                expect(wealthOf([...standings].reverse(), PARAMETERS)).toEqual(wealthOf(standings, PARAMETERS));
            }),
        );
    });

    it('grows with what a member does', () => {
        holds(
            fc.property(anyStandings(4, 9), fc.bigInt({ min: 1n, max: 9n }), (standings, more) => {
                const [first, ...others] = standings;
                if (first === undefined) {
                    return;
                }
                const before = weightsOf(standings)[0] ?? 0n;
                const better = {
                    ...first,
                    tokens: first.tokens + more,
                    age: first.age + 1,
                    reputation: first.reputation + more,
                };
                // One unit: the largest remainder may round the other way.
                expect((weightsOf([better, ...others])[0] ?? 0n) + 1n).toBeGreaterThanOrEqual(before);
            }),
        );
    });
});

describe('capped weights', () => {
    it.each([
        { raw: [97n, 1n, 1n, 1n], cap: 330_000n, capped: [330_000n, 223_334n, 223_333n, 223_333n] },
        { raw: [60n, 35n, 3n, 2n], cap: 330_000n, capped: [330_000n, 330_000n, 204_000n, 136_000n] },
        { raw: [1n, 1n, 1n, 1n], cap: 100_000n, capped: Array<bigint>(4).fill(250_000n) },
        { raw: [9n, 9n, 9n, 1n], cap: 333_333n, capped: [321_429n, 321_429n, 321_428n, 35_714n] },
        { raw: [9n, 9n, 9n, 1n], cap: 300_000n, capped: [300_000n, 300_000n, 300_000n, 100_000n] },
    ])('of $raw under $cap', ({ raw, cap, capped }) => {
        expect(cappedWeights(raw, cap)).toEqual(capped);
    });

    it('are not made of weights that are none', () => {
        expect(() => cappedWeights([1n, 0n, 1n, 1n], 330_000n)).toThrow(RangeError);
    });

    it('keep the order and the proportions below the cap', () => {
        const weights = fc.array(fc.bigInt({ min: 1n, max: 9n }), { minLength: 4, maxLength: 9 });
        holds(
            fc.property(weights, (raw) => {
                const capped = cappedWeights(raw, 300_000n);
                for (const [i, one] of raw.entries()) {
                    for (const [j, other] of raw.entries()) {
                        const [a = 0n, b = 0n] = [capped[i], capped[j]];
                        if (one > other) {
                            expect(a).toBeGreaterThanOrEqual(b);
                        }
                        if (a < 300_000n && b < 300_000n) {
                            // Cross products differ by rounding alone.
                            const difference = a * other - b * one;
                            expect(difference < 0n ? -difference : difference).toBeLessThanOrEqual(one + other);
                        }
                    }
                }
            }),
        );
    });
});

describe('parameters', () => {
    const given = { ...DEFAULT_PARAMETERS, fromDay: '2014-10-01' };
    it.each([
        { what: 'the defaults', change: {}, isFlawed: false },
        { what: 'terms that do not add up', change: { alphaPpm: 1n }, isFlawed: true },
        { what: 'a floor above the cap', change: { floorPpm: 330_001n }, isFlawed: true },
    ])('$what', ({ change, isFlawed }) => {
        expect(parametersFlaw({ ...given, ...change }) !== undefined).toBe(isFlawed);
    });

    it('apply from their day on', () => {
        const sets = [{ fromDay: '2014-10-01' }, { fromDay: '2014-11-01' }];
        const on = (day: string): string | undefined => parametersOn(sets, day)?.fromDay;
        expect(['2014-09-30', '2014-10-01', '2014-10-31', '2014-12-01'].map(on)).toEqual([
            undefined,
            '2014-10-01',
            '2014-10-01',
            '2014-11-01',
        ]);
    });
});
