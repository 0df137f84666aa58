import { z } from 'zod';
import { day, hash, mspId, naturalSum } from '../wire';
import * as record from '../records';
import { query, submit } from './market';
import { ALWAYS, PRIVATE, specify } from './specification';

/** Orders of one member in 96 slots, with room for several in each. */
const MOST_ORDERS = 2_000;
const MOST_SLOTS = 100;

const marked = { key: z.string(), hash };

/** A member's private records of one day. */
export const privateRecords = z.strictObject({
    orders: z.array(record.orderRecord).max(MOST_ORDERS),
    readings: z.array(record.readingRecord).max(MOST_SLOTS),
    settlements: z.array(record.settlementRecord).max(1),
    bills: z.array(record.billRecord).max(MOST_SLOTS),
    corrections: z.array(record.correctionRecord).max(MOST_SLOTS).default([]),
    suspicions: z.array(record.suspicionRecord).max(1).default([]),
    submissions: z.array(record.submissionRecord).max(1).default([]),
});
export type PrivateRecords = z.output<typeof privateRecords>;

/** A member's private records that belong to no day: its money, credit notes, and what was said in its disputes. */
export const moneyRecords = z.strictObject({
    accounts: z.array(record.accountRecord).max(1),
    bankStatements: z.array(record.bankStatementRecord).max(MOST_ORDERS),
    withdrawals: z.array(record.withdrawalRecord).max(MOST_ORDERS),
    creditNotes: z.array(record.creditNoteRecord).max(MOST_ORDERS).default([]),
    statements: z.array(record.disputeRecord).max(MOST_ORDERS).default([]),
});
export type MoneyRecords = z.output<typeof moneyRecords>;

export const RECOVERY_TRANSACTIONS = {
    'recovery:days': specify({
        ...query,
        name: 'recovery:days',
        does: 'the days on which a member may have private records',
        args: z.strictObject({ mspId }),
        response: z.array(day),
        refusals: [...ALWAYS],
    }),
    'recovery:records': specify({
        ...query,
        name: 'recovery:records',
        does: "the markers of a member's private records of a day, and each record as the caller's own collection holds it: for the member and the grid operator",
        args: z.strictObject({ mspId, day }),
        response: z.strictObject({
            orders: z.array(z.strictObject({ ...marked, record: record.orderRecord.optional() })),
            readings: z.array(z.strictObject({ ...marked, record: record.readingRecord.optional() })),
            settlements: z.array(z.strictObject({ ...marked, record: record.settlementRecord.optional() })),
            bills: z.array(z.strictObject({ ...marked, record: record.billRecord.optional() })),
            corrections: z.array(z.strictObject({ ...marked, record: record.correctionRecord.optional() })),
            suspicions: z.array(z.strictObject({ ...marked, record: record.suspicionRecord.optional() })),
            submissions: z.array(z.strictObject({ ...marked, record: record.submissionRecord.optional() })),
        }),
        refusals: [...ALWAYS, 'NOT_ESTABLISHED', 'FORBIDDEN', 'DAY_UNKNOWN'],
    }),
    'recovery:restore': specify({
        ...submit,
        name: 'recovery:restore',
        does: "put private records of a day back into the caller's own collection, each as its marker says: after a disk is gone",
        args: z.strictObject({ mspId, day }),
        transient: { records: privateRecords },
        response: z.strictObject({ restored: naturalSum }),
        events: [],
        refusals: [
            ...PRIVATE,
            'NOT_ESTABLISHED',
            'MEMBER_UNKNOWN',
            'FORBIDDEN',
            'DAY_UNKNOWN',
            'RECORD_WRONG',
            'OPENING_UNKNOWN',
            'OPENING_MISMATCH',
            'SIGNATURE_INVALID',
        ],
        endorsers: 'the caller alone: nobody else needs what it lost',
    }),
    'recovery:money': specify({
        ...query,
        name: 'recovery:money',
        does: "the markers of a member's account, statements, withdrawals, credit notes and disputes, and each record as the caller's own collection holds it: for the member and the grid operator",
        args: z.strictObject({ mspId }),
        response: z.strictObject({
            accounts: z.array(z.strictObject({ ...marked, record: record.accountRecord.optional() })),
            bankStatements: z.array(z.strictObject({ ...marked, record: record.bankStatementRecord.optional() })),
            withdrawals: z.array(z.strictObject({ ...marked, record: record.withdrawalRecord.optional() })),
            creditNotes: z.array(z.strictObject({ ...marked, record: record.creditNoteRecord.optional() })),
            statements: z.array(z.strictObject({ ...marked, record: record.disputeRecord.optional() })),
        }),
        refusals: [...ALWAYS, 'NOT_ESTABLISHED', 'FORBIDDEN'],
    }),
    'recovery:restoreMoney': specify({
        ...submit,
        name: 'recovery:restoreMoney',
        does: "put a member's account, statements, withdrawals, credit notes and what was said in disputes back into the caller's own collection, each as its marker says",
        args: z.strictObject({ mspId }),
        transient: { records: moneyRecords },
        response: z.strictObject({ restored: naturalSum }),
        events: [],
        refusals: [
            ...PRIVATE,
            'NOT_ESTABLISHED',
            'MEMBER_UNKNOWN',
            'FORBIDDEN',
            'RECORD_WRONG',
            'OPENING_UNKNOWN',
            'OPENING_MISMATCH',
            'SIGNATURE_INVALID',
        ],
        endorsers: 'the caller alone: nobody else needs what it lost',
    }),
} as const;
