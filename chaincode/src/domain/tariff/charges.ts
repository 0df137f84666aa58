import { placeIn } from '../calendar';
import { dividedHalfEven, dividedRoundedDown, nanos, type Nanos } from '../quantity';
import { firstFlaw, repeated } from './bands';

/** Whom a charge is for. */
export type Payee = 'supplier' | 'grid' | 'community';

/** What a percentage may be taken of: what a household pays for energy and for the grid. */
export const CHARGEABLE = ['localPurchase', 'gridFee', 'communityFee', 'retail'] as const;
export type Chargeable = (typeof CHARGEABLE)[number];

/** So much for each month or year, pro rata by day; for each household, or for each of its meters. */
export interface FixedCharge {
    readonly kind: 'fixed';
    readonly id: string;
    readonly payee: Payee;
    readonly every: 'month' | 'year';
    readonly perMeter: boolean;
    readonly amountNanos: bigint;
}

/** A share, in parts per million, of what is paid for these items. */
export interface PercentageCharge {
    readonly kind: 'percentage';
    readonly id: string;
    readonly payee: Payee;
    readonly ppm: bigint;
    readonly of: readonly Chargeable[];
}

export type Charge = FixedCharge | PercentageCharge;

export const MILLION = 1_000_000n;

/**
 * What a day bears of a month's or year's amount: ⌊amount·(i+1)/n⌋ − ⌊amount·i/n⌋ for the i-th of n days. The days of a month add
 * up to its amount exactly, however they are divided among bills; no day differs from an n-th by a nano, so nobody gains.
 */
export function shareOfDay(amount: bigint, every: FixedCharge['every'], day: string): Nanos {
    const { index, length } = placeIn(every, day);
    const upTo = (days: number): bigint => dividedRoundedDown(amount * BigInt(days), BigInt(length));
    return nanos(upTo(index + 1) - upTo(index));
}

/** A percentage of an amount, to the nano, half to even: neither side gains in the long run. */
export const percentageOf = (base: Nanos, ppm: bigint): Nanos => nanos(dividedHalfEven(base * ppm, MILLION));

/** Why these are no charges, or undefined if they are. */
export function chargesFlaw(charges: readonly Charge[]): string | undefined {
    return (
        repeated(
            'the charge',
            charges.map(({ id }) => id),
        ) ??
        firstFlaw(charges, (charge) =>
            charge.kind === 'percentage' ? repeated(`in ${charge.id} the item`, charge.of) : undefined,
        )
    );
}
