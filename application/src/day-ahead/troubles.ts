import { NotDone, OutcomeUnknown, TransactionInvalid, TransactionRefused } from '../gateway/failures';

/** The contract takes nothing more for the run but that it is given up. */
export const isOverdue = (error: unknown): boolean =>
    error instanceof TransactionRefused && error.refusal.code === 'SCHEDULE_OVERDUE';

/** Not done, or not known to be: the ledger says what is, and it may be tried again. */
export const isAway = (error: unknown): boolean =>
    [TransactionInvalid, NotDone, OutcomeUnknown].some((kind) => error instanceof kind);

/** Somebody else has done it, or it is not time yet. */
export function isPassed(error: unknown): boolean {
    const codes = ['ITERATION_WRONG', 'SCHEDULE_NOT_OPEN', 'SCHEDULE_NOT_PLANNED', 'DEADLINE_OPEN', 'OPENING_UNKNOWN'];
    return error instanceof TransactionRefused && codes.includes(error.refusal.code);
}

/** What the network answers is the trouble of whoever asked; anything else is a fault. */
export function isTrouble(error: unknown): error is Error {
    return [TransactionRefused, TransactionInvalid, NotDone, OutcomeUnknown].some((kind) => error instanceof kind);
}
