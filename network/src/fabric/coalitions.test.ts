import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { coalitionRule, minimalWinningCoalitions, TWO_THIRDS, type Seat } from './coalitions';
import { and, or, signedBy } from './policy';

const seats = (...weights: readonly number[]): Seat[] =>
    weights.map((weight, index) => ({ mspId: `H${index + 1}`, weight: BigInt(weight) }));

/** Every subset looked at: winning, and losing without any one member. */
function bySubsets(all: readonly Seat[]): string[][] {
    const total = all.reduce((sum, { weight }) => sum + weight, 0n);
    const wins = (members: readonly Seat[]): boolean =>
        members.reduce((sum, { weight }) => sum + weight, 0n) * TWO_THIRDS.denominator > total * TWO_THIRDS.numerator;
    const found: string[][] = [];
    for (let set = 0; set < 2 ** all.length; set += 1) {
        const members = all.filter((_seat, index) => (set & (1 << index)) !== 0);
        if (wins(members) && members.every((left) => !wins(members.filter((seat) => seat !== left)))) {
            found.push(members.map(({ mspId }) => mspId));
        }
    }
    return found;
}

describe('minimal winning coalitions', () => {
    test('of weights 4, 3, 2, 1 are those that the peers were tried with', () => {
        expect(minimalWinningCoalitions(seats(4, 3, 2, 1))).toEqual([
            ['H1', 'H2'],
            ['H1', 'H3', 'H4'],
        ]);
    });

    test.each([
        { weights: [1], coalitions: [['H1']] },
        { weights: [1, 1, 1], coalitions: [['H1', 'H2', 'H3']] },
        {
            weights: [1, 1, 1, 1],
            coalitions: [
                ['H1', 'H2', 'H3'],
                ['H1', 'H2', 'H4'],
                ['H1', 'H3', 'H4'],
                ['H2', 'H3', 'H4'],
            ],
        },
        { weights: [5, 0, 1], coalitions: [['H1']] },
        { weights: [0, 0], coalitions: [] },
    ])('of weights $weights: exactly two thirds is not enough', ({ weights, coalitions }) => {
        expect(minimalWinningCoalitions(seats(...weights))).toEqual(coalitions);
    });

    test('are all minimal winning subsets and no other', () => {
        fc.assert(
            fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 7 }), (weights) => {
                const all = seats(...weights);
                const found = minimalWinningCoalitions(all).map((members) => members.join(' '));
                expect([...found].sort()).toEqual(
                    bySubsets(all)
                        .map((members) => members.join(' '))
                        .sort(),
                );
            }),
            { seed: 7, numRuns: 300 },
        );
    });

    test.each([
        ['two seats of one organisation', [...seats(1), ...seats(1)]],
        ['negative weight', seats(-1, 3)],
        ['too many seats', seats(...new Array<number>(13).fill(1))],
    ])('%s are refused', (_name, all) => {
        expect(() => minimalWinningCoalitions(all)).toThrow(RangeError);
    });

    test('become a rule; without weight there is none', () => {
        expect(coalitionRule(seats(4, 3, 2, 1), 'orderer')).toEqual(
            or(
                and(signedBy('H1', 'orderer'), signedBy('H2', 'orderer')),
                and(signedBy('H1', 'orderer'), signedBy('H3', 'orderer'), signedBy('H4', 'orderer')),
            ),
        );
        expect(() => coalitionRule(seats(0), 'orderer')).toThrow(RangeError);
    });
});
