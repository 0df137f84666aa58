import { z } from 'zod';
import {
    count,
    day,
    fraction,
    hash,
    mspId,
    natural,
    naturalSum,
    note,
    positive,
    salt,
    slot,
    sum,
    version,
} from '../wire';
import { seat } from './governance';
import { dropReason, posting } from './market';
import { readingRecord } from './private';

/** A share in parts per million. */
const ppm = natural.refine((n) => n <= 1_000_000n, 'more than all of it');
/** Reputation is counted in points. */
const points = natural.refine((n) => n <= 1_000_000_000_000n, 'too many points');
const within = (least: number, most: number): z.ZodType<number, string> =>
    count.refine((n) => n >= least && n <= most, `from ${least} to ${most}`);

/** What one kind of misconduct costs: taken from the deposit and the reputation, neither of which falls below zero. */
const penalty = z.strictObject({ depositNanos: natural, reputation: points });

/** What a community governs of its stake, from a day on. See docs/concepts/stake. */
export const stakeParameters = z.strictObject({
    fromDay: day,
    /** Weights of energy, age and reputation in W. They add up to a million. */
    alphaPpm: ppm,
    betaPpm: ppm,
    gammaPpm: ppm,
    /** No member's share before normalisation is below this: newcomers begin here. */
    floorPpm: ppm.refine((n) => n >= 1_000n, 'at least a thousandth, or rounding leaves somebody without weight'),
    /** No member's W is above this share, which lies below one third. */
    capPpm: ppm.refine((n) => n >= 1n && n <= 333_333n, 'below one third'),
    /** Age counts epochs in which a member stood for election since it was last elected, at most so many. */
    ageCap: within(1, 10_000),
    reputation: z.strictObject({
        perReveal: points,
        perRound: points,
        perBlock: points,
        cap: points,
        /** What fades with each epoch. */
        decayPpm: ppm,
    }),
    /** A token of E stands for so many watt-hours; what is below a whole step does not count, and is not told. */
    energyStepWh: positive,
    /** The epoch of a day counts the energy of so many days before. */
    energyLagDays: within(0, 31),
    /** Seats of a committee. */
    seats: within(2, 7),
    /** The epoch of a day elects the committee that serves from so many days later. */
    leadDays: within(1, 31),
    quorum: z.enum(['half', 'two-thirds']),
    rule: z.enum(['proportional', 'max-w-over-u']),
    /** Commitments and energy are taken until so many slots into the day, */
    commitSlots: within(1, 1_000),
    /** reveals for so many slots more, */
    revealSlots: within(1, 1_000),
    /** confirmations of producers for so many slots after that. */
    confirmSlots: within(1, 10_000),
    /** From the community's account, for each block and for each cleared round. */
    producerFeeNanos: natural,
    committeeFeeNanos: natural,
    penalties: z.strictObject({
        unrevealed: penalty,
        missedDuty: penalty,
        doubleReading: penalty,
        unattestedSale: penalty,
    }),
    /** Committees of days that lie further back leave the charter: bills are issued before. */
    keepDays: within(31, 400),
});
export type StakeParameters = z.output<typeof stakeParameters>;
export const stakeParametersList = z.strictObject({ sets: z.array(stakeParameters).min(1).max(100) });
export type StakeParametersList = z.output<typeof stakeParametersList>;

/** One member's weight in an epoch and what it is made of. */
export const weighed = z.strictObject({
    mspId,
    /** What the member committed itself to; null: nothing, so it takes no part in the draw. */
    commitment: hash.nullable(),
    tokens: natural,
    age: count,
    reputation: points,
    energyPpm: ppm,
    agePpm: ppm,
    reputationPpm: ppm,
    /** W: all of them together are a million, or equal where there are fewer than four. */
    weight: positive,
});
export type Weighed = z.output<typeof weighed>;

export const electedCommittee = z.strictObject({
    fromSlot: slot,
    seats: z.array(seat).min(2).max(7),
    quorum: fraction,
});

export const epochResult = z.strictObject({
    /** What the draw was made from; null where nobody revealed. */
    seed: hash.nullable(),
    revealed: z.array(mspId),
    /** Committed, and not revealed or not as committed: left out and penalised. */
    unrevealed: z.array(mspId),
    /** Everybody who took part in the draw, first drawn first: seats, then substitutes. */
    ranking: z.array(mspId),
    /** Null where none was elected, see `reason`. */
    committee: electedCommittee.nullable(),
    reason: note.optional(),
});
export type EpochResult = z.output<typeof epochResult>;

export const epochRecord = z.strictObject({
    /** The epoch is a local day. */
    epoch: day,
    status: z.enum(['committing', 'revealing', 'closed']),
    /** The day whose energy counts. */
    energyDay: day,
    /** The charter under which the epoch was opened. */
    charterVersion: version,
    /** The parameters that apply. */
    parameters: stakeParameters,
    /** Who is active on the day. */
    members: z.array(mspId).min(1).max(1_000),
    /** Slots at whose start commitments, reveals and confirmations end. */
    commitUntil: slot,
    revealUntil: slot,
    confirmUntil: slot,
    /** From `revealing` on: fixed before the first secret is known. */
    weights: z.array(weighed).optional(),
    /** From `closed` on. */
    result: epochResult.optional(),
});
export type EpochRecord = z.output<typeof epochRecord>;

const ofEpoch = { epoch: day, mspId };
/** Made empty when the epoch is opened, under the owner's policy alone. */
export const seedCommitment = z.strictObject({ ...ofEpoch, commitment: hash.optional() });
export type SeedCommitment = z.output<typeof seedCommitment>;
export const seedReveal = z.strictObject({ ...ofEpoch, secret: salt.optional() });
export type SeedReveal = z.output<typeof seedReveal>;
/** Made empty when the epoch is opened, under the policy of household and grid operator. */
export const matchedEnergy = z.strictObject({ ...ofEpoch, tokens: natural.optional() });
export type MatchedEnergy = z.output<typeof matchedEnergy>;

/** Who produced which blocks and endorsed which clearings, as a member's own peer has them. */
export const producerCounts = z.strictObject({
    /** First and last block, both counted. */
    from: count,
    to: count,
    /** SHA-256 of the canonical JSON of the producers' MSP ids, one for each block, in order. */
    blocksHash: hash,
    /** In order of MSP id. A block whose producer is not named counts for nobody. */
    producers: z.array(z.strictObject({ mspId, blocks: count })).max(100),
    /** Rounds that were cleared in these blocks by valid transactions. */
    cleared: count,
    /** In how many of them an organisation's endorsement stands. */
    endorsed: z.array(z.strictObject({ mspId, rounds: count })).max(100),
});
export type ProducerCounts = z.output<typeof producerCounts>;
export const producerConfirmation = z.strictObject({ ...ofEpoch, counts: producerCounts.optional() });
export type ProducerConfirmation = z.output<typeof producerConfirmation>;

export const stakeAccount = z.strictObject({
    mspId,
    /** Epochs in which the member stood for election since it was last elected. */
    age: count,
    reputation: points,
    depositNanos: naturalSum,
    /** All rewards so far. */
    rewardsNanos: naturalSum,
    /** How often it was elected, how many rounds it helped to clear, how many blocks it produced. */
    elected: count,
    rounds: count,
    blocks: count,
    penalties: count,
});
export type StakeAccount = z.output<typeof stakeAccount>;

/** The community's account as far as stake moves it, and where stake stands. */
export const stakeBook = z.strictObject({
    latestEpoch: day.nullable(),
    latestWeighed: day.nullable(),
    /** Of closed days, counted once each. */
    incomeNanos: sum,
    penaltiesNanos: naturalSum,
    paidNanos: naturalSum,
    /** The first block whose producer is not rewarded yet. */
    nextBlock: count,
});
export type StakeBook = z.output<typeof stakeBook>;

export const communityIncome = z.strictObject({ day, amountNanos: sum });
export type CommunityIncome = z.output<typeof communityIncome>;

export const rewardRecord = z.strictObject({
    epoch: day,
    counts: producerCounts,
    /** Who confirmed exactly these counts. */
    confirmedBy: z.array(mspId),
    /** What the fees come to. */
    owedNanos: naturalSum,
    /** What the community's account held before. */
    balanceNanos: sum,
    /** Adds up to zero: the community pays. */
    postings: z.array(posting),
    /** Seats of the day's committee that endorsed nothing and confirmed nothing. */
    missedDuty: z.array(mspId),
});
export type RewardRecord = z.output<typeof rewardRecord>;

export const misconductKind = z.enum([
    'unrevealed',
    'missedDuty',
    'doubleReading',
    'unattestedSale',
    'unrevealedOrder',
    'silentAgent',
]);
export type MisconductKind = z.output<typeof misconductKind>;

/** Two readings of one slot and version that say different things, both signed by the owner and by the same meter. */
export const doubleReading = z.strictObject({ one: readingRecord, other: readingRecord });
export type DoubleReading = z.output<typeof doubleReading>;

export const misconductRecord = z.strictObject({
    mspId,
    kind: misconductKind,
    /** What it was about: an epoch, a reading's key and version, an order's key. One subject is punished once. */
    subject: z.string().min(1).max(100),
    /** Where the evidence stands: SHA-256 of the evidence that was given, or nothing where the epoch's records are it. */
    evidenceHash: hash.optional(),
    depositNanos: naturalSum,
    reputation: points,
});
export type MisconductRecord = z.output<typeof misconductRecord>;

/** What each member has done in an epoch so far. */
export const participation = z.array(
    z.strictObject({
        mspId,
        /** As the member's key says now; what counts is fixed with the weights. */
        commitment: hash.nullable(),
        secret: salt.nullable(),
        tokens: natural.nullable(),
        confirmed: z.boolean(),
    }),
);

/** What the market's channel state says of a settlement and its day: the caller judges the policies. */
export const settlementEvidence = z.strictObject({
    /** SHA-256 of the settlement, or null where there is none. */
    hash: hash.nullable(),
    /** SHA-256 of the key's policy bytes. */
    policyHash: hash,
    /** The first round of the day; null where the day was not opened. */
    round: z.strictObject({ charterVersion: version, policyHash: hash }).nullable(),
});
export type SettlementEvidence = z.output<typeof settlementEvidence>;
/** What the market's channel state says of an order: the caller judges the policy. */
export const orderEvidence = z.strictObject({
    /** Null where there is none. */
    round: z.strictObject({ charterVersion: version, policyHash: hash }).nullable(),
    /** Why the round went without it, or null where it did not. */
    dropped: dropReason.nullable(),
    /** Seats that hold its opening: none where it was not revealed. */
    holders: z.array(mspId),
});
export type OrderEvidence = z.output<typeof orderEvidence>;
export const totalsEvidence = z.strictObject({
    closed: z.boolean(),
    /** The first round of the day; null where the day was not opened. */
    round: z.strictObject({ charterVersion: version, policyHash: hash }).nullable(),
    communityNanos: sum,
    policyHash: hash,
});
export type TotalsEvidence = z.output<typeof totalsEvidence>;

/** How a schedule stands on the market's channel, and in which of its iterations a household was late. */
export const scheduleEvidence = z.strictObject({
    schedule: z
        .strictObject({ charterVersion: version, policyHash: hash, iterations: count, missed: z.array(count) })
        .nullable(),
});
export type ScheduleEvidence = z.output<typeof scheduleEvidence>;
