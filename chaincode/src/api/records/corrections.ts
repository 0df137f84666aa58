import { z } from 'zod';
import { count, day, hash, integer, mspId, salt, signature, slot, version } from '../wire';
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
