import { compareKeys } from '../../../fabric/rwset';

/** Entries in the order of their keys' bytes. */
export function sortedEntries<V>(map: ReadonlyMap<string, V>): [string, V][] {
    return [...map].sort(([one], [other]) => compareKeys(one, other));
}
