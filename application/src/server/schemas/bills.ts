import {
    attestation,
    billRecord,
    charter,
    contract,
    correctionRecord,
    orderRecord,
    purchase,
    readingRecord,
    round,
    rules,
    settlementRecord,
} from '@commonwatt/chaincode/api/records';
import { count, day, integer, mspId, slot, sum } from '@commonwatt/chaincode/api/wire';
import { z } from 'zod';
import { householdId } from './session';

/** The days of a bill: `2014-10-03`, or `2014-10-01_2014-10-31` where there are more. */
export const billId = z.string().regex(/^\d{4}-\d{2}-\d{2}(_\d{4}-\d{2}-\d{2})?$/, 'not a bill');

export const billSummary = z.strictObject({
    id: billId,
    from: day,
    to: day,
    provisional: z.boolean(),
    /** Minor units of the currency. Negative: is paid out. */
    dueMinor: sum,
    /** From the household's account; null where members have none. */
    paid: z.boolean().nullable(),
});
export type BillSummary = z.input<typeof billSummary>;

export const bills = z.strictObject({ bills: z.array(billSummary).max(1_000) });
export type Bills = z.input<typeof bills>;

/** Ids of transactions are 64 hex digits. */
export const transactionId = z.string().regex(/^[0-9a-f]{64}$/, 'not a transaction');

/** A bill as it is signed, with what each of its lines comes from. */
export const bill = z.strictObject({
    id: billId,
    household: householdId,
    currency: rules.shape.currency,
    minorUnitNanos: rules.shape.minorUnitNanos,
    bill: billRecord.omit({ key: true, salt: true, signature: true, commitment: true }),
    paid: z.boolean().nullable(),
    /** Which transaction issued it, where it is known. */
    issuedIn: transactionId.nullable(),
    /** Of each slot that a line names: the transaction that decided it, null where none did. */
    rounds: z.array(z.strictObject({ slot, day, price: integer.nullable(), transaction: transactionId.nullable() })),
});
export type Bill = z.input<typeof bill>;

/** All that the rules need to come to one day's part of a bill again. */
export const evidenceDay = z.strictObject({
    day,
    first: slot,
    count,
    /** The day's public rounds; of their lists only what is about the household's own orders. */
    rounds: z.array(round).max(100),
    /** The household's own, with salts, so that outcomes can be read from the rounds. */
    orders: z.array(orderRecord).max(1_000),
    readings: z.array(readingRecord).max(400),
    settlement: settlementRecord.nullable(),
    corrections: z.array(correctionRecord).max(1_000),
    /** So many of the corrections other bills have: the first ones. */
    billed: count,
    /** With storage; public. */
    contracts: z.strictObject({
        attestations: z.array(attestation).max(10_000),
        contracts: z.array(contract).max(10_000),
        purchases: z.array(purchase).max(10_000),
    }),
    /** What the household agreed to on a day that was scheduled: taken is positive; the prices of its bus, and of deviations. Null where rounds traded. */
    schedule: z
        .strictObject({ energiesWh: z.array(integer), pricesNanos: z.array(integer), imbalance: z.array(integer) })
        .nullable(),
    /** The household's share in the grid's losses, as the public comparison with the feeder gives it. */
    lossesNanos: sum,
});
export type EvidenceDay = z.input<typeof evidenceDay>;

/** Public data and the household's own, to work the bill out again without believing anybody. */
export const billEvidence = z.strictObject({
    id: billId,
    mspId,
    bill: billRecord,
    charter,
    /** The bill's days. */
    days: z.array(evidenceDay).max(400),
    /** Days before, whose corrections stand on the bill. */
    corrected: z.array(evidenceDay).max(400),
});
export type BillEvidence = z.input<typeof billEvidence>;
