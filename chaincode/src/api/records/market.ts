import { z } from 'zod';
import {
    count,
    day,
    groupElement,
    hash,
    integer,
    mspId,
    naturalSum,
    note,
    recordId,
    scalar,
    signature,
    slot,
    sum,
    version,
} from '../wire';
import { BILL_CORRECTIONS_LAYOUT, BILL_LAYOUT } from '../../domain/commitment/bill-layout';
import { SETTLEMENT_LAYOUT } from '../../domain/commitment/settlement-layout';
import { MOST_SEATS } from '../../domain/committee';

/** What the channel keeps of a private record. */
const marker = { hash, version, mspId };

export const orderMarker = z.strictObject({
    ...marker,
    slot,
    id: recordId,
    /** The owner's, over key and hash: nobody else can commit a member to an order that it has not made. */
    signature,
    /** Taken back before the gate: counts for nothing, and its id stays taken. */
    cancelled: z.literal(true).optional(),
    /** Seats of the committee that hold the opening, sorted: only a quorum of it writes the marker. Absent until it is revealed. */
    holders: z.array(mspId).min(1).max(MOST_SEATS).optional(),
});
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
    /** The charter under which the slot's first reading was recorded: the key stands under the policy of that version. */
    charterVersion: version,
    /** Why a reading is corrected or estimated. */
    reason: note.optional(),
});
export type ReadingMarker = z.output<typeof readingMarker>;

/** Who signed: the household, or after the deadline the grid operator. */
export const signedBy = z.enum(['owner', 'operator']);

/** What a record says, in a form that adds up and tells nothing: see docs/concepts/commitments.md. */
export const settlementCommitment = z.strictObject({ layout: z.literal(SETTLEMENT_LAYOUT), element: groupElement });
export type SettlementCommitment = z.output<typeof settlementCommitment>;

/** Signed (all of it but the signature), because sums over settlements are believed by those who cannot open them. */
export const settlementMarker = z.strictObject({
    ...marker,
    day,
    signedBy,
    provisional: z.boolean(),
    commitment: settlementCommitment,
    /** Of a day that was scheduled: the version of the pool's statement that it was settled under. */
    pool: version.optional(),
    signature,
});
export type SettlementMarker = z.output<typeof settlementMarker>;

export const billCommitment = z.strictObject({ layout: z.literal(BILL_LAYOUT), element: groupElement });
export type BillCommitment = z.output<typeof billCommitment>;

export const billCorrectionsCommitment = z.strictObject({
    layout: z.literal(BILL_CORRECTIONS_LAYOUT),
    element: groupElement,
});
export type BillCorrectionsCommitment = z.output<typeof billCorrectionsCommitment>;

/** Which corrections stand on a bill, by day and number: they stand on no other. */
export const billedCorrections = z
    .array(z.strictObject({ day, number: count }))
    .min(1)
    .max(1000);

/** Signed as a settlement's. */
export const billMarker = z.strictObject({
    ...marker,
    from: day,
    to: day,
    signedBy,
    provisional: z.boolean(),
    commitment: billCommitment,
    /** Absent where no corrections stand on it. */
    corrections: z.strictObject({ of: billedCorrections, commitment: billCorrectionsCommitment }).optional(),
    signature,
});
export type BillMarker = z.output<typeof billMarker>;

export const dayRecord = z.strictObject({
    day,
    first: slot,
    count,
    replay: z.boolean(),
    /** The charter under which the day was opened: its keys stand under the policies of that version. */
    charterVersion: version,
});
export type DayRecord = z.output<typeof dayRecord>;

/** Orders are named `mspId/id`. */
const orderName = z.string().regex(/^[A-Za-z0-9.-]+\/[A-Za-z0-9-]+$/, 'not the name of an order');

/** Why a closed order took no part, for all to see. */
export const dropReason = z.enum(['UNREVEALED', 'FORGED', 'NOT_ACTIVE', 'NOT_VALID_YET', 'PARTLY_REVEALED']);

export const round = z.strictObject({
    day,
    slot,
    status: z.enum(['open', 'closed', 'cleared', 'void']),
    /** Of a replayed day: stamps are not compared with gates. */
    replay: z.boolean(),
    /** As the day's. */
    charterVersion: version,
    /** The rule that clears the round. */
    mechanism: z.string().max(64),
    /** From `closed` on: the orders that count, by name, with the hash of their markers. */
    closed: z.array(z.strictObject({ order: orderName, hash })).optional(),
    /** SHA-256 of the canonical JSON of `closed`. */
    ordersHash: hash.optional(),
    /** When it was closed, in unix seconds, by the word of whoever closed it. What is held back and sent later has an old stamp. */
    closedAt: count.optional(),
    /**
     * When a seat called for the orders that are not revealed yet, in unix seconds: whoever endorsed that had the closed round, so it is not earlier
     * than orders could be revealed. They are for `revealSeconds` from then on. Undefined where nobody had to be waited for.
     */
    calledAt: count.optional(),
    /** What every buyer pays, in micros per kWh; null where nothing traded or where buyers pay different prices. From `cleared` on. */
    price: integer.nullable().optional(),
    /** Traded energy, only if at least three parties stand on each side. */
    volumeWh: naturalSum.optional(),
    /** What buyers pay and sellers do not get, under the same condition. */
    surplusNanos: naturalSum.optional(),
    /** Fill, amount and reason of each order, masked: see domain/auction/mask. */
    outcomes: z.array(z.strictObject({ order: orderName, masked: z.string().regex(/^[0-9a-f]{34}$/) })).optional(),
    /** Closed orders that took no part, because no opening was given or it was not the owner's. */
    dropped: z.array(z.strictObject({ order: orderName, reason: dropReason })).optional(),
    /** The transaction that cleared: part of the masks. */
    attempt: z.string().max(64).optional(),
    /** Why the round is void, or why nothing could trade. */
    reason: note.optional(),
});
export type RoundRecord = z.output<typeof round>;

/** How the community stood to its schedule on a day, slot by slot: which of the two imbalance prices holds. Proved when the day is closed. */
export const pool = z.strictObject({
    day,
    version,
    sides: z
        .array(z.enum(['short', 'long']))
        .min(1)
        .max(100),
    /** What deviations are at where the community is short, and where it is long: micros/kWh, as governed when the day was opened. */
    shortPrice: integer,
    longPrice: integer,
});
export type PoolRecord = z.output<typeof pool>;

/** Accounts as domain/postings names them; `households` is all of theirs together. */
const account = z
    .string()
    .regex(/^(household:[A-Za-z0-9.-]+|households|clearing|deviation|supplier|grid|community|rounding|vat|losses)$/);
export const posting = z.strictObject({ account, amountNanos: sum });
export type PostingRecord = z.output<typeof posting>;

/** The sums over a day's settlements, as whoever closes the day states them and their commitments prove it. */
export const daySums = z.strictObject({
    /** What was bought locally, for each pair of fees of the day in order of first appearance. */
    boughtWh: z.array(naturalSum).min(1).max(100),
    /** And what was received under contracts with storage: absent where nothing was. */
    receivedWh: z.array(naturalSum).min(1).max(100).optional(),
    /** What the settlements post on each account, the households as one; by name, without those that are not moved. */
    postings: z.array(posting).max(32),
    /** The commitments' opening: where there are enough households that their sums can be told. */
    opening: z
        .strictObject({
            slots: z.array(z.strictObject({ meteredWh: sum, shortWh: naturalSum })).max(100),
            blinding: scalar,
        })
        .optional(),
    /** Otherwise: what would follow from the slots, as the grid operator says. */
    stated: z.strictObject({ importedWh: naturalSum, exportedWh: naturalSum, supplierNanos: sum }).optional(),
});
export type DaySumsRecord = z.output<typeof daySums>;

/** The sums over all bills of a period, and the opening of their commitments. */
export const billSumsGiven = z.strictObject({
    /** What the bills' days posted on the households' accounts. */
    settledNanos: sum,
    dueMinor: sum,
    /** What moves with the bills; by name, the households as one, without accounts that are not moved. */
    postings: z.array(posting).max(32),
    blinding: scalar,
});
export type BillSumsRecord = z.output<typeof billSumsGiven>;

export const billSums = z.strictObject({ from: day, to: day, households: count, given: billSumsGiven });
export type BillSums = z.output<typeof billSums>;

/** The sums of a day. Made when the day is opened, filled when it is closed. */
export const totals = z.strictObject({
    day,
    /** As the day's. */
    charterVersion: version,
    status: z.enum(['open', 'closed']),
    sums: z
        .strictObject({
            households: count,
            /** At least one settlement is provisional. */
            provisional: z.boolean(),
            tradedWh: naturalSum,
            /** Σ over the slots in which the community as a whole imported, and exported. */
            importedWh: naturalSum,
            exportedWh: naturalSum,
            /** Empty where the community has too few households to publish sums over them. */
            slots: z.array(
                z.strictObject({ slot, meteredWh: sum, shortWh: sum, supplierNanos: sum, spreadNanos: sum }),
            ),
            /** What each account received or (negative) paid. Sums to zero. */
            postings: z.array(posting),
            /** SHA-256 of the canonical JSON of the settlements' hashes, by member. */
            settlementsHash: hash,
            /** As it was stated when the day was closed: for whoever checks it again. */
            given: daySums,
        })
        .optional(),
});
export type Totals = z.output<typeof totals>;
