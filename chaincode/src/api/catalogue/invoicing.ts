import { z } from 'zod';
import { day, hash, mspId, recordId } from '../wire';
import * as record from '../records';
import { query, submit } from './market';
import { ALWAYS, HOUSEHOLD_AND_OPERATOR, PRIVATE, specify } from './specification';

const PARTIES = 'household and grid operator; or grid operator and a quorum of the committee';
const notes = z.array(record.creditNoteRecord).max(20);
const ALLOWED = ['NOT_ESTABLISHED', 'FORBIDDEN'] as const;
const FOUND = ['DOCUMENT_UNKNOWN', 'DAY_UNKNOWN', 'COMMITTEE_MISSING', 'KEY_POLICY_WRONG', 'DOCUMENT_PAID'] as const;
const saved = z.strictObject({ hash });

export const INVOICING_TRANSACTIONS = {
    'invoicing:preview': specify({
        ...query,
        name: 'invoicing:preview',
        does: 'what a billing run over these days would make final: bills and credit notes without a number, and who has no bill',
        args: z.strictObject({ from: day, to: day }),
        response: record.runPreview,
        refusals: [...ALWAYS, ...ALLOWED, 'KEY_POLICY_WRONG'],
    }),
    'invoicing:finalise': specify({
        ...submit,
        name: 'invoicing:finalise',
        does: 'make bills and credit notes final: numbers without a gap, all in one batch. What is final is never changed',
        args: z.strictObject({
            run: record.documentNumber,
            firstNumber: record.documentNumber,
            dueDay: day,
            documents: z.array(record.documentReference.extend({ hash })).min(1).max(500),
        }),
        response: record.billingRun,
        events: ['DocumentsNumbered'],
        refusals: [
            ...ALWAYS,
            ...ALLOWED,
            'RUN_NOT_NEXT',
            'KEY_POLICY_WRONG',
            'NUMBER_NOT_NEXT',
            'DOCUMENT_UNKNOWN',
            'DAY_UNKNOWN',
            'COMMITTEE_MISSING',
            'DOCUMENT_FINAL',
            'DOCUMENT_CHANGED',
            'DOCUMENT_PROVISIONAL',
        ],
        endorsers: 'grid operator and a majority of the households',
    }),
    'invoicing:issueCreditNote': specify({
        ...submit,
        name: 'invoicing:issueCreditNote',
        does: 'take back a part of a final bill, or all of it; the credit note gets its number in the next run',
        args: record.documentReference.extend({ corrects: record.documentNumber }),
        transient: { note: record.creditNoteRecord, bill: record.billRecord, earlier: notes },
        response: saved,
        events: ['CreditNoteIssued'],
        refusals: [
            ...PRIVATE,
            'NOT_ESTABLISHED',
            'MEMBER_UNKNOWN',
            'FORBIDDEN',
            'DOCUMENT_UNKNOWN',
            'CREDIT_OF_CREDIT',
            'RECORD_WRONG',
            'CREDIT_NOTE_EXISTS',
            'DAY_UNKNOWN',
            'COMMITTEE_MISSING',
            'KEY_POLICY_WRONG',
            'OPENING_MISMATCH',
            'OPENING_UNKNOWN',
            'OPENING_MISSING',
            'SIGNATURE_INVALID',
            'CREDIT_TOO_LARGE',
        ],
        endorsers: HOUSEHOLD_AND_OPERATOR,
    }),
    'invoicing:recordPayment': specify({
        ...submit,
        name: 'invoicing:recordPayment',
        does: 'note that a final document was paid, where no account of the market pays it',
        args: record.documentReference.extend({ day, reference: recordId }),
        response: record.documentRecord,
        events: ['DocumentPaid'],
        refusals: [...ALWAYS, ...ALLOWED, ...FOUND],
        endorsers: PARTIES,
    }),
    'invoicing:remind': specify({
        ...submit,
        name: 'invoicing:remind',
        does: 'ask again for what is due and not paid: once a day, three times at most',
        args: record.documentReference,
        response: record.documentRecord,
        events: ['DocumentReminded'],
        refusals: [...ALWAYS, ...ALLOWED, ...FOUND, 'DOCUMENT_NOT_DUE', 'REMINDED_ENOUGH'],
        endorsers: PARTIES,
    }),
    'invoicing:documents': specify({
        ...query,
        name: 'invoicing:documents',
        does: "final documents by number: all for the community's manager (grid operator, operator, auditor), its own for a member; no amounts",
        args: z.strictObject({ mspId: mspId.optional() }),
        response: z.array(record.listedDocument),
        refusals: [...ALWAYS, ...ALLOWED],
    }),
    'invoicing:creditNotes': specify({
        ...query,
        name: 'invoicing:creditNotes',
        does: "credit notes to a bill from the caller's own collection",
        args: z.strictObject({ mspId, from: day, to: day }),
        response: notes,
        refusals: [...ALWAYS, ...ALLOWED],
    }),
} as const;
