/** The value below which `percent` of the values lie (nearest rank); undefined where there are none. */
export function percentile(values: readonly number[], percent: number): number | undefined {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

/** To one digit after the point, as figures are printed. */
export const tenths = (value: number): number => Math.round(value * 10) / 10;

/** To two digits, where tenths say too little. */
export const hundredths = (value: number): number => Math.round(value * 100) / 100;

/** The middle value; of an even number the mean of the two in the middle. 0 where there are none. */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length / 2;
    const [lower = 0, upper = lower] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
    return (lower + upper) / 2;
}
