import type { Nanos, WattHours } from '../quantity';
import type { Clearing } from './order';

/** A sum over fewer parties tells each of them too much about the others. */
export const SMALLEST_GROUP = 3;

/** The sums of a round that may be published: only where at least three members traded on each side. */
export function publishedSums(clearing: Clearing): { readonly volumeWh?: WattHours; readonly surplusNanos?: Nanos } {
    const { volume, surplus, buyers, sellers } = clearing;
    return buyers >= SMALLEST_GROUP && sellers >= SMALLEST_GROUP ? { volumeWh: volume, surplusNanos: surplus } : {};
}
