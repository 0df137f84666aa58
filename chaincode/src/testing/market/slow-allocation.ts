import { compareBigints, least, minus, plus, total, wattHours, type WattHours } from '../../domain/quantity';
import type { AllocationKey } from '../../domain/mechanisms/allocation-keys';

/** Largest remainder as it is told: sort all by their remainders, then by rank. What `allocate` has to come to, only slower. */
export function slowAllocate(
    whole: bigint,
    weights: readonly bigint[],
    before: (one: number, other: number) => number,
): bigint[] {
    const sum = weights.reduce((a, b) => a + b, 0n);
    const shares = weights.map((weight) => (whole * weight) / sum);
    const rest = Number(whole - shares.reduce((a, b) => a + b, 0n));
    const receivers = weights
        .map((weight, index) => ({ index, remainder: (whole * weight) % sum }))
        .sort((a, b) => compareBigints(b.remainder, a.remainder) || before(a.index, b.index))
        .slice(0, rest);
    for (const { index } of receivers) {
        shares[index] = (shares[index] ?? 0n) + 1n;
    }
    return shares;
}

/** The fixed shares in rounds over everybody, whether one can still use something or not. What `staticRounds` has to come to. */
export const slowStaticRounds: AllocationKey = (supply, demands, weights, before) => {
    let given = demands.map(() => wattHours(0n));
    for (;;) {
        const left = minus(supply, total(given));
        const unmet = demands.map((demand, i) => minus(demand, given[i] as WattHours));
        const open = weights.map((weight, i) => ((unmet[i] as WattHours) > 0n ? weight : 0n));
        if (left === 0n || open.every((weight) => weight === 0n)) {
            return given;
        }
        const more = slowAllocate(left, open, before).map((share, i) => least(wattHours(share), unmet[i] as WattHours));
        given = given.map((share, i) => plus(share, more[i] as WattHours));
    }
};
