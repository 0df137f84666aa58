import { ALL_HOUSEHOLDS, householdAccount, type Posting } from '../postings';
import type { MinorUnits, Nanos } from '../quantity';
import type { Components } from './pedersen';

/** What a bill's commitment holds: never changed, only followed by another layout. */
export const BILL_LAYOUT = 'bill/v1';

/**
 * What the corrections on a bill hold, committed to apart: the sums over bills are told with the totals of their days, and with these in
 * them they would tell the correction of whoever has the only one.
 */
export const BILL_CORRECTIONS_LAYOUT = 'bill-corrections/v1';

export interface BillToCommit {
    readonly mspId: string;
    /** What the settlements of the bill's days posted on the household's account. */
    readonly settled: Nanos;
    readonly due: MinorUnits;
    /** What moves with the bill. */
    readonly postings: readonly Posting[];
}

/**
 * `settled`, in nanos; `due`, in minor units; `account/a`: what the account `a` receives or pays with the bill, in nanos, the household's
 * own in one place for all of them.
 */
export function billComponents({ mspId, settled, due, postings }: BillToCommit): Components {
    return new Map([
        ['settled', settled],
        ['due', due],
        ...postings.map(({ account, amount }): [string, bigint] => [
            `account/${account === householdAccount(mspId) ? ALL_HOUSEHOLDS : account}`,
            amount,
        ]),
    ]);
}

export interface BillCorrectionsToCommit extends Pick<BillToCommit, 'mspId' | 'due' | 'postings'> {
    /** What the corrections post on the household's account. */
    readonly corrected: Nanos;
}

/** `corrected`, `due` and `account/a` as for a bill. */
export const billCorrectionsComponents = ({ corrected, ...bill }: BillCorrectionsToCommit): Components =>
    new Map([...billComponents({ ...bill, settled: corrected })].map(([name, n]) => [COMPONENT[name] ?? name, n]));

const COMPONENT: Readonly<Record<string, string>> = { settled: 'corrected' };
