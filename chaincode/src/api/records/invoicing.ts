import { z } from 'zod';
import { count, day, hash, mspId, natural, note, recordId, salt, signature, sum, version } from '../wire';

/** A bill by its period, or a credit note to it by its own id. */
export const BILL = 'bill';
const reference = { mspId, from: day, to: day, id: recordId };
export const documentReference = z.strictObject(reference);
export type DocumentReference = z.output<typeof documentReference>;
export const documentNumber = count.refine((n) => n >= 1, 'numbers count from 1');

/** A final document: what everybody may know of it. Its number and hash never change. */
export const documentRecord = z.strictObject({
    ...reference,
    number: documentNumber,
    run: documentNumber,
    hash,
    dueDay: day,
    /** Days on which its payment was asked for again, earliest first. */
    reminders: z.array(day).max(3),
    paid: z.strictObject({ day, reference: recordId }).optional(),
});
export type DocumentRecord = z.output<typeof documentRecord>;

/** As it is told: a bill that its household's account has paid says so, too. */
export const listedDocument = documentRecord.extend({ paidFromAccount: z.literal(true).optional() });
export type ListedDocument = z.output<typeof listedDocument>;

/** Which document has a number. */
export const numbered = z.strictObject({ number: documentNumber, run: documentNumber, ...reference });
export type Numbered = z.output<typeof numbered>;

/** A billing run that gave its documents their numbers: from the first on, without a gap. */
export const billingRun = z.strictObject({
    run: documentNumber,
    firstNumber: documentNumber,
    count,
    /** The local day on which it was made final, and the charter of the time: the key stands under the policy of its members. */
    day,
    charterVersion: version,
    dueDay: day,
});
export type BillingRun = z.output<typeof billingRun>;

export const creditPart = z.strictObject({
    payee: z.enum(['supplier', 'grid', 'community']),
    ppm: natural,
    /** Tax included, in minor units. Positive: back to the household. */
    grossMinor: sum,
});

/** Signed by the grid operator, in whose books the bill stands. */
export const creditNoteRecord = z.strictObject({
    key: z.string().max(200),
    version,
    mspId,
    salt,
    signature,
    from: day,
    to: day,
    id: recordId,
    /** The number of the bill that it corrects. */
    corrects: documentNumber,
    reason: note,
    parts: z.array(creditPart).min(1).max(20),
});
export type CreditNoteRecord = z.output<typeof creditNoteRecord>;

export const creditNoteMarker = z.strictObject({ hash, version, ...reference, corrects: documentNumber });
export type CreditNoteMarker = z.output<typeof creditNoteMarker>;

/** What a run would make final, and what stands in its way. */
export const runPreview = z.strictObject({
    run: documentNumber,
    firstNumber: documentNumber,
    /** Without a number, of days within the period, in the order in which they would be numbered. */
    documents: z.array(z.strictObject({ ...reference, hash })),
    /** Bills that stay without a number as long as they are provisional. */
    provisional: z.array(z.strictObject(reference)),
    /** Who was active on the days, and has no bill that reaches them. */
    missing: z.array(z.strictObject({ mspId, day })),
});
