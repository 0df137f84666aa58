import { compareStrings, nanos, total, type Nanos } from '../quantity';
import { refuse } from '../refusals';

/** Money that is there and may not be spent otherwise: cover for a day of trading, or what was asked to be paid out. */
export interface Hold {
    readonly kind: 'day' | 'withdrawal';
    /** The local day, or the id of the withdrawal. */
    readonly subject: string;
    readonly amount: Nanos;
}

/** Sums over the whole life of an account: what is on it follows from them. */
export interface Turnover {
    readonly deposited: Nanos;
    readonly withdrawn: Nanos;
    /** Out of escrow: as its seller, or back as its buyer. */
    readonly received: Nanos;
    readonly escrowed: Nanos;
    /** Paid for bills; negative where bills brought more than they cost. */
    readonly billed: Nanos;
}

/** A member's money at the community's bank. */
export interface Account {
    readonly available: Nanos;
    /** By kind and subject. */
    readonly holds: readonly Hold[];
    readonly turnover: Turnover;
}

export const EMPTY_ACCOUNT: Account = {
    available: nanos(0n),
    holds: [],
    turnover: {
        deposited: nanos(0n),
        withdrawn: nanos(0n),
        received: nanos(0n),
        escrowed: nanos(0n),
        billed: nanos(0n),
    },
};

/** What is taken in: each is evidence that stands on the ledger already, in rows of their own. Their order does not matter. */
export type Row =
    | { readonly kind: 'deposit' | 'received'; readonly amount: Nanos }
    | { readonly kind: 'paidOut' | 'returned'; readonly withdrawal: string; readonly amount: Nanos };

/** What an owner does with its account. */
export type Use =
    | { readonly kind: 'hold'; readonly hold: Hold }
    /** Of a hold so much stays (nothing, or what is owed for the day), the rest becomes available. */
    | { readonly kind: 'release'; readonly hold: Pick<Hold, 'kind' | 'subject'>; readonly keep: Nanos }
    | { readonly kind: 'escrow'; readonly amount: Nanos }
    /** The holds of the days go, what is due is paid; a negative amount is received. */
    | { readonly kind: 'bill'; readonly days: readonly string[]; readonly due: Nanos };

export const MOST_HOLDS = 100;

export const reservedOf = ({ holds }: Account): Nanos => total(holds.map(({ amount }) => amount));

/** All that belongs to the member, reserved or not. */
export const totalOf = (account: Account): Nanos => nanos(account.available + reservedOf(account));

/**
 * The account with the rows taken in. The member's limit is compared once, at the end, and only where money was deposited: what
 * is owed to a member is never kept from it. Refuses WITHDRAWAL_UNKNOWN, RECORD_WRONG, ACCOUNT_LIMIT.
 */
export function takenIn(account: Account, rows: readonly Row[], limit?: bigint): Account {
    const after = rows.reduce(withRow, account);
    const isPaidIn = rows.some(({ kind }) => kind === 'deposit');
    if (isPaidIn && limit !== undefined && totalOf(after) > limit) {
        refuse('ACCOUNT_LIMIT', 'with what was paid in the account would hold more than its limit');
    }
    return sound(after);
}

function withRow(account: Account, row: Row): Account {
    const { available, holds, turnover } = account;
    positive(row.amount);
    switch (row.kind) {
        case 'deposit':
            return {
                ...account,
                available: nanos(available + row.amount),
                turnover: { ...turnover, deposited: nanos(turnover.deposited + row.amount) },
            };
        case 'received':
            return {
                ...account,
                available: nanos(available + row.amount),
                turnover: { ...turnover, received: nanos(turnover.received + row.amount) },
            };
        case 'paidOut':
            return {
                ...account,
                holds: withoutHold(holds, row),
                turnover: { ...turnover, withdrawn: nanos(turnover.withdrawn + row.amount) },
            };
        case 'returned':
            return { ...account, available: nanos(available + row.amount), holds: withoutHold(holds, row) };
    }
}

function withoutHold(holds: readonly Hold[], { withdrawal, amount }: Extract<Row, { withdrawal: string }>): Hold[] {
    const hold = holdOf(holds, 'withdrawal', withdrawal) ?? refuse('WITHDRAWAL_UNKNOWN', withdrawal);
    if (hold.amount !== amount) {
        refuse('RECORD_WRONG', `the statement on withdrawal ${withdrawal} is not about what was asked for`);
    }
    return holds.filter((each) => each !== hold);
}

const holdOf = (holds: readonly Hold[], kind: Hold['kind'], subject: string): Hold | undefined =>
    holds.find((hold) => hold.kind === kind && hold.subject === subject);

/**
 * The account after what its owner does. Nothing is spent that is not available: a refusal says so and not how much is there.
 * Refuses BALANCE_TOO_SMALL, HOLD_EXISTS, TOO_MANY_HOLDS, HOLD_UNKNOWN.
 */
export function used(account: Account, use: Use): Account {
    switch (use.kind) {
        case 'hold':
            return sound(withHold(account, use.hold));
        case 'release':
            return sound(released(account, use.hold, use.keep));
        case 'escrow': {
            const { turnover } = account;
            return sound({
                ...account,
                available: lessened(account.available, positive(use.amount)),
                turnover: { ...turnover, escrowed: nanos(turnover.escrowed + use.amount) },
            });
        }
        case 'bill':
            return sound(billed(account, use.days, use.due));
    }
}

function withHold(account: Account, hold: Hold): Account {
    const { available, holds } = account;
    if (holdOf(holds, hold.kind, hold.subject) !== undefined) {
        refuse('HOLD_EXISTS', `${hold.kind} ${hold.subject}`);
    }
    if (holds.length >= MOST_HOLDS) {
        refuse('TOO_MANY_HOLDS', `${MOST_HOLDS} days and withdrawals are open`);
    }
    return {
        ...account,
        available: lessened(available, notNegative(hold.amount)),
        holds: [...holds, hold].sort((a, b) => compareStrings(nameOf(a), nameOf(b))),
    };
}

const nameOf = ({ kind, subject }: Hold): string => `${kind} ${subject}`;

function released(account: Account, { kind, subject }: Pick<Hold, 'kind' | 'subject'>, keep: Nanos): Account {
    const hold = holdOf(account.holds, kind, subject) ?? refuse('HOLD_UNKNOWN', `${kind} ${subject}`);
    const kept = notNegative(keep) < hold.amount ? keep : hold.amount;
    const holds = account.holds.flatMap((each) => {
        if (each !== hold) {
            return [each];
        }
        return kept === 0n ? [] : [{ ...hold, amount: kept }];
    });
    return { ...account, available: nanos(account.available + hold.amount - kept), holds };
}

function billed(account: Account, days: readonly string[], due: Nanos): Account {
    const isOfBill = ({ kind, subject }: Hold): boolean => kind === 'day' && days.includes(subject);
    const freed = total(account.holds.filter(isOfBill).map(({ amount }) => amount));
    const { turnover } = account;
    return {
        available: lessened(nanos(account.available + freed), due),
        holds: account.holds.filter((hold) => !isOfBill(hold)),
        turnover: { ...turnover, billed: nanos(turnover.billed + due) },
    };
}

function lessened(available: Nanos, by: bigint): Nanos {
    return by > available ? refuse('BALANCE_TOO_SMALL', 'less than that is available') : nanos(available - by);
}

function positive(amount: Nanos): Nanos {
    if (amount <= 0n) {
        throw new RangeError(`not an amount that can be moved: ${amount.toString()}`);
    }
    return amount;
}

function notNegative(amount: Nanos): Nanos {
    if (amount < 0n) {
        throw new RangeError(`not an amount that can be held: ${amount.toString()}`);
    }
    return amount;
}

/** Thrown where an account is not what its turnover comes to, or something on it is below zero. A fault, never a refusal. */
export class Unsound extends Error {
    override readonly name = 'Unsound';
}

/** The one check in which every movement on an account ends. Returns what it was given. */
export function sound(account: Account): Account {
    const { deposited, withdrawn, received, escrowed, billed: paid } = account.turnover;
    if (totalOf(account) !== deposited + received - withdrawn - escrowed - paid) {
        throw new Unsound('an account does not hold what was paid into it less what was paid from it');
    }
    const isBelow = [account.available, ...account.holds.map(({ amount }) => amount)].some((amount) => amount < 0n);
    if (isBelow) {
        throw new Unsound('an account is below zero');
    }
    return account;
}
