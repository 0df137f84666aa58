import { compareStrings, nanos, total, type Nanos } from './quantity';

/** The accounts that are not a household's. `clearing` and `deviation` end every day at zero. */
export const ACCOUNTS = {
    /** Between the buyers and sellers of a round. */
    clearing: 'clearing',
    /** The pool of metered energy that was not traded. */
    deviation: 'deviation',
    /** Party to the community's net exchange with the grid. */
    supplier: 'supplier',
    /** The grid operator's fees. */
    grid: 'grid',
    /** The community's fees, and the spread on deviations that cancel inside. */
    community: 'community',
    /** What bills leave over or add when they are rounded. */
    rounding: 'rounding',
    /** Value added tax, for each rate of a bill. Posted by bills alone, never by settlements. */
    vat: 'vat',
    /** Energy lost between the households' meters and the feeder's: ends every day at zero, because somebody pays. */
    losses: 'losses',
} as const;

/** Every household's balance together, under one name, because a single one is private. */
export const ALL_HOUSEHOLDS = 'households';

export type SharedAccount = (typeof ACCOUNTS)[keyof typeof ACCOUNTS];
export type HouseholdAccount = `household:${string}`;
export type Account = SharedAccount | HouseholdAccount;

export const householdAccount = (mspId: string): HouseholdAccount => `household:${mspId}`;

/** One side of a movement of money: positive is received by the account, negative is paid from it. */
export interface Posting {
    readonly account: Account;
    readonly amount: Nanos;
}

/** Money moves, it is not made: thrown where postings do not sum to zero or independent sums differ. A fault, never a refusal. */
export class Imbalance extends Error {
    override readonly name = 'Imbalance';
}

/** The one check in which every movement of money ends. Returns what it was given. */
export function assertBalanced<P extends readonly Posting[]>(postings: P, what: string): P {
    const sum = total(postings.map(({ amount }) => amount));
    if (sum !== 0n) {
        throw new Imbalance(`postings of ${what} sum to ${sum.toString()} nanos instead of 0`);
    }
    return postings;
}

/** One posting for each account that is moved, in order of their names. Accounts whose postings cancel are left out. */
export function summed(postings: Iterable<Posting>): Posting[] {
    const balances = new Map<Account, bigint>();
    for (const { account, amount } of postings) {
        balances.set(account, (balances.get(account) ?? 0n) + amount);
    }
    return [...balances]
        .filter(([, amount]) => amount !== 0n)
        .sort(([a], [b]) => compareStrings(a, b))
        .map(([account, amount]) => ({ account, amount: nanos(amount) }));
}

export function balanceOf(account: Account, postings: Iterable<Posting>): Nanos {
    let balance = 0n;
    for (const posting of postings) {
        balance += posting.account === account ? posting.amount : 0n;
    }
    return nanos(balance);
}
