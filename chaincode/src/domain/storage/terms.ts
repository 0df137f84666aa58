import { compareStrings } from '../quantity';
import type { StorageLimits } from './storage';

/** How the community makes sure that what is sold lies in the storage. */
export const CREDIBILITY = ['request-response', 'broadcast'] as const;
export type Credibility = (typeof CREDIBILITY)[number];

/** The community's storage system from a day on. */
export interface StorageTerms extends StorageLimits {
    readonly fromDay: string;
    readonly mspId: string;
    readonly credibility: Credibility;
    /** Micros per kWh that a seller leaves to the community. */
    readonly fee: bigint;
    /** Energy is given out at most so many days after the day on which it was taken in. */
    readonly holdDays: number;
}

/** Those that began last. */
export function storageOn<T extends { readonly fromDay: string }>(
    terms: readonly T[] | undefined,
    day: string,
): T | undefined {
    return terms?.toSorted((a, b) => compareStrings(a.fromDay, b.fromDay)).findLast(({ fromDay }) => fromDay <= day);
}
