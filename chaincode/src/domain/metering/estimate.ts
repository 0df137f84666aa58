import { netEnergy, type NetEnergy } from '../quantity';

/** So many days before the slot's are looked at. */
export const ESTIMATE_DAYS = 28;

const SLOTS_PER_HOUR = 4n;

/** What is known of a household in the days before: readings by meters, no estimates. */
export interface KnownDay {
    /** By the number of the slot within its local day. */
    readonly nets: ReadonlyMap<number, bigint>;
}

/**
 * What a slot is taken to be that nobody reported: the highest consumption of that quarter of an hour in the 28 days before, and no generation, so
 * that silence never pays. Where that quarter is not known, the highest consumption of any; where nothing is known, what the connection
 * carries. Provisional: a reading that comes later takes its place. `days`: at most the 28 before, in any order.
 */
export function estimateOf(position: number, days: readonly KnownDay[], importLimitW: bigint): NetEnergy {
    if (days.length > ESTIMATE_DAYS) {
        throw new RangeError(`an estimate looks at ${ESTIMATE_DAYS} days, not ${days.length}`);
    }
    const same = days.flatMap(({ nets }) => nets.get(position) ?? []);
    const any = days.flatMap(({ nets }) => [...nets.values()]);
    const known = same.length > 0 ? same : any;
    const highest = known.length === 0 ? importLimitW / SLOTS_PER_HOUR : highestConsumption(known);
    return netEnergy(-highest);
}

const highestConsumption = (nets: readonly bigint[]): bigint =>
    nets.reduce((most, net) => (-net > most ? -net : most), 0n);
