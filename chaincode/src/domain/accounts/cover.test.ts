import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEMONSTRATION } from '../../testing/market/day';
import { holds } from '../../testing/property';
import { cost, microsPerKwh, nanos, netEnergy, wattHours } from '../quantity';
import { nanosPerKwh, poolEnergy } from '../schedule/exchange';
import { imbalanceOnly, imbalancePrice, scheduledTrade } from '../scheduled/scheduled-slot';
import { settleSlot, slotBalance } from '../settlement/settle';
import { slot } from '../slot';
import { coverOfDay, coverOfSlot, withPercent } from './cover';

describe('the cover of a day', () => {
    it('is what a full connection can cost at the worst prices, for every slot', () => {
        const limits = { importLimitW: 8_000n, exportLimitW: 0n, prices: DEMONSTRATION, floor: 0n, cap: 500_000n };
        // 2 kWh in a slot, bought at 0.50 with fees of 0.07.
        expect(coverOfSlot(limits)).toBe(2_000n * 570_000n);
        expect(coverOfDay(limits, 96, 100)).toBe(96n * 2_000n * 570_000n);
    });

    it('counts what a seller may have to pay where prices may be negative', () => {
        const seller = { importLimitW: 0n, exportLimitW: 4_000n, prices: DEMONSTRATION, floor: -200_000n, cap: 0n };
        // 1 kWh sold at −0.20 and not delivered, which costs retail.
        expect(coverOfSlot(seller)).toBe(1_000n * (200_000n + 300_000n));
    });

    it('is rounded to the safe side', () => {
        expect([100, 119, 1].map((percent) => withPercent(nanos(101n), percent))).toEqual([101n, 121n, 2n]);
    });

    it('is never less than what a slot costs, at whatever price within floor and cap', () => {
        const price = fc.bigInt({ min: -5n, max: 9n });
        const energy = fc.bigInt({ min: 0n, max: 3n });
        holds(
            fc.property(
                fc.tuple(energy, energy),
                fc.tuple(price, price, price, price),
                fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100), fc.nat(100), fc.nat(100)),
                fc.tuple(fc.bigInt({ min: 0n, max: 3n }), fc.bigInt({ min: 0n, max: 3n })),
                ([most, least], [a, b, c, d], [bought, sold, metered, atBuy, atSell], [gridFee, communityFee]) => {
                    const [floor, cap] = a < b ? [a, b] : [b, a];
                    const [feedIn, retail] = c < d ? [c, d] : [d, c];
                    const prices = {
                        retail: microsPerKwh(retail),
                        feedIn: microsPerKwh(feedIn),
                        gridFee: microsPerKwh(gridFee),
                        communityFee: microsPerKwh(communityFee),
                    };
                    const share = (range: bigint, of: number): bigint => (range * BigInt(of)) / 100n;
                    const [into, out] = [wattHours(share(most, bought)), wattHours(share(least, sold))];
                    const balance = slotBalance(
                        settleSlot({
                            slot: slot(1),
                            prices,
                            bought: into,
                            sold: out,
                            paid: cost(into, microsPerKwh(floor + share(cap - floor, atBuy))),
                            earned: cost(out, microsPerKwh(floor + share(cap - floor, atSell))),
                            metered: netEnergy(share(most + least, metered) - most),
                            estimated: false,
                        }),
                    );
                    const limits = { importLimitW: most * 4n, exportLimitW: least * 4n, prices, floor, cap };
                    expect(coverOfSlot(limits) + balance >= 0n).toBe(true);
                },
            ),
        );
    });

    it('is never less than what a slot costs that was scheduled, however the community stands to it', () => {
        const price = fc.bigInt({ min: -5n, max: 9n });
        const energy = fc.bigInt({ min: 0n, max: 3n });
        const share = fc.nat(100);
        holds(
            fc.property(
                fc.tuple(energy, energy),
                fc.tuple(price, price, price, price),
                fc.tuple(share, share, share),
                fc.constantFrom<'short' | 'long'>('short', 'long'),
                ([most, least], [a, b, c, d], [scheduled, metered, at], side) => {
                    const [floor, cap] = a < b ? [a, b] : [b, a];
                    const [lower, upper] = c < d ? [c, d] : [d, c];
                    const imbalance = { shortPrice: microsPerKwh(upper), longPrice: microsPerKwh(lower) };
                    const part = (range: bigint, of: number): bigint => (range * BigInt(of)) / 100n;
                    const energies = scheduledTrade(
                        poolEnergy(most - part(most + least, scheduled)),
                        nanosPerKwh((floor + part(cap - floor, at)) * 1000n),
                    );
                    const balance = slotBalance(
                        settleSlot({
                            slot: slot(1),
                            prices: imbalanceOnly(imbalancePrice(side, imbalance)),
                            ...energies,
                            metered: netEnergy(part(most + least, metered) - most),
                            estimated: false,
                            scheduled: true,
                        }),
                    );
                    const limits = { importLimitW: most * 4n, exportLimitW: least * 4n, floor, cap };
                    expect(coverOfSlot({ ...limits, prices: DEMONSTRATION, imbalance }) + balance >= 0n).toBe(true);
                    // Nor is it without the rounds' prices: these alone may be the worse ones.
                    const free = { ...DEMONSTRATION, retail: imbalance.longPrice, feedIn: imbalance.longPrice };
                    expect(
                        coverOfSlot({
                            ...limits,
                            prices: { ...free, gridFee: microsPerKwh(0n), communityFee: microsPerKwh(0n) },
                            imbalance,
                        }) +
                            balance >=
                            0n,
                    ).toBe(true);
                },
            ),
        );
    });
});
