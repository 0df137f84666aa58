import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../testing/property';
import { firstOnes } from './selection';

const byNumber = (one: number, other: number): number => one - other;
const sorted = (items: readonly number[], count: number): number[] => [...items].sort(byNumber).slice(0, count);
const found = (items: readonly number[], count: number): number[] => firstOnes(items, count, byNumber).sort(byNumber);

describe('the first ones of a list', () => {
    it('are those that sorting would put first, and the list stays as it is', () => {
        const lists = fc.uniqueArray(fc.integer({ min: -500, max: 500 }), { maxLength: 300 });
        holds(
            fc.property(lists, fc.nat({ max: 310 }), (items, count) => {
                const before = [...items];
                expect(found(items, count)).toEqual(sorted(items, count));
                expect(items).toEqual(before);
            }),
        );
    });

    const MANY = 2_000;
    const up = Array.from({ length: MANY }, (_, i) => i);
    it.each([
        { what: 'rising', items: up },
        { what: 'falling', items: [...up].reverse() },
        { what: 'in an organ pipe', items: up.map((i) => (i < MANY / 2 ? 2 * i : 2 * (MANY - i) - 1)) },
        { what: 'with the least in the places of pivots', items: up.map((i) => (i % 3 === 0 ? i : 10_000 - i)) },
    ])('are found $what, with few comparisons', ({ items }) => {
        for (const count of [0, 1, 700, MANY - 1, MANY]) {
            let compared = 0;
            const first = firstOnes(items, count, (one, other) => {
                compared += 1;
                return one - other;
            });
            expect(first.sort(byNumber)).toEqual(sorted(items, count));
            expect(compared).toBeLessThan(20 * MANY);
        }
    });
});
