import { z } from 'zod';
import { LOSS_PAYERS } from '../../domain/feeder/comparison';
import { day, hash, integer, mspId, natural, salt, signature, slot, sum, version } from '../wire';
import { posting } from './market';

/** A day's losses, as anybody can work them out from the day's totals and the grid operator's signed readings of the feeder. */
export const feederRecord = z.strictObject({
    day,
    /** The grid operator's signature over the feeder's readings: see `feederStatement`. */
    signature,
    slots: z.array(
        z.strictObject({
            slot,
            /** The feeder's own meter; positive flows to the grid. */
            feederWh: integer,
            /** Σ of the households' meters, as in the day's totals. */
            meteredWh: sum,
            expectedWh: natural,
            fits: z.boolean(),
        }),
    ),
    /** Meters less feeder, over the day; what the terms expect of it; and what neither explains. */
    lostWh: sum,
    expectedWh: natural,
    residualWh: sum,
    fits: z.boolean(),
    payer: z.enum(LOSS_PAYERS),
    /** What the supplier gets besides what the meters say, or (negative) pays back. */
    costNanos: sum,
    /** Sums to zero. Members' shares follow the import limits of their connections, which are public. */
    postings: z.array(posting),
});
export type FeederRecord = z.output<typeof feederRecord>;

/** The channel knows that a household was told something about its meter, and what by its hash. */
export const suspicionMarker = z.strictObject({ hash, version, mspId, day });
export type SuspicionMarker = z.output<typeof suspicionMarker>;

/** What one meter has to do with what is missing. For its household and the grid operator. */
export const suspicionRecord = z.strictObject({
    key: z.string().max(200),
    version,
    mspId,
    salt,
    /** The grid operator's. */
    signature,
    day,
    /** SHA-256 of the settlement whose readings were compared. */
    settlement: hash,
    side: z.enum(['consumption', 'generation']),
    /** Part of the variance of what is missing that goes with this meter, in parts of a million. */
    explainedPpm: natural,
    /** Missing energy for each million watt-hours that the meter shows. */
    slopePpm: natural,
    residualWh: sum,
});
export type SuspicionRecord = z.output<typeof suspicionRecord>;
export const suspicionDraft = suspicionRecord.omit({ signature: true });
