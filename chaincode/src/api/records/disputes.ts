import { z } from 'zod';
import { count, day, hash, mspId, recordId, salt, signature, slot, version } from '../wire';

/** The record that is contested. */
export const disputed = z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('reading'), slot }),
    z.strictObject({ kind: z.literal('settlement'), day }),
    z.strictObject({ kind: z.literal('correction'), day, number: count }),
    z.strictObject({ kind: z.literal('bill'), from: day, to: day }),
    z.strictObject({ kind: z.literal('suspicion'), day }),
]);
export type Disputed = z.output<typeof disputed>;

/** SHA-256 of each piece of evidence, which its holder keeps. */
const evidence = z.array(hash).max(20);

export const disputeMarker = z.strictObject({
    mspId,
    id: recordId,
    about: disputed,
    /** Of private statements so far. */
    statements: count,
    /** What the contested marker held when the dispute was opened. */
    disputed: hash,
    evidence,
    status: z.enum(['opened', 'answered', 'upheld', 'rejected', 'withdrawn']),
    /** Slot of the opening and charter of then: the key stands under the policy of both. */
    slot,
    charterVersion: version,
});
export type DisputeMarker = z.output<typeof disputeMarker>;

export const statementMarker = z.strictObject({ hash, version, mspId, id: recordId });
export type StatementMarker = z.output<typeof statementMarker>;

/** A statement of a dispute: the member's, or the grid operator's answer. For both of them and nobody else. */
export const disputeRecord = z.strictObject({
    key: z.string().max(200),
    version,
    mspId,
    salt,
    /** The member's or, of an answer, the grid operator's. */
    signature,
    id: recordId,
    by: z.enum(['member', 'operator']),
    text: z
        .string()
        .min(1)
        .max(2000)
        .regex(/^[\P{Cc}\n]*$/u, 'has control characters'),
    evidence,
});
export type DisputeRecord = z.output<typeof disputeRecord>;
