import { z } from 'zod';

/** How many of the waiting messages a decision disposes of; with height and proposer if they became a block. */
export type Decision = z.infer<typeof decisionSchema>;

const MESSAGE = 1;
const DECISION = 2;

const decisionSchema = z.strictObject({
    considered: z.int().positive(),
    dropped: z.array(z.int().nonnegative()).readonly(),
    height: z.int().positive().optional(),
    proposer: z.string().min(1).optional(),
});

export function encodeMessage(message: Uint8Array): Uint8Array {
    return Buffer.concat([Buffer.of(MESSAGE), message]);
}

export function encodeDecision(decision: Decision): Uint8Array {
    return Buffer.concat([Buffer.of(DECISION), Buffer.from(JSON.stringify(decision), 'utf8')]);
}

/** Throws on a record that this version did not write: such a log is not ours to continue. */
export function decodeRecord(record: Buffer): { message?: Uint8Array; decision?: Decision } {
    const body = record.subarray(1);
    switch (record[0]) {
        case MESSAGE:
            return { message: body };
        case DECISION:
            return { decision: decisionSchema.parse(JSON.parse(body.toString('utf8'))) };
        default:
            throw new Error(`the ordering log holds a record of unknown kind ${record[0] ?? 'none'}`);
    }
}
