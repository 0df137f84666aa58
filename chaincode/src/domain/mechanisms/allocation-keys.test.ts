import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { slowStaticRounds } from '../../testing/market/slow-allocation';
import { holds } from '../../testing/property';
import { wattHours } from '../quantity';
import { staticRounds } from './allocation-keys';

describe('fixed shares in rounds', () => {
    it('come to what rounds over everybody come to, whoever comes first among equals', () => {
        const consumers = fc.array(
            fc.record({ demand: fc.bigInt({ min: 0n, max: 40n }), weight: fc.bigInt({ min: 0n, max: 5n }) }),
            { maxLength: 40 },
        );
        holds(
            fc.property(fc.bigInt({ min: 0n, max: 600n }), consumers, fc.nat(), (supply, asked, seed) => {
                const rank = (i: number): number => ((i + 1) * 7919 + seed) % 100_003;
                const before = (one: number, other: number): number => rank(one) - rank(other) || one - other;
                const [demands, weights] = [
                    asked.map(({ demand }) => wattHours(demand)),
                    asked.map(({ weight }) => weight),
                ];
                expect(staticRounds(wattHours(supply), demands, weights, before)).toEqual(
                    slowStaticRounds(wattHours(supply), demands, weights, before),
                );
            }),
        );
    });
});
