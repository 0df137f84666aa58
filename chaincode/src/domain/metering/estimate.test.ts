import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { estimateOf, type KnownDay } from './estimate';

const day = (nets: Record<number, bigint>): KnownDay => ({
    nets: new Map(Object.entries(nets).map(([position, net]) => [Number(position), net])),
});

describe('an estimate', () => {
    it.each([
        {
            what: 'the highest consumption of that quarter',
            days: [day({ 7: -30n }), day({ 7: -50n, 8: -90n })],
            wh: -50n,
        },
        { what: 'never generation', days: [day({ 7: 30n }), day({ 7: 10n })], wh: 0n },
        { what: 'the highest of any quarter where that one is not known', days: [day({ 6: -20n, 8: -90n })], wh: -90n },
        { what: 'what the connection carries where nothing is known', days: [], wh: -1500n },
        { what: 'the same of days without readings', days: [day({})], wh: -1500n },
    ])('is $what', ({ days, wh }) => {
        expect(estimateOf(7, days, 6000n)).toBe(wh);
    });

    it('looks back 28 days and no further', () => {
        const days = Array.from({ length: 29 }, () => day({ 7: -1n }));
        expect(estimateOf(7, days.slice(1), 6000n)).toBe(-1n);
        expect(() => estimateOf(7, days, 6000n)).toThrow(RangeError);
    });

    it('is at least what every one of those days consumed then, so that silence never pays', () => {
        const net = fc.bigInt({ min: -5n, max: 5n });
        holds(
            fc.property(fc.array(fc.array(net, { maxLength: 3 }), { maxLength: 28 }), (days) => {
                const known = days.map((nets) => ({ nets: new Map(nets.entries()) }));
                const estimate = estimateOf(1, known, 6000n);
                expect(estimate <= 0n).toBe(true);
                for (const nets of days) {
                    expect(estimate <= (nets[1] ?? 0n)).toBe(true);
                }
            }),
        );
    });
});
