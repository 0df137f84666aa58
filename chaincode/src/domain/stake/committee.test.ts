import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { committeeFlaw, isQuorum, minimalWinningCoalitions } from '../committee';
import { sha256 } from '../digest';
import { fraction } from '../quantity';
import { elect, seated, type ElectionRules } from './committee';
import { ranking, type Candidate } from './draw';

const RULES: ElectionRules = { rule: 'proportional', seats: 5, capPpm: 330_000n, quorum: fraction(1n, 2n) };
const seedOf = (n: number): Uint8Array => sha256(`election ${n}`);
const candidates = (weights: readonly bigint[]): Candidate[] =>
    weights.map((weight, i) => ({ mspId: `n${i + 10}`, weight }));
/** Members of very different weights, more and fewer than there are seats. */
const crowd = fc.array(fc.bigInt({ min: 5_000n, max: 330_000n }), { minLength: 2, maxLength: 10 }).map(candidates);

describe('an election', () => {
    it.each(['proportional', 'max-w-over-u'] as const)('by %s seats the first of its ranking', (rule) => {
        holds(
            fc.property(crowd, fc.nat(), fc.integer({ min: 2, max: 7 }), (given, n, seats) => {
                const { committee, ranking: order } = elect(given, seedOf(n), { ...RULES, rule, seats });
                expect(order).toEqual(ranking(rule, given, seedOf(n)));
                expect(committee?.seats.map(({ mspId }) => mspId)).toEqual(order.slice(0, seats));
            }),
        );
    });

    it('gives a committee in which nobody decides alone, and from four seats on nobody has a third', () => {
        const quorums = fc.constantFrom(fraction(1n, 2n), fraction(2n, 3n));
        holds(
            fc.property(crowd, fc.nat(), quorums, (given, n, quorum) => {
                const { committee } = elect(given, seedOf(n), { ...RULES, quorum });
                if (committee === undefined) {
                    throw new Error('two members make a committee');
                }
                const { seats } = committee;
                expect(committeeFlaw(committee)).toBeUndefined();
                expect(seats.some(({ mspId }) => isQuorum(committee, [mspId]))).toBe(false);
                expect(minimalWinningCoalitions(committee).length).toBeGreaterThan(0);
                const total = seats.reduce((sum, { weight }) => sum + weight, 0n);
                expect(seats.length < 4 || seats.every(({ weight }) => 3n * weight < total)).toBe(true);
            }),
        );
    });

    it.each([{ weights: [] }, { weights: [7n] }])('of $weights elects nobody', ({ weights }) => {
        expect(elect(candidates(weights), seedOf(1), RULES).committee).toBeUndefined();
    });

    it('with two thirds needs all of two and of three seats, and four of five', () => {
        const quorum = fraction(2n, 3n);
        const smallest = (count: number): number[] => {
            const given = candidates(Array<bigint>(count).fill(100_000n));
            const committee = seated(
                given.map(({ mspId }) => mspId),
                given,
                { ...RULES, quorum },
            );
            return committee === undefined ? [] : minimalWinningCoalitions(committee).map((each) => each.length);
        };
        expect(smallest(2)).toEqual([2]);
        expect(smallest(3)).toEqual([3]);
        expect(new Set(smallest(5))).toEqual(new Set([4]));
    });

    it('leaves out who is no candidate', () => {
        expect(seated(['n10', 'nobody'], candidates([1n, 1n]), RULES)).toBeUndefined();
    });
});
