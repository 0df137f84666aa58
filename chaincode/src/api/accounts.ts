import { EMPTY_ACCOUNT, takenIn, used, type Account, type Row, type Use } from '../domain/accounts/account';
import { owedOf } from '../domain/accounts/cover';
import { householdAccount } from '../domain/postings';
import { nanos, type Nanos } from '../domain/quantity';
import { accountKey, keyName } from './keys';
import type { AccountDraft, AccountRecord, BankStatementRecord, Charter, Escrow, SettlementRecord } from './records';
import { encodeBytes } from './wire';

/** What the domain counts with, out of the record. */
export function accountOf(record: AccountRecord | null): Account {
    if (record === null) {
        return EMPTY_ACCOUNT;
    }
    const { availableNanos, holds, turnover } = record;
    return {
        available: nanos(availableNanos),
        holds: holds.map(({ kind, subject, amountNanos }) => ({ kind, subject, amount: nanos(amountNanos) })),
        turnover: {
            deposited: nanos(turnover.depositedNanos),
            withdrawn: nanos(turnover.withdrawnNanos),
            received: nanos(turnover.receivedNanos),
            escrowed: nanos(turnover.escrowedNanos),
            billed: nanos(turnover.billedNanos),
        },
    };
}

export function rowOfStatement({ kind, reference, amountNanos }: BankStatementRecord): Row {
    const amount = nanos(amountNanos);
    return kind === 'deposit' ? { kind, amount } : { kind, withdrawal: reference, amount };
}

/** The seller gets what is left of the fee, the buyer all of it back. */
export const rowOfEscrow = ({ amountNanos, feeNanos, status }: Escrow): Row => ({
    kind: 'received',
    amount: nanos(status === 'paid' ? amountNanos - feeNanos : amountNanos),
});

/** Whose an escrow's money is now; nobody's while it is held. */
export function receiverOf({ status, buyer, seller }: Escrow): string | undefined {
    return status === 'held' ? undefined : status === 'paid' ? seller : buyer;
}

/** What the buyer signs of an escrow, whatever becomes of it later. */
export const escrowStatement = (row: Omit<Escrow, 'signature'>): Uint8Array =>
    encodeBytes({ ...row, status: 'held', signature: undefined });

/** One movement on an account: rows first, then what its owner does, if anything. */
export interface AccountMovement {
    readonly mspId: string;
    readonly known: AccountRecord | null;
    readonly rows: readonly Row[];
    readonly use?: Use | undefined;
    /** What the account may hold when money is paid in. */
    readonly limit?: bigint | undefined;
    readonly salt: string;
}

/** The account's next version, for its owner to sign: the same at the client and at every endorser. Refuses as domain/accounts does. */
export function nextAccount({ mspId, known, rows, use, limit, salt }: AccountMovement): AccountDraft {
    const filled = takenIn(accountOf(known), rows, limit);
    const { available, holds, turnover } = use === undefined ? filled : used(filled, use);
    return {
        key: keyName(accountKey(mspId)),
        version: (known?.version ?? 0) + 1,
        mspId,
        salt,
        availableNanos: available,
        holds: holds.map(({ kind, subject, amount }) => ({ kind, subject, amountNanos: amount })),
        turnover: {
            depositedNanos: turnover.deposited,
            withdrawnNanos: turnover.withdrawn,
            receivedNanos: turnover.received,
            escrowedNanos: turnover.escrowed,
            billedNanos: turnover.billed,
        },
    };
}

const WHOLE = 100;

/** The governed cover, in percent of the worst that energy can cost. */
export const coverPercentOf = ({ rules }: Pick<Charter, 'rules'>): number => rules.coverPercent ?? WHOLE;

/** What stays reserved of a day once it is settled and closed; nothing of a day that nobody has opened. */
export function keptOfCover(
    charter: Pick<Charter, 'rules'>,
    mspId: string,
    settlement: SettlementRecord | null,
): Nanos {
    const balance = (settlement?.postings ?? [])
        .filter(({ account }) => account === householdAccount(mspId))
        .reduce((sum, { amountNanos }) => sum + amountNanos, 0n);
    return owedOf(nanos(balance), coverPercentOf(charter));
}
