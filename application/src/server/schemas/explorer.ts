import { count, mspId } from '@commonwatt/chaincode/api/wire';
import { z } from 'zod';

const hex = z.string().regex(/^[0-9a-f]*$/, 'not hex');
/** A transaction's id is its client's choice within what Fabric takes. */
export const ledgerTransactionId = z.string().regex(/^[0-9a-f]{1,128}$/, 'not a transaction');

export const blockSummary = z.strictObject({
    number: count,
    hash: hex,
    previousHash: hex,
    dataHash: hex,
    /** Unix seconds of its first transaction, by its client's word; null where it says nothing. */
    at: count.nullable(),
    transactions: count,
    invalid: count,
    bytes: count,
    /** A change of the channel instead of transactions. */
    isConfiguration: z.boolean(),
    /** Null where the block names nobody: the channel's first, and those of Fabric's own orderers. */
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
    /** Empty where there is none: changes of the channel's configuration. */
    id: z.string().max(128),
    block: count,
    position: count,
    type: z.enum(['transaction', 'configuration', 'unreadable', 'other']),
    at: count.nullable(),
    creator: z.string().max(200).nullable(),
    chaincode: z.string().max(200).nullable(),
    /** `auction:submitOrders` */
    function: z.string().max(200).nullable(),
    isValid: z.boolean(),
    /** As Fabric names it, `VALID`. */
    code: z.string().max(64),
    endorsers: z.array(z.string().max(200)).max(1_000),
});
export type TransactionSummary = z.input<typeof transactionSummary>;

export const blockDetail = blockSummary.extend({ list: z.array(transactionSummary).max(500) });
export type BlockDetail = z.input<typeof blockDetail>;

/** One record that was written on the channel, or the hashes of one that was written for a private collection. */
export const ledgerWrite = z.discriminatedUnion('isPrivate', [
    z.strictObject({
        isPrivate: z.literal(false),
        chaincode: z.string().max(200),
        /** As in docs/reference/ledger-keys; null where it names no such key. */
        kind: z.string().max(200).nullable(),
        /** The key's parts by name. */
        key: z.record(z.string(), z.string()),
        /** Canonical JSON, text or 0x…; null where the record is deleted. */
        value: z.string().nullable(),
        /** Says who may write the record from now on. */
        setsPolicy: z.boolean(),
    }),
    z.strictObject({
        isPrivate: z.literal(true),
        chaincode: z.string().max(200),
        collection: z.string().max(200),
        keyHash: z.string().max(200),
        valueHash: z.string().max(200).nullable(),
    }),
]);
export type LedgerWrite = z.input<typeof ledgerWrite>;

export const transactionDetail = transactionSummary.extend({
    /** Public, so there is nothing private in them. */
    arguments: z.array(z.string()),
    response: z.strictObject({ status: count, payload: z.string() }).nullable(),
    /** The first of them. */
    writes: z.array(ledgerWrite).max(500),
    /** How many there are: on the channel, and hashes of private ones. */
    publicWrites: count,
    privateWrites: count,
    events: z.array(z.strictObject({ type: z.string().max(100).nullable(), fact: z.string() })),
});
export type TransactionDetail = z.input<typeof transactionDetail>;
