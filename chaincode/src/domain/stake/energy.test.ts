import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEMONSTRATION } from '../../testing/market/day';
import { holds } from '../../testing/property';

import { clear } from '../auction/uniform-price';
import type { Order } from '../auction/order';
import { fraction, microsPerKwh, nanos, netEnergy, wattHours } from '../quantity';
import { settleSlot, slotBalance, withoutMarket } from '../settlement/settle';
import { slot as slotOf } from '../slot';
import { matchedEnergy, plausibleTokens, tokensOf, type SettledSlot } from './energy';

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

    it.each([
        { tokens: 0n, plausible: 0n },
        { tokens: 100n, plausible: 100n },
        { tokens: 101n, plausible: 100n },
        { tokens: 2n ** 63n - 1n, plausible: 100n },
    ])('is no more than a connection of 4 kW carries in 25 hours: $tokens', ({ tokens, plausible }) => {
        expect(plausibleTokens(tokens, 4_000n, 1_000n)).toBe(plausible);
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

    it('of a trade on paper costs the two that collude the fees, and is no more than what was exported', () => {
        const energies = fc.bigInt({ min: 0n, max: 1_000n });
        const prices = fc.bigInt({ min: 80_000n, max: 230_000n });
        holds(
            fc.property(energies, energies, prices, (exported, traded, price) => {
                const money = nanos(traded * price);
                const of = { slot: slotOf(1), prices: DEMONSTRATION, estimated: false };
                const nothing = { bought: wattHours(0n), sold: wattHours(0n), paid: nanos(0n), earned: nanos(0n) };
                const seller = settleSlot({
                    ...of,
                    ...nothing,
                    sold: wattHours(traded),
                    earned: money,
                    metered: netEnergy(exported),
                });
                const buyer = settleSlot({
                    ...of,
                    ...nothing,
                    bought: wattHours(traded),
                    paid: money,
                    metered: netEnergy(0n),
                });
                const { retail, feedIn, gridFee, communityFee } = DEMONSTRATION;
                const lost = withoutMarket(seller) + withoutMarket(buyer) - slotBalance(seller) - slotBalance(buyer);
                const undelivered = traded > exported ? traded - exported : 0n;
                expect(lost).toBe(traded * (gridFee + communityFee) + undelivered * (retail - feedIn));
                const tokens = matchedEnergy([slot(exported, traded)]);
                expect(tokens).toBe(traded - undelivered);
            }),
        );
    });
});
