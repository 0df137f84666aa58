import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../testing/property';
import { appointedCommittees, committeeFlaw, isQuorum, minimalWinningCoalitions, type Committee } from './committee';
import { fraction } from './quantity';
import { slot } from './slot';

const TWO_THIRDS = fraction(2n, 3n);
const committee = (quorum = TWO_THIRDS, ...weights: bigint[]): Committee => ({
    seats: weights.map((weight, i) => ({ mspId: `H${i + 1}MSP`, weight })),
    quorum,
});

describe('minimalWinningCoalitions', () => {
    it.each([
        { weights: [4n, 3n, 2n, 1n], quorum: TWO_THIRDS, coalitions: ['H1 H2', 'H1 H3 H4'] },
        { weights: [1n, 1n, 1n], quorum: fraction(1n, 2n), coalitions: ['H1 H2', 'H1 H3', 'H2 H3'] },
        { weights: [1n, 1n], quorum: fraction(1n, 2n), coalitions: ['H1 H2'] },
        { weights: [5n], quorum: TWO_THIRDS, coalitions: ['H1'] },
        { weights: [9n, 1n, 1n], quorum: fraction(1n, 2n), coalitions: ['H1'] },
    ])('of $weights', ({ weights, quorum, coalitions }) => {
        const found = minimalWinningCoalitions(committee(quorum, ...weights));
        expect(found.map((names) => names.join(' ').replaceAll('MSP', ''))).toEqual(coalitions);
    });

    it('are quorums without anybody to spare, and every quorum contains one', () => {
        const weights = fc.array(fc.bigInt({ min: 1n, max: 4n }), { minLength: 1, maxLength: 7 });
        holds(
            fc.property(weights, fc.nat(127), (given, choice) => {
                const given7 = committee(TWO_THIRDS, ...given);
                const names = given7.seats.map(({ mspId }) => mspId);
                const chosen = names.filter((_, i) => (choice & (1 << i)) !== 0);
                const coalitions = minimalWinningCoalitions(given7);
                const contains = coalitions.some((one) => one.every((mspId) => chosen.includes(mspId)));
                expect(contains).toBe(isQuorum(given7, chosen));
                for (const one of coalitions) {
                    expect(
                        one.some((leaver) =>
                            isQuorum(
                                given7,
                                one.filter((mspId) => mspId !== leaver),
                            ),
                        ),
                    ).toBe(false);
                }
            }),
            100,
        );
    });
});

describe('isQuorum', () => {
    it('counts a seat once, and strangers not at all', () => {
        const three = committee(fraction(1n, 2n), 1n, 1n, 1n);
        expect(isQuorum(three, ['H1MSP', 'H1MSP', 'DSOMSP'])).toBe(false);
        expect(isQuorum(three, ['H1MSP', 'H3MSP'])).toBe(true);
    });

    it('wants more than the fraction, not just as much', () => {
        expect(isQuorum(committee(TWO_THIRDS, 1n, 1n, 1n), ['H1MSP', 'H2MSP'])).toBe(false);
    });
});

it.each([
    { seats: [], flaw: '1 to 7 seats' },
    { seats: Array.from({ length: 8 }, (_, i) => ({ mspId: `H${i}`, weight: 1n })), flaw: '1 to 7 seats' },
    { seats: [{ mspId: 'H1', weight: 0n }], flaw: 'weight 0' },
    {
        seats: [
            { mspId: 'H1', weight: 1n },
            { mspId: 'H1', weight: 2n },
        ],
        flaw: 'two seats',
    },
])('refuses a committee with $flaw', ({ seats, flaw }) => {
    expect(committeeFlaw({ seats, quorum: TWO_THIRDS })).toContain(flaw);
    expect(() => minimalWinningCoalitions({ seats, quorum: TWO_THIRDS })).toThrow(flaw);
});

it('lets the latest appointed committee serve', () => {
    const term = (fromSlot: number, weight: bigint) => ({ ...committee(TWO_THIRDS, weight), fromSlot: slot(fromSlot) });
    const source = appointedCommittees([term(20, 2n), term(10, 1n)]);
    const weightAt = (n: number) => source.committeeOf(slot(n))?.seats[0]?.weight;
    expect([weightAt(9), weightAt(10), weightAt(19), weightAt(20)]).toEqual([undefined, 1n, 1n, 2n]);
});
