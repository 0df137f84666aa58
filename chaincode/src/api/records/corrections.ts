import { z } from 'zod';
import { CORRECTION_LAYOUT } from '../../domain/commitment/correction-layout';
import {
    count,
    day,
    groupElement,
    hash,
    integer,
    mspId,
    recordId,
    salt,
    scalar,
    signature,
    slot,
    sum,
    version,
} from '../wire';
import { posting, readingKind } from './market';

/** Corrections of a household's day count from 1. */
const number = count.refine((n) => n >= 1 && n <= 99, 'from 1 to 99');

export const correctionMarker = z.strictObject({
    hash,
    version,
    mspId,
    day,
    number,
    /** The settlement's hash, or that of the correction before. */
    corrects: hash,
    provisional: z.boolean(),
    /** To what it posts: see docs/concepts/commitments.md. */
    commitment: z.strictObject({ layout: z.literal(CORRECTION_LAYOUT), element: groupElement }),
    /** The member's, over the marker: others rely on it without the record. */
    signature,
});
export type CorrectionMarker = z.output<typeof correctionMarker>;

/** What readings that changed after their day was settled add to its settlement. */
export const correctionRecord = z.strictObject({
    key: z.string().max(200),
    version,
    mspId,
    salt,
    signature,
    day,
    number,
    corrects: hash,
    /** A reading of the day is still an estimate. */
    provisional: z.boolean(),
    /** The slots that changed, in order of time. */
    slots: z
        .array(
            z.strictObject({
                slot,
                readingVersion: version,
                readingKind,
                meteredWh: integer,
                /** What it was settled with before. */
                wasWh: integer,
            }),
        )
        .min(1)
        .max(100),
    /** New less old, both sides, by account: sums to zero. */
    postings: z.array(posting),
});
export type CorrectionRecord = z.output<typeof correctionRecord>;
export const correctionDraft = correctionRecord.omit({ signature: true });
export type CorrectionDraft = z.output<typeof correctionDraft>;

/** A correction by its key. */
export const correctionName = z.strictObject({ day, mspId, number });

/** The sums of corrections, of any days, that are told together. */
export const correctionSums = z.strictObject({
    corrections: z.array(correctionName).min(1).max(1000),
    /** What their commitments open to, by account: the households as one. */
    postings: z.array(posting),
    /** Sum of the commitments' blindings. */
    blinding: scalar,
    /** What the supplier gets of it or (negative) pays: the grid operator's word. The rest is the community's. */
    supplierNanos: sum,
});
export type CorrectionSums = z.output<typeof correctionSums>;

export const correctionRun = z.strictObject({
    run: recordId,
    households: count,
    given: correctionSums,
    /** What each account received or (negative) paid in all, once the pool of deviations is emptied. Sums to zero. */
    postings: z.array(posting),
});
export type CorrectionRun = z.output<typeof correctionRun>;

/** Says in which run a correction stands, so that it stands in no other. Made with the correction, without a run. */
export const correctionInRun = correctionName.extend({ run: recordId.optional() });
export type CorrectionInRun = z.output<typeof correctionInRun>;
