import { ALL_HOUSEHOLDS, Imbalance } from '../postings';
import { compareStrings, nanos, type Nanos } from '../quantity';
import type { TotalPosting } from './close-day';
import type { DaySums, SlotSums } from './public-day';

// What comparing the public sums of a day needs, whether the day was traded or scheduled.

/** Whether the sums are told slot by slot. */
export const isOpened = (energy: DaySums['energy']): energy is readonly SlotSums[] => Array.isArray(energy);

/** What the settlements post on an account; nothing where it is left out. */
export const accountOf = ({ postings }: Pick<DaySums, 'postings'>, name: string): Nanos =>
    postings.find(({ account }) => account === name)?.amount ?? nanos(0n);

/** Throws an `Imbalance` where an account stands twice or out of order: the same sums have the same bytes. */
export function requireRisingAccounts({ postings }: Pick<DaySums, 'postings'>, day: string): void {
    if (postings.some(({ account }, i) => i > 0 && account <= (postings[i - 1]?.account ?? ''))) {
        throw new Imbalance(`the accounts of ${day} are not in rising order`);
    }
}

/** Throws an `Imbalance` that names both. */
export function equal(one: string, a: bigint, other: string, b: bigint): void {
    if (a !== b) {
        throw new Imbalance(`${one}: ${a.toString()}, but ${other}: ${b.toString()}`);
    }
}

/** Throws an `Imbalance` that names it. */
export function notNegative(what: string, amount: bigint): void {
    if (amount < 0n) {
        throw new Imbalance(`${what} is ${amount.toString()}`);
    }
}

/** A day's postings as they are told: by account, without those that came to nothing, but for the households'. */
export function toldPostings(moved: Iterable<readonly [account: string, amount: bigint]>): TotalPosting[] {
    return [...moved]
        .filter(([account, amount]) => amount !== 0n || account === ALL_HOUSEHOLDS)
        .sort(([one], [other]) => compareStrings(one, other))
        .map(([account, amount]) => ({ account, amount: nanos(amount) }));
}
