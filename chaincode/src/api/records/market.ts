import { z } from 'zod';
import { count, day, hash, integer, mspId, natural, note, recordId, slot, version } from '../wire';

/** What the channel keeps of a private record. */
const marker = { hash, version, mspId };

export const orderMarker = z.strictObject({ ...marker, slot, id: recordId });
export type OrderMarker = z.output<typeof orderMarker>;

/**
 * How a reading came about. `register`: the difference of a meter's registers over the slot. `replaced`: two meters, the old one
 * up to its last reading, the new one from its first. `gap`: the registers bracket several slots, the energy is spread evenly.
 * `estimated`: the grid operator's word after the deadline.
 */
export const readingKind = z.enum(['register', 'replaced', 'gap', 'estimated']);
export type ReadingKind = z.output<typeof readingKind>;

export const readingMarker = z.strictObject({
    ...marker,
    slot,
    kind: readingKind,
    /** Why a reading is corrected or estimated. */
    reason: note.optional(),
});
export type ReadingMarker = z.output<typeof readingMarker>;

export const settlementMarker = z.strictObject({ ...marker, day, provisional: z.boolean() });
export type SettlementMarker = z.output<typeof settlementMarker>;

export const billMarker = z.strictObject({ ...marker, from: day, to: day, provisional: z.boolean() });
export type BillMarker = z.output<typeof billMarker>;

export const dayRecord = z.strictObject({ day, first: slot, count, replay: z.boolean() });
export type DayRecord = z.output<typeof dayRecord>;

/** Orders are named `mspId/id`. */
const orderName = z.string().regex(/^[A-Za-z0-9.-]+\/[A-Za-z0-9-]+$/, 'not the name of an order');

export const round = z.strictObject({
    day,
    slot,
    status: z.enum(['open', 'closed', 'cleared', 'void']),
    /** From `closed` on: the orders that count, by name, with the hash of their markers. */
    closed: z.array(z.strictObject({ order: orderName, hash })).optional(),
    /** SHA-256 of the canonical JSON of `closed`. */
    ordersHash: hash.optional(),
    /** The uniform price in micros per kWh; null where nothing traded. From `cleared` on. */
    price: integer.nullable().optional(),
    /** Traded energy, only if at least three parties stand on each side. */
    volumeWh: natural.optional(),
    /** Fill and reason of each order, masked: see domain/mask. */
    outcomes: z.array(z.strictObject({ order: orderName, masked: z.string().regex(/^[0-9a-f]{18}$/) })).optional(),
    /** Closed orders that took no part, because no opening was given or it was not the owner's. */
    dropped: z.array(z.strictObject({ order: orderName, reason: z.enum(['unrevealed', 'forged']) })).optional(),
    /** The transaction that cleared: part of the masks. */
    attempt: z.string().max(64).optional(),
    /** Why the round is void, or why nothing could trade. */
    reason: note.optional(),
});
export type RoundRecord = z.output<typeof round>;

export const account = z
    .string()
    .regex(/^(household:[A-Za-z0-9.-]+|clearing|deviation|supplier|grid|community|rounding|vat)$/);
export const posting = z.strictObject({ account, amountNanos: integer });
export type PostingRecord = z.output<typeof posting>;

export const totals = z.strictObject({
    day,
    status: z.enum(['open', 'closed']),
    households: count.optional(),
    provisional: count.optional(),
    tradedWh: natural.optional(),
    /** Sum of the households' positive metered net, and of the negative one. */
    exportedWh: natural.optional(),
    importedWh: natural.optional(),
    /** Balances of the shared accounts after the day, by name; with the households' they sum to zero. */
    accounts: z.array(posting).optional(),
    householdsNanos: integer.optional(),
    /** SHA-256 over the hashes of the settlements, by member. */
    settlementsHash: hash.optional(),
});
export type Totals = z.output<typeof totals>;
