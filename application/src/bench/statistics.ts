/** The value below which `percent` of the values lie (nearest rank); undefined where there are none. */
export function percentile(values: readonly number[], percent: number): number | undefined {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

/** To one digit after the point, as figures are printed. */
export const tenths = (value: number): number => Math.round(value * 10) / 10;
