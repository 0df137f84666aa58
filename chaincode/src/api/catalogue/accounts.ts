import { z } from 'zod';
import type { RefusalCode } from '../../domain/refusals';
import { day, mspId, naturalSum, recordId, version } from '../wire';
import * as record from '../records';
import { query, submit } from './market';
import { ALWAYS, HOUSEHOLD_AND_OPERATOR, PRIVATE, specify } from './specification';

const OWN_ACCOUNT = ['NOT_ESTABLISHED', 'MEMBER_UNKNOWN'] as const;
/** What the opened account and its rows refuse, and its next version at the end. */
const OPENED = [
    'OPENING_UNKNOWN',
    'OPENING_MISSING',
    'KEY_POLICY_WRONG',
    'OPENING_MISMATCH',
    'SIGNATURE_INVALID',
    'BANK_MISSING',
    'STATEMENT_TAKEN',
    'ESCROW_UNKNOWN',
    'ESCROW_OPEN',
    'ESCROW_TAKEN',
    'WITHDRAWAL_UNKNOWN',
    'RECORD_WRONG',
    'ACCOUNT_LIMIT',
] as const;
/** A code stands where it can come first. */
const once = (...codes: readonly RefusalCode[]): readonly RefusalCode[] => [...new Set(codes)];
const changed = z.strictObject({ version });
const account = record.accountInputs;
const own = { ...submit, response: changed, endorsers: HOUSEHOLD_AND_OPERATOR } as const;
const statementOf = z.strictObject({ mspId, reference: recordId });
const stated = ['NOT_ESTABLISHED', 'BANK_MISSING', 'FORBIDDEN', 'MEMBER_UNKNOWN', 'RECORD_WRONG'] as const;
const ofMember = z.strictObject({ mspId: mspId.optional() });

export const ACCOUNTS_TRANSACTIONS = {
    'accounts:deposit': specify({
        ...submit,
        name: 'accounts:deposit',
        does: "state that a member's money has come in: a row of its account, signed by the bank, that conflicts with nothing",
        args: statementOf,
        transient: { statement: record.bankStatementRecord },
        response: record.bankStatementMarker,
        events: ['BankStatementRecorded'],
        refusals: [...PRIVATE, ...stated, 'SIGNATURE_INVALID', 'STATEMENT_EXISTS'],
        endorsers: HOUSEHOLD_AND_OPERATOR,
    }),
    'accounts:confirmWithdrawal': specify({
        ...submit,
        name: 'accounts:confirmWithdrawal',
        does: 'state that a withdrawal was paid out, or that it could not be and is available again: once for each withdrawal',
        args: statementOf,
        transient: { statement: record.bankStatementRecord, withdrawal: record.withdrawalRecord },
        response: record.bankStatementMarker,
        events: ['BankStatementRecorded'],
        refusals: [
            ...PRIVATE,
            ...stated,
            'SIGNATURE_INVALID',
            'WITHDRAWAL_UNKNOWN',
            'KEY_POLICY_WRONG',
            'OPENING_MISMATCH',
            'STATEMENT_EXISTS',
        ],
        endorsers: HOUSEHOLD_AND_OPERATOR,
    }),
    'accounts:takeIn': specify({
        ...own,
        name: 'accounts:takeIn',
        does: 'take rows into the account: statements of the bank, and what has left escrow; every other transaction of an owner can, too',
        args: z.strictObject({}),
        transient: { account },
        events: ['AccountChanged'],
        refusals: once(...PRIVATE, ...OWN_ACCOUNT, ...OPENED),
    }),
    'accounts:withdraw': specify({
        ...own,
        name: 'accounts:withdraw',
        does: 'ask the bank to pay out: the money is reserved until the bank states what came of it',
        args: z.strictObject({ id: recordId }),
        transient: { account, withdrawal: record.withdrawalRecord },
        events: ['AccountChanged', 'WithdrawalRequested'],
        refusals: once(
            ...PRIVATE,
            ...OWN_ACCOUNT,
            'BANK_MISSING',
            'RECORD_WRONG',
            'SIGNATURE_INVALID',
            'WITHDRAWAL_EXISTS',
            ...OPENED,
            'TOO_MANY_HOLDS',
            'BALANCE_TOO_SMALL',
        ),
        endorsers: 'household, grid operator and bank',
    }),
    'accounts:reserveDay': specify({
        ...own,
        name: 'accounts:reserveDay',
        does: 'reserve the cover of a day: the most that trading can cost with that connection at those prices, so that it betrays no bid',
        args: z.strictObject({ day }),
        transient: { account },
        events: ['AccountChanged', 'DayCovered'],
        refusals: once(
            ...PRIVATE,
            ...OWN_ACCOUNT,
            'DAY_UNKNOWN',
            'MEMBER_NOT_ACTIVE',
            'TERMS_MISSING',
            'KEY_POLICY_WRONG',
            'HOLD_EXISTS',
            ...OPENED,
            'TOO_MANY_HOLDS',
            'BALANCE_TOO_SMALL',
        ),
    }),
    'accounts:releaseDay': specify({
        ...own,
        name: 'accounts:releaseDay',
        does: 'once the day is closed, keep of its cover what its settlement comes to; all of it is free again where the day was never opened',
        args: z.strictObject({ day }),
        transient: { account, settlement: record.settlementRecord.nullable() },
        events: ['AccountChanged', 'CoverReleased'],
        refusals: once(
            ...PRIVATE,
            ...OWN_ACCOUNT,
            'DAY_UNKNOWN',
            'KEY_POLICY_WRONG',
            'HOLD_UNKNOWN',
            'DAY_NOT_CLOSED',
            'SETTLEMENT_MISSING',
            'OPENING_UNKNOWN',
            'OPENING_MISSING',
            'OPENING_MISMATCH',
            'SIGNATURE_INVALID',
            ...OPENED,
            'HOLD_UNKNOWN',
        ),
    }),
    'accounts:payBill': specify({
        ...own,
        name: 'accounts:payBill',
        does: 'pay a bill out of the account, or receive what it brings; what was reserved for its days is free again, of a bill that a transfer has paid, too',
        args: z.strictObject({ from: day, to: day }),
        transient: { account, bill: record.billRecord },
        events: ['AccountChanged', 'BillPaid'],
        refusals: once(
            ...PRIVATE,
            ...OWN_ACCOUNT,
            'BILL_UNKNOWN',
            'DAY_UNKNOWN',
            'KEY_POLICY_WRONG',
            'OPENING_MISMATCH',
            'SIGNATURE_INVALID',
            'BILL_PROVISIONAL',
            'BILL_PAID',
            ...OPENED,
            'BALANCE_TOO_SMALL',
        ),
    }),
    'accounts:own': specify({
        ...query,
        name: 'accounts:own',
        does: "a member's account, its statements and withdrawals from the caller's own collection, each with what its marker says: for the member and the grid operator; a bank sees the withdrawals",
        args: ofMember,
        response: z.strictObject({
            /** Null before the first movement. */
            account: record.accountRecord.nullable(),
            statements: z.array(z.strictObject({ statement: record.bankStatementRecord, takenIn: version.nullable() })),
            withdrawals: z.array(record.withdrawalRecord),
        }),
        refusals: [...ALWAYS, 'NOT_ESTABLISHED', 'MEMBER_UNKNOWN', 'FORBIDDEN', 'OPENING_MISMATCH'],
    }),
    'accounts:markers': specify({
        ...query,
        name: 'accounts:markers',
        does: "what the channel knows of a member's money: no amounts",
        args: z.strictObject({ mspId }),
        response: z.strictObject({
            account: record.accountMarker.nullable(),
            statements: z.array(record.bankStatementMarker),
            withdrawals: z.array(record.withdrawalMarker),
            payments: z.array(record.payment),
        }),
        refusals: [...ALWAYS],
    }),
    'accounts:covers': specify({
        ...query,
        name: 'accounts:covers',
        does: 'whose trading on a day is covered',
        args: z.strictObject({ day }),
        response: z.array(record.cover),
        refusals: [...ALWAYS],
    }),
    'accounts:coverOf': specify({
        ...query,
        name: 'accounts:coverOf',
        does: "what reserving a day takes of a member's account: it follows from its connection, the terms and the rules",
        args: z.strictObject({ mspId, day }),
        response: z.strictObject({ amountNanos: naturalSum }),
        refusals: [...ALWAYS, 'NOT_ESTABLISHED', 'MEMBER_UNKNOWN', 'DAY_UNKNOWN', 'MEMBER_NOT_ACTIVE', 'TERMS_MISSING'],
    }),
    'accounts:escrows': specify({
        ...query,
        name: 'accounts:escrows',
        does: 'money in escrow, and whether its receiver has it on its account',
        args: z.strictObject({ contract: recordId.optional() }),
        response: z.array(z.strictObject({ escrow: record.escrow, isTakenIn: z.boolean() })),
        refusals: [...ALWAYS],
    }),
} as const;
