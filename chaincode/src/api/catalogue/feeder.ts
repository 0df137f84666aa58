import { z } from 'zod';
import * as record from '../records';
import { day, hash, integer, mspId, salt, signature, slot } from '../wire';
import { query, submit } from './market';
import { ALWAYS, HOUSEHOLD_AND_OPERATOR, PRIVATE, specify } from './specification';

const asked = z.strictObject({ day, mspId });
const told = { settlement: record.settlementRecord, salt } as const;
const SUSPECTED = [
    'NOT_ESTABLISHED',
    'FORBIDDEN',
    'MEMBER_UNKNOWN',
    'DAY_UNKNOWN',
    'FEEDER_MISSING',
    'FEEDER_FITS',
    'SETTLEMENT_MISSING',
    'KEY_POLICY_WRONG',
    'OPENING_UNKNOWN',
    'OPENING_MISSING',
    'OPENING_MISMATCH',
    'SIGNATURE_INVALID',
    'SUSPICION_UNFOUNDED',
    'SUSPICION_EXISTS',
    'COMMITTEE_MISSING',
] as const;

export const FEEDER_TRANSACTIONS = {
    'feeder:compareDay': specify({
        ...submit,
        name: 'feeder:compareDay',
        does: "compare a closed day's meters with the feeder's own, slot by slot, and post who pays for what was lost; public, once",
        args: z.strictObject({ day, slots: z.array(z.strictObject({ slot, feederWh: integer })).max(100), signature }),
        response: record.feederRecord,
        events: ['FeederCompared'],
        refusals: [
            ...ALWAYS,
            'NOT_ESTABLISHED',
            'FORBIDDEN',
            'DAY_UNKNOWN',
            'TERMS_MISSING',
            'LOSSES_NOT_GOVERNED',
            'SIGNATURE_INVALID',
            'FEEDER_EXISTS',
            'COMMITTEE_MISSING',
            'KEY_POLICY_WRONG',
            'DAY_NOT_CLOSED',
            'GROUP_TOO_SMALL',
            'READINGS_MISSING',
        ],
        endorsers: 'grid operator and one household',
    }),
    'feeder:draftSuspicion': specify({
        ...query,
        name: 'feeder:draftSuspicion',
        does: "what a household's meter has to do with what is missing at the feeder, for the grid operator to sign, or for the household to know",
        args: asked,
        transient: told,
        response: record.suspicionDraft,
        refusals: [...PRIVATE, ...SUSPECTED],
    }),
    'feeder:notify': specify({
        ...submit,
        name: 'feeder:notify',
        does: 'tell a household that its meter does not fit, with the figures; the channel sees that it was told something',
        args: asked,
        transient: { ...told, signature },
        response: z.strictObject({ hash }),
        events: ['SuspicionTold'],
        refusals: [...PRIVATE, ...SUSPECTED],
        endorsers: HOUSEHOLD_AND_OPERATOR,
    }),
    'feeder:day': specify({
        ...query,
        name: 'feeder:day',
        does: 'the comparison of a day',
        args: z.strictObject({ day }),
        response: record.feederRecord,
        refusals: [...ALWAYS, 'FEEDER_MISSING'],
    }),
    'feeder:ownSuspicion': specify({
        ...query,
        name: 'feeder:ownSuspicion',
        does: "the figures of a day's suspicion from the caller's own collection: its own, or for the grid operator any household's",
        args: z.strictObject({ day, mspId: mspId.optional() }),
        response: record.suspicionRecord,
        refusals: [...ALWAYS, 'NOT_ESTABLISHED', 'FORBIDDEN', 'NOT_FOUND'],
    }),
} as const;
