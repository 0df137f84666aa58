const DECIMAL = /^(\d{1,15})(?:\.(\d{1,12}))?$/;
const EXPONENTS = { Wh: 0, kWh: 3, MWh: 6 } as const;

export type EnergyUnit = keyof typeof EXPONENTS;

export const isEnergyUnit = (text: unknown): text is EnergyUnit => typeof text === 'string' && text in EXPONENTS;

/**
 * A register's plain decimal number in whole Wh, rounded down: of two readings of a register the difference is less than a watt-hour off, and over
 * any time no more than that. Undefined for anything else (`1e3`, `-1`, `NaN`, nothing).
 */
export function registerWh(shown: string | number, unit: EnergyUnit): bigint | undefined {
    const match = DECIMAL.exec(String(shown).trim());
    if (match === null) {
        return undefined;
    }
    const [, whole = '0', decimals = ''] = match;
    const exponent = EXPONENTS[unit];
    return BigInt(`${whole}${decimals.padEnd(exponent, '0').slice(0, exponent)}`);
}
