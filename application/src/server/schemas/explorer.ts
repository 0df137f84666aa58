import { count, mspId } from '@commonwatt/chaincode/api/wire';
import { z } from 'zod';
import { transactionId } from './bills';

const hex = z.string().regex(/^[0-9a-f]*$/, 'not hex');

export const blockSummary = z.strictObject({
    number: count,
    hash: hex,
    previousHash: hex,
    /** Unix seconds of its first transaction, by its client's word; null of the channel's first block. */
    at: count.nullable(),
    transactions: count,
    invalid: count,
    producer: mspId.nullable(),
});
export type BlockSummary = z.input<typeof blockSummary>;

export const blocks = z.strictObject({
    blocks: z.array(blockSummary).max(100),
    /** To be asked for next, as `before`; null at the channel's first block. */
    before: count.nullable(),
});
export type Blocks = z.input<typeof blocks>;

export const transactionSummary = z.strictObject({
    /** Empty where a block carries a change of the channel's configuration, which has none. */
    id: z.string().max(64),
    index: count,
    at: count.nullable(),
    creator: mspId.nullable(),
    chaincode: z.string().max(100).nullable(),
    /** `auction:submitOrders`; what a change of the channel is called where it is none. */
    name: z.string().max(200),
    /** As Fabric names it, `VALID`, and what it means. */
    code: z.string().max(64),
    meaning: z.string().max(400),
});
export type TransactionSummary = z.input<typeof transactionSummary>;

export const blockDetail = blockSummary.extend({ list: z.array(transactionSummary).max(10_000) });
export type BlockDetail = z.input<typeof blockDetail>;

/** What a transaction wrote, without private values: of these the channel has hashes. */
export const ledgerWrite = z.strictObject({
    chaincode: z.string().max(100),
    /** Empty for the channel's own state. */
    collection: z.string().max(200).nullable(),
    /** Composite keys with their parts, `round / 2014-10-03 / 0001567200`; of private keys the hash. */
    key: z.string().max(1_000),
    kind: z.enum(['value', 'hash', 'delete', 'policy']),
    /** The record as JSON, the hash in hex, or nothing. */
    content: z.string(),
});
export type LedgerWrite = z.input<typeof ledgerWrite>;

export const transactionDetail = transactionSummary.extend({
    id: transactionId,
    block: count,
    endorsers: z.array(mspId).max(1_000),
    /** The argument, which is public, as JSON. */
    argument: z.string().nullable(),
    writes: z.array(ledgerWrite).max(100_000),
    events: z.array(z.strictObject({ type: z.string().max(100), content: z.string() })).max(10_000),
});
export type TransactionDetail = z.input<typeof transactionDetail>;
