import { describe, expect, it } from '@jest/globals';
import { microsPerKwh, netEnergy } from '../quantity';
import { nanosPerKwh, poolEnergy } from '../schedule/exchange';
import {
    imbalancePrice,
    marginOfError,
    poolSide,
    scheduledEnergy,
    scheduledTrade,
    settledPrice,
} from './scheduled-slot';

const energies = (...all: bigint[]) => all.map(netEnergy);

describe('a slot that was scheduled', () => {
    it.each([
        { price: 300_000_000n, settled: 300_000n },
        { price: 250_066_667n, settled: 250_067n },
        { price: 2_500n, settled: 2n },
        { price: 3_500n, settled: 4n },
        { price: -2_500n, settled: -2n },
        { price: -3_500n, settled: -4n },
    ])('is settled at $settled micros where the price is $price nanos', ({ price, settled }) => {
        expect(settledPrice(nanosPerKwh(price))).toBe(settled);
    });

    it('is bought where energy is taken from the pool, and sold where it is given to it', () => {
        const price = nanosPerKwh(250_066_667n);
        expect(scheduledTrade(poolEnergy(1000n), price)).toEqual({
            bought: 1000n,
            sold: 0n,
            paid: 250_067_000n,
            earned: 0n,
        });
        expect(scheduledTrade(poolEnergy(-1000n), price)).toEqual({
            bought: 0n,
            sold: 1000n,
            paid: 0n,
            earned: 250_067_000n,
        });
        expect([scheduledEnergy(poolEnergy(1000n)), scheduledEnergy(poolEnergy(0n))]).toEqual([-1000n, 0n]);
    });

    it.each([
        { metered: -2300n, scheduled: -1750n, side: 'short', price: 350n },
        { metered: -1749n, scheduled: -1750n, side: 'long', price: 50n },
        { metered: -1750n, scheduled: -1750n, side: 'long', price: 50n },
        { metered: 9n, scheduled: 10n, side: 'short', price: 350n },
    ] as const)('is $side with $metered Wh of $scheduled', ({ metered, scheduled, side, price }) => {
        const imbalance = { shortPrice: microsPerKwh(350n), longPrice: microsPerKwh(50n) };
        expect(poolSide(netEnergy(metered), netEnergy(scheduled))).toBe(side);
        expect(imbalancePrice(side, imbalance)).toBe(price);
    });
});

describe('the margin of error', () => {
    it('adds up what was off in each slot, and tells what did not cancel', () => {
        const margin = marginOfError(energies(-4000n, 6250n, 0n), energies(-4300n, 6000n, 100n));
        expect(margin).toEqual({ absolute: 650n, bias: -450n, agreed: 10_250n });
    });

    it('is of the same slots', () => {
        expect(() => marginOfError(energies(1n), energies(1n, 2n))).toThrow('1 slots were agreed on, 2 metered');
    });
});
