import type { Outcome } from '../gateway/transaction-log';

export interface Latencies {
    readonly count: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
}

/** Where the time of one kind of transaction goes, as its client sees it. */
export interface TransactionTimes {
    readonly transaction: string;
    readonly count: number;
    readonly endorse: Latencies;
    /** From ordering to the commit on the client's own peer. */
    readonly commit: Latencies;
}

export function latencies(milliseconds: readonly number[]): Latencies {
    const sorted = milliseconds.toSorted((a, b) => a - b);
    const at = (share: number): number => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
    return { count: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95) };
}

/** By kind of transaction, in the order in which they first occur. */
export function transactionTimes(outcomes: readonly Outcome[]): TransactionTimes[] {
    const kinds = [...new Set(outcomes.map(({ transaction }) => transaction))];
    return kinds.map((transaction) => {
        const own = outcomes.filter((outcome) => outcome.transaction === transaction);
        return {
            transaction,
            count: own.length,
            endorse: latencies(own.map(({ endorseMs }) => endorseMs)),
            commit: latencies(own.map(({ commitMs }) => commitMs)),
        };
    });
}
