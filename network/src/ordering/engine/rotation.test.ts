import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ProposerRotation } from './rotation';

const turns = (rotation: ProposerRotation, count: number): string[] =>
    Array.from({ length: count }, () => rotation.next());

const seats = (powers: readonly number[]): { id: string; power: bigint }[] =>
    powers.map((power, at) => ({ id: `seat${at}`, power: BigInt(power) }));

describe('rotation of producers', () => {
    test.each([
        // The last but one is also how CometBFT 0.38 orders validators with these powers.
        { powers: [1, 1, 1], order: '012012' },
        { powers: [1, 3], order: '10111011' },
        { powers: [4, 3, 2, 1], order: '0120130210' },
        { powers: [1000, 300, 330], order: '020100201002001020010020100201' },
        { powers: [5], order: '000' },
    ])('goes $order for powers $powers', ({ powers, order }) => {
        const names = turns(new ProposerRotation(seats(powers)), order.length);
        expect(names.map((name) => name.replace('seat', '')).join('')).toBe(order);
    });

    test('is exactly proportional to power over any total of turns in a row', () => {
        const powers = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 });
        fc.assert(
            fc.property(powers, fc.nat({ max: 30 }), (each, skipped) => {
                const rotation = new ProposerRotation(seats(each));
                turns(rotation, skipped);
                const total = each.reduce((sum, power) => sum + power, 0);
                const names = turns(rotation, total);
                expect(each.map((_, at) => names.filter((name) => name === `seat${at}`).length)).toEqual(each);
            }),
        );
    });

    test('gives ties to the lower identifier, whatever the order of the list', () => {
        const list = seats([2, 2, 3]);
        expect(turns(new ProposerRotation(list.toReversed()), 14)).toEqual(turns(new ProposerRotation(list), 14));
    });

    test('goes on with other powers, newcomers behind, and is exactly proportional again', () => {
        const rotation = new ProposerRotation(seats([3, 2, 2]));
        turns(rotation, 5);
        const changed = [...seats([1, 4]), { id: 'newcomer', power: 3n }];
        rotation.change(changed);
        turns(rotation, 80);
        const names = turns(rotation, 8);
        expect(changed.map(({ id }) => names.filter((name) => name === id).length)).toEqual([1, 4, 3]);
        const fresh = new ProposerRotation(seats([1, 1]));
        fresh.change([...seats([1, 1]), { id: 'a', power: 1n }]);
        expect(turns(fresh, 4)).toEqual(['seat0', 'seat1', 'a', 'seat0']);
    });

    test.each([
        { what: 'no seat', list: [] },
        { what: 'a seat without power', list: seats([1, 0]) },
        { what: 'one identifier twice', list: [...seats([1]), ...seats([1])] },
    ])('refuses $what', ({ list }) => {
        expect(() => new ProposerRotation(list)).toThrow('seat');
    });
});
