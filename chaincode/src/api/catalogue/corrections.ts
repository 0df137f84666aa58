import { z } from 'zod';
import * as record from '../records';
import { day, hash, mspId, recordId, salt, signature } from '../wire';
import { query, readings, submit } from './market';
import { ALWAYS, HOUSEHOLD_AND_OPERATOR, PRIVATE, specify } from './specification';

const asked = z.strictObject({ day, mspId });
const inputs = {
    settlement: record.settlementRecord,
    corrections: z.array(record.correctionRecord).max(99),
    readings,
    salt,
} as const;
const CORRECTED = [
    'NOT_ESTABLISHED',
    'MEMBER_UNKNOWN',
    'FORBIDDEN',
    'DAY_UNKNOWN',
    'COMMITTEE_MISSING',
    'KEY_POLICY_WRONG',
    'DAY_NOT_CLOSED',
    'SETTLEMENT_MISSING',
    'OPENING_UNKNOWN',
    'OPENING_MISSING',
    'OPENING_MISMATCH',
    'SIGNATURE_INVALID',
    'TERMS_MISSING',
    'SETTLEMENT_WRONG',
    'NOTHING_TO_CORRECT',
    'TOO_MANY_VERSIONS',
] as const;

export const CORRECTION_TRANSACTIONS = {
    'corrections:draft': specify({
        ...query,
        name: 'corrections:draft',
        does: 'what readings that changed after their day was closed add to its settlement, for the owner to check and sign',
        args: asked,
        transient: inputs,
        response: record.correctionDraft,
        refusals: [...PRIVATE, ...CORRECTED],
    }),
    'corrections:record': specify({
        ...submit,
        name: 'corrections:record',
        does: 'add the difference that changed readings make to a settled day; the settlement stays as it is',
        args: asked,
        transient: { ...inputs, signature, markerSignature: signature },
        response: z.strictObject({ hash }),
        events: ['DayCorrected'],
        refusals: [...PRIVATE, ...CORRECTED],
        endorsers: HOUSEHOLD_AND_OPERATOR,
    }),
    'corrections:publish': specify({
        ...submit,
        name: 'corrections:publish',
        does: 'tell what corrections of at least three households come to, account by account, proved by their commitments; each stands in one run',
        args: z.strictObject({ run: recordId, sums: record.correctionSums }),
        response: record.correctionRun,
        events: ['CorrectionsPublished'],
        refusals: [
            ...ALWAYS,
            'NOT_ESTABLISHED',
            'FORBIDDEN',
            'RUN_EXISTS',
            'CORRECTION_UNKNOWN',
            'DAY_UNKNOWN',
            'COMMITTEE_MISSING',
            'KEY_POLICY_WRONG',
            'SIGNATURE_INVALID',
            'CORRECTION_PUBLISHED',
            'GROUP_TOO_SMALL',
            'COMMITMENT_MISMATCH',
            'TOTALS_WRONG',
        ],
        endorsers: 'grid operator and a quorum of the committee',
    }),
    'corrections:runs': specify({
        ...query,
        name: 'corrections:runs',
        does: 'what published corrections came to',
        args: z.strictObject({}),
        response: z.array(record.correctionRun),
        refusals: [...ALWAYS],
    }),
    'corrections:markers': specify({
        ...query,
        name: 'corrections:markers',
        does: 'which corrections of a day are on the ledger',
        args: z.strictObject({ day }),
        response: z.array(record.correctionMarker),
        refusals: [...ALWAYS],
    }),
    'corrections:own': specify({
        ...query,
        name: 'corrections:own',
        does: "the corrections of a day from the caller's own collection: its own, or for the grid operator any household's",
        args: z.strictObject({ day, mspId: mspId.optional() }),
        response: z.array(record.correctionRecord),
        refusals: [...ALWAYS, 'NOT_ESTABLISHED', 'FORBIDDEN'],
    }),
} as const;
