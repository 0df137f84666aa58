import { z } from 'zod';
import { count, day, integer, mspId, natural, note, positive, recordId, salt, signature, slot, version } from '../wire';
import { posting, readingKind } from './market';

/**
 * What every private record holds: its own key (`keyName`) and version, a salt, and its owner's signature over the canonical
 * JSON of the record without `signature`. The record's bytes are its canonical JSON; the marker holds their SHA-256.
 */
const owned = { key: z.string().max(200), version, mspId, salt, signature };

export const side = z.enum(['buy', 'sell']);

export const orderRecord = z.strictObject({
    ...owned,
    slot,
    id: recordId,
    side,
    energyWh: natural,
    /** Worst price accepted, micros per kWh. */
    limit: integer,
});
export type OrderRecord = z.output<typeof orderRecord>;

const register = z.strictObject({ startWh: natural, endWh: natural });

/** What a meter says of its registers over one or more whole slots. Signed by the meter: see `spanStatement`. */
export const span = z.strictObject({
    meterId: recordId,
    fromSlot: slot,
    /** 1, or more where the slots between were not read: a gap. */
    slots: positive.transform(Number).refine((n) => n <= 96, 'at most 96 slots'),
    consumption: register,
    /** The virtual generation meter; zero to zero where there is none. */
    generation: register,
    signature,
});
export type Span = z.output<typeof span>;

export const readingRecord = z.strictObject({
    ...owned,
    slot,
    kind: readingKind,
    reason: note.optional(),
    /** Generation minus consumption within the slot: positive flows to the grid. */
    netWh: integer,
    /** One span; two where the meter was replaced within the slot; none for an estimate. */
    spans: z.array(span).max(4),
});
export type ReadingRecord = z.output<typeof readingRecord>;

export const settlementLine = z.strictObject({
    slot,
    readingVersion: count,
    readingKind,
    meteredWh: integer,
    boughtWh: natural,
    soldWh: natural,
    /** The round's price; null where the household did not trade. */
    price: integer.nullable(),
});
export type SettlementLine = z.output<typeof settlementLine>;

export const settlementRecord = z.strictObject({
    ...owned,
    day,
    /** Made by grid operator and committee after the deadline. */
    provisional: z.boolean(),
    lines: z.array(settlementLine).min(1).max(100),
    /** Both sides of every movement of money, summed by account: adds up to zero. */
    postings: z.array(posting),
});
export type SettlementRecord = z.output<typeof settlementRecord>;

/** Without what the owner adds: what `billing:draftSettlement` answers, to be salted and signed. */
export const settlementDraft = settlementRecord.omit({ signature: true });
export type SettlementDraft = z.output<typeof settlementDraft>;

export const billLine = z.strictObject({
    slot,
    /** What the line is for; `bought`, `sold` and the fees name a round by its slot. */
    kind: z.enum(['bought', 'sold', 'gridFee', 'communityFee', 'shortfall', 'surplus']),
    energyWh: natural,
    price: integer,
    /** Positive: the household receives. */
    amountNanos: integer,
});
export type BillLine = z.output<typeof billLine>;

export const billRecord = z.strictObject({
    ...owned,
    from: day,
    to: day,
    provisional: z.boolean(),
    lines: z.array(billLine),
    totalNanos: integer,
    /** The total rounded once, half-even. Positive: the household receives. */
    amountMinor: integer,
    postings: z.array(posting),
});
export type BillRecord = z.output<typeof billRecord>;

export const billDraft = billRecord.omit({ signature: true });
export type BillDraft = z.output<typeof billDraft>;
