import type { WattHours } from '../quantity';
import type { Clearing } from './order';

/** A sum over fewer parties tells each of them too much about the others. */
export const SMALLEST_GROUP = 3;

/** The volume that may be published: only where at least three members traded on each side. */
export function publishedVolume({ volume, buyers, sellers }: Clearing): WattHours | undefined {
    return buyers >= SMALLEST_GROUP && sellers >= SMALLEST_GROUP ? volume : undefined;
}
