import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import {
    chiSquared,
    committeeLaw,
    decimal,
    largestQuotientLaw,
    proportionalLaw,
    text,
    type Exact,
} from '../../testing/stake/exact-laws';
import { fromHex, sha256 } from '../digest';
import { drawOne, ranking, uniformBelow, type Candidate, type DrawRule } from './draw';

const candidates = (weights: readonly bigint[]): Candidate[] =>
    weights.map((weight, i) => ({ mspId: `n${i + 1}`, weight }));
const FIVE_THREE_TWO = [5n, 3n, 2n];
const seedOf = (n: number): Uint8Array => sha256(`seed${n}`);

/** Upper one-in-a-thousand points of χ² by degrees of freedom. */
const CRITICAL: Readonly<Record<number, number>> = { 1: 10.83, 2: 13.82, 3: 16.27, 5: 20.52, 9: 27.88 };
const DRAWS = 10_000;
/** The same draws are compared with several laws. */
const known = new Map<string, number[]>();

function countsOf(rule: DrawRule, weights: readonly bigint[]): number[] {
    const name = `${rule} ${weights.join(' ')}`;
    const before = known.get(name);
    if (before !== undefined) {
        return before;
    }
    const counts = weights.map(() => 0);
    for (let n = 0; n < DRAWS; n += 1) {
        const [first = ''] = ranking(rule, candidates(weights), seedOf(n));
        const winner = Number(first.slice(1)) - 1;
        counts[winner] = (counts[winner] ?? 0) + 1;
    }
    known.set(name, counts);
    return counts;
}

describe('one draw', () => {
    it.each([
        { seed: fromHex('101297f1ca7dc44ef6088d94ad5fb7ba03455dc33d53ddb412bbc4564ed986ec'), x: 8n, winner: 'n3' },
        { seed: fromHex('28554ffdaccebd7ecb9f313a72e272e27fe3f2c7b1d15b1c6a7df5a361769dd8'), x: 5n, winner: 'n2' },
        { seed: seedOf(0), x: 5n, winner: 'n2' },
        { seed: fromHex('35b0fad16758b58124f39f00d26061704514be4e39c1e03b7b23534afd6081e3'), x: 0n, winner: 'n1' },
        { seed: seedOf(2), x: 0n, winner: 'n1' },
    ])('gives $x, so $winner', ({ seed, x, winner }) => {
        expect(uniformBelow(10n, seed)).toBe(x);
        expect(drawOne(candidates(FIVE_THREE_TWO), seed).mspId).toBe(winner);
    });

    it('rejects what would favour the small numbers, and draws again', () => {
        // Above half of all hashes about every second one is rejected.
        const bound = 2n ** 255n + 1n;
        holds(
            fc.property(fc.nat(), (n) => {
                expect(uniformBelow(bound, seedOf(n))).toBeLessThan(bound);
            }),
        );
        expect(() => uniformBelow(0n, seedOf(0))).toThrow(RangeError);
    });

    it('does not depend on the order in which the candidates are given', () => {
        const weights = fc.array(fc.bigInt({ min: 1n, max: 5n }), { minLength: 1, maxLength: 6 });
        holds(
            fc.property(weights, fc.nat(), (given, n) => {
                const asked = candidates(given);
                expect(drawOne([...asked].reverse(), seedOf(n))).toEqual(drawOne(asked, seedOf(n)));
            }),
        );
    });
});

describe('a ranking', () => {
    const RULES: readonly DrawRule[] = ['proportional', 'max-w-over-u'];

    it.each(RULES)('by %s names everybody once', (rule) => {
        const weights = fc.array(fc.bigInt({ min: 1n, max: 5n }), { maxLength: 7 });
        holds(
            fc.property(weights, fc.nat(), (given, n) => {
                const drawn = ranking(rule, candidates(given), seedOf(n));
                expect([...drawn].sort()).toEqual(candidates(given).map(({ mspId }) => mspId));
                expect(ranking(rule, candidates(given).reverse(), seedOf(n))).toEqual(drawn);
            }),
        );
    });

    it('has no place for who weighs nothing', () => {
        expect(() => ranking('proportional', candidates([1n, 0n]), seedOf(0))).toThrow(RangeError);
    });
});

describe('the law', () => {
    it.each<{ weights: bigint[]; law: string[] }>([
        { weights: [3n, 1n], law: ['5/6', '1/6'] },
        { weights: [2n, 1n], law: ['3/4', '1/4'] },
        { weights: [5n, 3n, 2n], law: ['29/50', '13/50', '4/25'] },
        { weights: [4n, 3n, 2n, 1n], law: ['175/384', '37/128', '67/384', '31/384'] },
    ])('of the largest W/U is not proportional: $weights', ({ weights, law }) => {
        expect(largestQuotientLaw(weights).map(text)).toEqual(law);
    });

    it.each([[[3n, 1n]], [[2n, 1n]], [[5n, 3n, 2n]], [[4n, 3n, 2n, 1n]]])(
        'of %p is met by each rule, and by neither the other',
        (weights) => {
            const critical = CRITICAL[weights.length - 1] ?? 0;
            const chi = (rule: DrawRule, law: readonly Exact[]): number => chiSquared(countsOf(rule, weights), law);
            expect(chi('proportional', proportionalLaw(weights))).toBeLessThan(critical);
            expect(chi('max-w-over-u', largestQuotientLaw(weights))).toBeLessThan(critical);
            expect(chi('max-w-over-u', proportionalLaw(weights))).toBeGreaterThan(5 * critical);
            expect(chi('proportional', largestQuotientLaw(weights))).toBeGreaterThan(5 * critical);
        },
    );

    it.each([
        { weights: [4n, 3n, 2n, 1n], k: 2 },
        { weights: [5n, 4n, 3n, 2n, 1n], k: 3 },
    ])('of committees of $k from $weights is that of drawing without replacement', ({ weights, k }) => {
        const law = committeeLaw(weights, k);
        expect([...law.values()].reduce((sum, chance) => sum + decimal(chance), 0)).toBeCloseTo(1, 12);
        const counts = (rule: DrawRule): number[] => {
            const found = new Map([...law.keys()].map((name) => [name, 0]));
            for (let n = 0; n < DRAWS; n += 1) {
                const seats = ranking(rule, candidates(weights), seedOf(n)).slice(0, k);
                const name = seats
                    .map((mspId) => Number(mspId.slice(1)) - 1)
                    .sort((a, b) => a - b)
                    .join(' ');
                found.set(name, (found.get(name) ?? 0) + 1);
            }
            return [...found.values()];
        };
        const critical = CRITICAL[law.size - 1] ?? 0;
        expect(chiSquared(counts('proportional'), [...law.values()])).toBeLessThan(critical);
        expect(chiSquared(counts('max-w-over-u'), [...law.values()])).toBeGreaterThan(5 * critical);
    });
});
