import { dropReason, round, side } from '@commonwatt/chaincode/api/records';
import { count, day, integer, natural, naturalSum, recordId, slot, sum } from '@commonwatt/chaincode/api/wire';
import { OUTCOME_REASONS, type OutcomeReason } from '@commonwatt/chaincode/domain/auction/reasons';
import { z } from 'zod';
import { transactionId } from './bills';

const reasons = Object.keys(OUTCOME_REASONS) as [OutcomeReason, ...OutcomeReason[]];

/** How an order of the household ended; `PENDING` until its round has. */
export const ownOrder = z.strictObject({
    slot,
    id: recordId,
    side,
    energyWh: natural,
    /** Micros per kWh; null for any price within the community's limits. */
    limit: integer.nullable(),
    fillWh: naturalSum,
    /** Paid by a buyer or got by a seller, before fees. */
    amountNanos: sum,
    reason: z.enum(['PENDING', ...reasons]),
});
export type OwnOrder = z.input<typeof ownOrder>;

export const roundSummary = z.strictObject({
    slot,
    status: round.shape.status,
    /** Micros per kWh; null where nothing traded, where buyers pay different prices, or before it is cleared. */
    price: integer.nullable(),
    /** Null where fewer than three parties stand on a side: nobody is told then. */
    volumeWh: naturalSum.nullable(),
    /** How many orders count, and how many of them took no part. Null while the round is open. */
    orders: count.nullable(),
    dropped: count,
    own: z.array(ownOrder).max(100),
});
export type RoundSummary = z.input<typeof roundSummary>;

export const rounds = z.strictObject({
    day: day.nullable(),
    /** Other days that there are, the newest first. */
    days: z.array(day).max(1_000),
    replay: z.boolean(),
    rounds: z.array(roundSummary).max(100),
    /** The next round that takes orders, and when it stops doing so, in unix seconds; null where no day is live. */
    gate: z.strictObject({ slot, closesAt: count }).nullable(),
});
export type Rounds = z.input<typeof rounds>;

/** One step of a merit-order curve: energy at a limit, all orders of it together, without names. */
export const curveStep = z.strictObject({
    /** Null: at any price. */
    limit: integer.nullable(),
    energyWh: naturalSum,
    /** How much of it is the household's own. */
    ownWh: naturalSum,
});

export const meritOrder = z.strictObject({
    /**
     * `whole` where the household's own peer holds the openings of all orders as a seat of the round's committee, and at least three parties stand on
     * each side; otherwise `own`: the household's orders alone.
     */
    knows: z.enum(['whole', 'own']),
    /** Best first. */
    bids: z.array(curveStep).max(10_000),
    asks: z.array(curveStep).max(10_000),
});
export type MeritOrder = z.input<typeof meritOrder>;

export const roundDetail = roundSummary.extend({
    day,
    mechanism: round.shape.mechanism,
    replay: z.boolean(),
    surplusNanos: naturalSum.nullable(),
    /** Why the round is void, or why nothing could trade. */
    note: z.string().nullable(),
    /** How many orders took no part, by reason. */
    droppedFor: z.array(z.strictObject({ reason: dropReason, orders: count })).max(10),
    /** The transaction that cleared it. */
    transaction: transactionId.nullable(),
    curve: meritOrder,
    retail: integer,
    feedIn: integer,
    fees: natural,
});
export type RoundDetail = z.input<typeof roundDetail>;

export const priceHistory = z.strictObject({
    from: day,
    to: day,
    prices: z
        .array(
            z.strictObject({
                slot,
                price: integer.nullable(),
                volumeWh: naturalSum.nullable(),
                retail: integer,
                feedIn: integer,
                fees: natural,
            }),
        )
        .max(3_200),
});
export type PriceHistory = z.input<typeof priceHistory>;
