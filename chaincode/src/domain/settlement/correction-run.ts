import { ACCOUNTS, ALL_HOUSEHOLDS, Imbalance } from '../postings';
import { compareStrings, nanos, total, type Nanos } from '../quantity';
import type { TotalPosting } from './close-day';

/**
 * What the corrections of a run come to, account by account. `sums` are what their commitments open to: households against the pool of deviations, and
 * nothing else, because a correction moves no trade. The pool is emptied as when a day is closed: the supplier gets its part, which
 * its operator states (it follows from each slot's net, and no slot is told), and the community the rest, which may be
 * negative. Sums to zero. Throws an `Imbalance`.
 */
export function correctionTotals(sums: readonly TotalPosting[], supplier: Nanos): TotalPosting[] {
    const of = (name: string): bigint => sums.find(({ account }) => account === name)?.amount ?? 0n;
    const stranger = sums.find(({ account }) => account !== ALL_HOUSEHOLDS && account !== ACCOUNTS.deviation);
    if (stranger !== undefined) {
        throw new Imbalance(`a correction moves nothing on the account ${stranger.account}`);
    }
    const all = total(sums.map(({ amount }) => amount));
    if (all !== 0n) {
        throw new Imbalance(`the corrections sum to ${all.toString()} nanos instead of 0`);
    }
    const postings = [
        { account: ALL_HOUSEHOLDS, amount: nanos(of(ALL_HOUSEHOLDS)) },
        { account: ACCOUNTS.supplier, amount: supplier },
        { account: ACCOUNTS.community, amount: nanos(of(ACCOUNTS.deviation) - supplier) },
    ];
    return postings
        .filter(({ amount }) => amount !== 0n)
        .sort((one, other) => compareStrings(one.account, other.account));
}
