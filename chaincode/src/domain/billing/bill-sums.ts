import { ALL_HOUSEHOLDS, Imbalance } from '../postings';
import { total, type MinorUnits, type Nanos } from '../quantity';
import type { TotalPosting } from '../settlement/close-day';

/** What all bills of a period say together. */
export interface BillSums {
    readonly settled: Nanos;
    readonly due: MinorUnits;
    /** By name, the households as one; accounts without a movement are left out. */
    readonly postings: readonly TotalPosting[];
}

/**
 * Compare the sums over all bills of a period with one another and with the totals of its days, `settled` on the households' accounts:
 * nothing that was settled is billed twice or to nobody, all accounts together are zero, and what is due is what was settled and what
 * moves with the bills, to the nano. Throws an `Imbalance` that names what differs.
 */
export function checkBillSums({ settled, due, postings }: BillSums, totals: Nanos, nanosPerMinorUnit: bigint): void {
    if (postings.some(({ account }, i) => i > 0 && account <= (postings[i - 1]?.account ?? ''))) {
        throw new Imbalance('the accounts are not in rising order');
    }
    const all = total(postings.map(({ amount }) => amount));
    const households = postings.find(({ account }) => account === ALL_HOUSEHOLDS)?.amount ?? 0n;
    equal('all accounts', all, 'zero', 0n);
    equal('what the bills take over', settled, 'what their days settled', totals);
    equal(
        'what is due',
        0n - due * nanosPerMinorUnit,
        'what was settled and moves with the bills',
        settled + households,
    );
}

function equal(one: string, a: bigint, other: string, b: bigint): void {
    if (a !== b) {
        throw new Imbalance(`${one}: ${a.toString()}, but ${other}: ${b.toString()}`);
    }
}
