import { fraction, type Fraction } from '@commonwatt/chaincode/domain/quantity';
import type { Store } from './store';

/**
 * A battery: level(t) = level(t−1) + ηc·c(t) − d(t)/ηd, 0 ≤ level ≤ capacity, 0 ≤ c ≤ charge, 0 ≤ d ≤ discharge, and cyclic: it ends the day
 * with no less than it began with (where it loses and began full, less 2 Wh: no whole number would fill it again). The device takes e = c − d, and never charges while it discharges. No cost of its own.
 */
export interface Battery {
    readonly kind: 'battery';
    readonly device: string;
    readonly capacity: bigint;
    /** Before the first slot, Wh. */
    readonly first: bigint;
    /** At its terminals, Wh in each slot: power × a quarter of an hour. */
    readonly charge: bigint;
    readonly discharge: bigint;
    readonly chargeEfficiency?: Fraction;
    readonly dischargeEfficiency?: Fraction;
}

const LOSSLESS = fraction(1n, 1n);

export function battery(given: Battery, slots: number): Store {
    const {
        device,
        capacity,
        first,
        charge,
        discharge,
        chargeEfficiency = LOSSLESS,
        dischargeEfficiency = LOSSLESS,
    } = given;
    const full = isLossless(chargeEfficiency) && isLossless(dischargeEfficiency) ? capacity : capacity - 2n;
    return {
        device,
        capacity,
        first,
        last: first < full ? first : full,
        charge: Array<bigint>(slots).fill(charge),
        discharge: Array<bigint>(slots).fill(discharge),
        chargeEfficiency,
        dischargeEfficiency,
    };
}

const isLossless = ({ numerator, denominator }: Fraction): boolean => numerator === denominator;
