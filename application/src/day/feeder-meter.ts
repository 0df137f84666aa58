import type { Terms } from '@commonwatt/chaincode/api/records';
import type { FeederReadings } from '../market/feeder';

/** What passes the members' meters in a slot; positive flows to the grid. */
export interface PassedSlot {
    readonly slot: number;
    readonly netWh: bigint;
}

const MILLION = 1_000_000n;

/**
 * What a feeder's meter shows of a community without one: what passes the members' meters, less what the wires take. The wires take the terms'
 * constant and their part of what the members' meters see, while the comparison expects that part of what arrives: so simulated and expected losses
 * differ by little, as real ones would.
 */
export function simulatedFeeder(
    passed: readonly PassedSlot[],
    { constantWh, lossPpm }: Pick<NonNullable<Terms['losses']>, 'constantWh' | 'lossPpm'>,
): FeederReadings {
    return passed.map(({ slot, netWh }) => ({
        slot,
        feederWh: netWh - constantWh - ((netWh < 0n ? 0n - netWh : netWh) * lossPpm) / MILLION,
    }));
}

/** A day that was settled with estimates. */
interface Estimated {
    readonly mspId: string;
    readonly settlement: { readonly slots: readonly { readonly meteredWh: bigint }[] };
}

/**
 * What really passed the meters, out of the day's sums: where a home was silent these have its estimates, and the feeder's meter sees
 * what its meter saw. `unmeteredWh`: what passed meters that did not count it, one list of the day's slots for each.
 */
export function passedMeters(
    sums: readonly { readonly slot: number; readonly meteredWh: bigint }[],
    estimated: readonly Estimated[],
    silentWh: ReadonlyMap<string, readonly bigint[]>,
    unmeteredWh: readonly (readonly bigint[])[] = [],
): PassedSlot[] {
    return sums.map(({ slot, meteredWh }, index) => ({
        slot,
        netWh: estimated.reduce(
            (sum, { mspId, settlement }) => {
                const settledWh = settlement.slots[index]?.meteredWh ?? 0n;
                return sum - settledWh + (silentWh.get(mspId)?.[index] ?? settledWh);
            },
            unmeteredWh.reduce((sum, slots) => sum + (slots[index] ?? 0n), meteredWh),
        ),
    }));
}
