import { firstOnes } from './selection';

declare const unit: unique symbol;

/** A whole number of `U`. The unit lives in the type only; at run time this is a plain bigint. */
export type Quantity<U extends string> = bigint & { readonly [unit]: U };

/** Energy on a named side (bought, sold, generated) within one slot. Never a meter's running total: that is `MeterReading`. */
export type WattHours = Quantity<'Wh'>;
/** Energy with a sign within one slot: positive flows towards the grid or pool, negative is consumption. */
export type NetEnergy = Quantity<'Wh net'>;
/** What a meter's register shows: only ever grows. Subtract two readings to get `WattHours`. */
export type MeterReading = Quantity<'Wh total'>;
/** Money: 10⁻⁹ of the currency. Wh × micros/kWh are exactly nanos, so that a posting is never rounded. */
export type Nanos = Quantity<'nano'>;
/** Money as a bill states it: the currency's minor unit (a cent). */
export type MinorUnits = Quantity<'minor unit'>;
/** A price, in 10⁻⁶ of the currency for each kilowatt-hour. May be negative. */
export type MicrosPerKwh = Quantity<'micro/kWh'>;

export const wattHours = (n: bigint): WattHours => natural(n, 'watt-hours') as WattHours;
export const netEnergy = (n: bigint): NetEnergy => n as NetEnergy;
export const meterReading = (n: bigint): MeterReading => natural(n, 'a meter reading') as MeterReading;
export const nanos = (n: bigint): Nanos => n as Nanos;
export const minorUnits = (n: bigint): MinorUnits => n as MinorUnits;
export const microsPerKwh = (n: bigint): MicrosPerKwh => n as MicrosPerKwh;

// NoInfer: without it `plus(energy, money)` would infer U = 'Wh' | 'nano' and compile.
export const plus = <U extends string>(a: Quantity<U>, b: Quantity<NoInfer<U>>): Quantity<U> => (a + b) as Quantity<U>;
export const minus = <U extends string>(a: Quantity<U>, b: Quantity<NoInfer<U>>): Quantity<U> => (a - b) as Quantity<U>;
export const negated = <U extends string>(a: Quantity<U>): Quantity<U> => (0n - a) as Quantity<U>;
export const least = <U extends string>(a: Quantity<U>, b: Quantity<NoInfer<U>>): Quantity<U> => (a < b ? a : b);
export const greatest = <U extends string>(a: Quantity<U>, b: Quantity<NoInfer<U>>): Quantity<U> => (a > b ? a : b);
export const total = <U extends string>(quantities: Iterable<Quantity<U>>): Quantity<U> => {
    let sum = 0n;
    for (const quantity of quantities) {
        sum += quantity;
    }
    return sum as Quantity<U>;
};

/** What flows towards the grid or pool less what flows from it. */
export const net = (out: WattHours, into: WattHours): NetEnergy => netEnergy(out - into);

/** What `energy` costs at `price`, exactly: nothing is rounded. Negative where the price is. */
export const cost = (energy: WattHours, price: MicrosPerKwh): Nanos => nanos(energy * price);

/** A share in [0, 1] as whole numbers, because floats differ. */
export interface Fraction {
    readonly numerator: bigint;
    readonly denominator: bigint;
}

export function fraction(numerator: bigint, denominator: bigint): Fraction {
    if (denominator <= 0n || numerator < 0n || numerator > denominator) {
        throw new RangeError(`not a share between 0 and 1: ${numerator.toString()}/${denominator.toString()}`);
    }
    return { numerator, denominator };
}

/** The largest whole number that is not above numerator / denominator, for negative numerators too. */
export function dividedRoundedDown(numerator: bigint, denominator: bigint): bigint {
    if (denominator <= 0n) {
        throw new RangeError(`cannot divide by ${denominator.toString()}`);
    }
    const quotient = numerator / denominator;
    return numerator % denominator < 0n ? quotient - 1n : quotient;
}

/** The nearest whole number; from the middle to the even one, so that neither side gains in the long run. */
export function dividedHalfEven(numerator: bigint, denominator: bigint): bigint {
    const down = dividedRoundedDown(numerator, denominator);
    const twice = 2n * (numerator - down * denominator);
    const up = twice > denominator || (twice === denominator && down % 2n !== 0n);
    return up ? down + 1n : down;
}

/**
 * Split `whole` over `weights` so that the shares add up to it exactly and none differs from its exact share by a unit.
 * What rounding down leaves over goes, one unit at a time, to the largest remainders; `before` orders the positions whose
 * remainders are equal (by default the first comes first) and is asked about no others. It must never answer 0.
 */
export function allocate<U extends string>(
    whole: Quantity<U>,
    weights: readonly bigint[],
    before: (one: number, other: number) => number = (one, other) => one - other,
): Quantity<U>[] {
    const sum = weights.reduce((a, b) => a + b, 0n);
    if (whole < 0n || sum <= 0n || weights.some((weight) => weight < 0n)) {
        throw new RangeError(`cannot allocate ${whole.toString()} over [${weights.join(', ')}]`);
    }
    const shares = weights.map((weight) => (whole * weight) / sum);
    const rest = Number(whole - shares.reduce((a, b) => a + b, 0n));
    if (rest === 0) {
        return shares as Quantity<U>[];
    }
    const remainders = weights.map((weight, index) => whole * weight - (shares[index] as bigint) * sum);
    // More positions have a remainder than there are units left over.
    const positions = [...remainders.keys()].filter((index) => remainders[index] !== 0n);
    const receivers = firstOnes(positions, rest, (one, other) => {
        const [mine, theirs] = [remainders[one] as bigint, remainders[other] as bigint];
        return mine === theirs ? before(one, other) : mine > theirs ? -1 : 1;
    });
    for (const index of receivers) {
        shares[index] = (shares[index] ?? 0n) + 1n;
    }
    return shares as Quantity<U>[];
}

export function compareBigints(a: bigint, b: bigint): -1 | 0 | 1 {
    return a < b ? -1 : a > b ? 1 : 0;
}

/** By code units. Not localeCompare: its answer depends on the peer's locale and ICU version. */
export function compareStrings(a: string, b: string): -1 | 0 | 1 {
    return a < b ? -1 : a > b ? 1 : 0;
}

function natural(n: bigint, what: string): bigint {
    if (n < 0n) {
        throw new RangeError(`${what} must not be negative: ${n.toString()}`);
    }
    return n;
}
