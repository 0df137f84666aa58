const NANOS = 1_000_000_000n;
const WH_PER_KW = 250n; // A quarter of an hour.

/** Mean power of a quarter hour in 10⁻⁹ kW: exact, so that no sum depends on how floats round. */
export type NanoKilowatts = bigint;

const DECIMAL = /^(\d{1,5})(?:\.(\d{1,9}))?$/;

/** Reads a plain decimal number of kW; undefined for anything else (`NaN`, `1e3`, `-1`, nothing). */
export function nanoKilowatts(text: string): NanoKilowatts | undefined {
    const match = DECIMAL.exec(text);
    if (match === null) {
        return undefined;
    }
    return BigInt(match[1] ?? '0') * NANOS + BigInt((match[2] ?? '').padEnd(9, '0'));
}

/**
 * What a cumulative register shows before the first quarter hour and after each: ⌊Σ 250·kW⌋ Wh. Rounding the sum and
 * not the parts keeps the error of any day below one Wh.
 */
export function cumulativeRegister(powers: readonly NanoKilowatts[]): bigint[] {
    let sum = 0n;
    return [0n, ...powers.map((power) => ((sum += power) * WH_PER_KW) / NANOS)];
}
