import { z } from 'zod';
import { TRANSACTIONS, type Specification } from './transactions';

/**
 * What an organisation's chaincode service asks the organisation's own local service before its peer endorses: one HTTP POST with
 * this as canonical JSON. All but `privateInputs` stands on the channel once the transaction is committed.
 */
export const attestationQuestion = z.strictObject({
    version: z.literal('1'),
    channel: z.string(),
    chaincode: z.string(),
    /** `metering:recordReadings` */
    transaction: z.string(),
    /** What is asked, in words: from the catalogue. */
    question: z.string(),
    transactionId: z.string(),
    /** The MSP that proposes it. */
    caller: z.string(),
    /** Unix seconds, the proposer's word. */
    time: z.string(),
    argument: z.unknown(),
    /** What the chaincode answers if it is endorsed. */
    response: z.unknown(),
    /** By name, as the proposal has them: only where the organisation's own file says that its service gets them. */
    privateInputs: z.record(z.string(), z.unknown()).optional(),
});
export type AttestationQuestion = z.output<typeof attestationQuestion>;

/** Anything else, another status than 200, or nothing in time is a refusal. */
export const attestationAnswer = z.discriminatedUnion('attested', [
    z.strictObject({ transactionId: z.string(), attested: z.literal(true) }),
    z.strictObject({ transactionId: z.string(), attested: z.literal(false), reason: z.string().min(1).max(200) }),
]);
export type AttestationAnswer = z.output<typeof attestationAnswer>;

/** Transactions that an organisation may have attested, and what its service is then asked. */
export function attestedTransactions(): ReadonlyMap<string, string> {
    const specifications: readonly Specification[] = Object.values(TRANSACTIONS);
    return new Map(specifications.flatMap(({ name, attested }) => (attested === undefined ? [] : [[name, attested]])));
}
