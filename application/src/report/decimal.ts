/** A whole number of 10⁻ⁿ units as a decimal number: `decimal(-1234n, 2)` is `-12.34`. */
export function decimal(n: bigint, decimals: number): string {
    const digits = (n < 0n ? -n : n).toString().padStart(decimals + 1, '0');
    const whole = digits.slice(0, digits.length - decimals);
    const part = decimals === 0 ? '' : `.${digits.slice(-decimals)}`;
    return `${n < 0n ? '-' : ''}${whole}${part}`;
}

/** Energy for people: kWh with three decimals. */
export const kilowattHours = (wh: bigint): string => decimal(wh, 3);

/** Money for people, from minor units: two decimals. */
export const money = (minorUnits: bigint): string => decimal(minorUnits, 2);

/** A price for people: the currency per kWh, from micros. */
export const price = (micros: bigint): string => decimal(micros, 6).replace(/0{1,4}$/, '');

/** For JSON. @throws RangeError where a number of JavaScript would not be exact. */
export function exactNumber(n: bigint): number {
    const number = Number(n);
    if (!Number.isSafeInteger(number)) {
        throw new RangeError(`${n.toString()} is too large for a number in JSON`);
    }
    return number;
}
