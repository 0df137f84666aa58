import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';

import { clear } from '../auction/uniform-price';
import type { Order } from '../auction/order';
import { fraction, microsPerKwh, wattHours } from '../quantity';
import { matchedEnergy, tokensOf, type SettledSlot } from './energy';

const slot = (meteredWh: bigint, soldWh: bigint, isEstimated = false): SettledSlot => ({
    meteredWh,
    soldWh,
    isEstimated,
});

describe('matched energy', () => {
    it.each([
        { what: 'what was sold of what was exported', slots: [slot(700n, 600n)], matched: 600n },
        { what: 'what was exported of what was sold', slots: [slot(500n, 600n)], matched: 500n },
        { what: 'nothing of what only the grid took', slots: [slot(700n, 0n)], matched: 0n },
        { what: 'nothing of what was sold and consumed', slots: [slot(-700n, 600n)], matched: 0n },
        { what: 'nothing of an estimate', slots: [slot(700n, 600n, true)], matched: 0n },
        { what: 'each slot by itself', slots: [slot(700n, 0n), slot(0n, 700n)], matched: 0n },
        { what: 'all slots together', slots: [slot(700n, 600n), slot(1n, 1n)], matched: 601n },
    ])('is $what', ({ slots, matched }) => {
        expect(matchedEnergy(slots)).toBe(matched);
    });

    it('is told in whole steps', () => {
        expect([0n, 999n, 1_000n, 2_999n].map((energy) => tokensOf(energy, 1_000n))).toEqual([0n, 0n, 1n, 2n]);
    });

    it('is never more than the meter exported, whatever was ordered', () => {
        const energy = fc.bigInt({ min: -5n, max: 5n });
        const sold = fc.bigInt({ min: 0n, max: 5n });
        holds(
            fc.property(fc.array(fc.tuple(energy, sold)), (given) => {
                const exported = given.reduce((sum, [metered]) => sum + (metered > 0n ? metered : 0n), 0n);
                expect(matchedEnergy(given.map(([metered, traded]) => slot(metered, traded)))).toBeLessThanOrEqual(
                    exported,
                );
            }),
        );
    });

    it('is nothing of what a household buys from itself: its crossing orders are dropped', () => {
        const own = (id: string, side: 'buy' | 'sell', limit: bigint): Order => ({
            id: `H1MSP/${id}`,
            member: 'H1MSP',
            side,
            energy: wattHours(500n),
            limit: microsPerKwh(limit),
            salt: '00'.repeat(32),
        });
        const { outcomes } = clear([own('b', 'buy', 200_000n), own('s', 'sell', 100_000n)], {
            k: fraction(1n, 2n),
            grid: 'none',
        });
        expect(outcomes.map(({ fill, reason }) => [fill, reason])).toEqual([
            [0n, 'SELF_TRADE'],
            [0n, 'SELF_TRADE'],
        ]);
        expect(matchedEnergy([slot(500n, outcomes[1]?.fill ?? 1n)])).toBe(0n);
    });
});
