import { z } from 'zod';
import { BILL_ITEMS } from '../../domain/billing/lines';
import {
    count,
    day,
    integer,
    mspId,
    natural,
    naturalSum,
    note,
    positive,
    recordId,
    salt,
    signature,
    slot,
    sum,
    version,
} from '../wire';
import {
    billCommitment,
    billCorrectionsCommitment,
    billedCorrections,
    posting,
    readingKind,
    settlementCommitment,
    signedBy,
} from './market';

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
    /** Worst price accepted, micros per kWh; null for a market order, which takes any price within the community's floor and cap. */
    limit: integer.nullable(),
    /** The order counts only where the gate of its slot does not close before this slot begins; without it from the start. */
    validFrom: slot.optional(),
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

/** What is known of a slot before money is computed; domain/settlement computes the rest from it and the day's terms. */
export const settlementSlot = z.strictObject({
    slot,
    readingVersion: version,
    readingKind,
    /** Positive flows to the grid. */
    meteredWh: integer,
    boughtWh: naturalSum,
    soldWh: naturalSum,
    /** Given (positive) or taken under contracts with storage, and what of it was received as a buyer: absent where nothing was. */
    contractedWh: integer.optional(),
    receivedWh: naturalSum.optional(),
    /** What the round or the schedule asks for `boughtWh` and gives for `soldWh`, before fees. */
    paidNanos: sum,
    earnedNanos: sum,
    /** On a day that was scheduled: what deviations pay and earn, micros per kWh, and the day bears no local fees. Absent where a round traded. */
    imbalance: integer.optional(),
});
export type SettlementSlot = z.output<typeof settlementSlot>;

export const settlementRecord = z.strictObject({
    ...owned,
    day,
    signedBy,
    /** At least one reading is an estimate, or the household did not take part. */
    provisional: z.boolean(),
    slots: z.array(settlementSlot).min(1).max(100),
    /** As its marker's. */
    pool: version.optional(),
    /** Both sides of every movement of money, summed by account: adds up to zero. */
    postings: z.array(posting),
    /** Follows from the rest, salt included. */
    commitment: settlementCommitment,
});
export type SettlementRecord = z.output<typeof settlementRecord>;

/** Without what the owner adds: what `billing:draftSettlement` answers, to be salted and signed. */
export const settlementDraft = settlementRecord.omit({ signature: true });
export type SettlementDraft = z.output<typeof settlementDraft>;

export const billLine = z.strictObject({
    item: z.enum(BILL_ITEMS),
    /** Of a charge: its name in the terms, its rate where it is a percentage, and for how many days it is. */
    charge: recordId.optional(),
    ppm: natural.optional(),
    days: count.optional(),
    /** Micros per kWh; null where a rule shared money among sellers, so that no whole price gives the amount, and for charges. */
    price: integer.nullable(),
    /** Not negative but on corrections, which may take some back. */
    energyWh: sum,
    /** ± energy × price, without tax. Positive: the household receives. */
    amountNanos: sum,
    /** The rounds (slots) that the energy comes from. */
    rounds: z.array(slot),
    seller: z.enum(['supplier', 'grid', 'community', 'pool', 'household']),
    /** The seller's rate of value added tax, in parts per million. */
    vatPpm: natural,
});
export type BillLineRecord = z.output<typeof billLine>;

/** What a meter of the household showed when the bill's period began or ended. */
export const shownRegister = z.strictObject({
    at: z.enum(['begin', 'end']),
    /** The period's first slot at its beginning, or its last at its end. */
    slot,
    meterId: recordId,
    consumptionWh: natural,
    generationWh: natural,
});

/** Value added tax on all lines of one rate, on what the household buys or on what it sells. */
export const billTax = z.strictObject({
    on: z.enum(['bought', 'sold']),
    ppm: natural,
    /** Sum of the lines, as they stand. */
    netNanos: sum,
    /** Rounded to the minor unit, half-even. Positive: the household pays. */
    taxMinor: sum,
});

export const billRecord = z.strictObject({
    ...owned,
    from: day,
    to: day,
    signedBy,
    /** At least one settlement is provisional, or the household did not take part. */
    provisional: z.boolean(),
    lines: z.array(billLine),
    /** As signed readings say; empty where these are estimates, absent where nobody opened them. */
    registers: z.array(shownRegister).max(8).optional(),
    /** The household is no member on the day after. */
    last: z.literal(true).optional(),
    /** What the settlements posted on the household's account, and the feeder's comparison where members pay for losses. */
    settledNanos: sum,
    /** Sum of the lines, without tax. Positive: the household receives. */
    balanceNanos: sum,
    taxes: z.array(billTax),
    /** What the household pays, in minor units: the balance rounded once, half-even, and the taxes. Negative: is paid out to it. */
    dueMinor: sum,
    /** What moves with the bill: charges, taxes, the rounding's difference. Sums to zero. */
    postings: z.array(posting),
    /** To what the bill's own days come to. Follows from the rest, salt included. */
    commitment: billCommitment,
    /** The part of all this that is of corrections: what they post themselves, what is due for them, what moves with them. */
    corrections: z
        .strictObject({
            of: billedCorrections,
            correctedNanos: sum,
            dueMinor: sum,
            postings: z.array(posting),
            commitment: billCorrectionsCommitment,
        })
        .optional(),
});
export type BillRecord = z.output<typeof billRecord>;

export const billDraft = billRecord.omit({ signature: true });
export type BillDraft = z.output<typeof billDraft>;
