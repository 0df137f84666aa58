import { z } from 'zod';
import { MOST_SEATS } from '../../domain/committee';
import { DAY_AHEAD_MODES, NETWORK_WEIGHTS } from '../../domain/schedule/terms';
import {
    count,
    day,
    fraction,
    hash,
    integer,
    mspId,
    natural,
    note,
    positive,
    recordId,
    salt,
    signature,
    sum,
    version,
} from '../wire';

/** A local day has 92, 96 or 100 slots. */
const MOST_SLOTS = 100;
/** Homes at one market: more would make one close too large. */
const MOST_HOMES = 1_000;
export const MOST_BUSES = 50;
export const MOST_ITERATIONS = 1_000;

/** Positive: is taken from the pool; as in domain/schedule, and in no other record. Wh, by slot. */
const energiesWh = z.array(integer).max(MOST_SLOTS);
/** nanos/kWh, by slot. */
const pricesNanos = z.array(integer).max(MOST_SLOTS);
const bus = recordId;

const seconds = count.refine((n) => n >= 1, 'at least one second');

/** A radial feeder in the community's terms. Homes that it does not name stand at the bus `root`. */
export const communityFeeder = z.strictObject({
    rootVolt: positive,
    leastVolt: natural,
    mostVolt: positive,
    transformerW: natural,
    lines: z
        .array(
            z.strictObject({
                bus,
                from: bus,
                resistanceMilliohm: natural,
                reactanceMilliohm: natural,
                limitW: natural,
            }),
        )
        .max(MOST_BUSES - 1),
    homes: z.record(mspId, bus),
});

const scheduleRules = {
    iterations: count.refine((n) => n >= 1 && n <= MOST_ITERATIONS, `from 1 to ${MOST_ITERATIONS}`),
    primalToleranceWh: natural,
    /** nanos/kWh */
    dualTolerance: natural,
    /** As 2 × a share: one half is none. */
    overRelaxation: fraction,
    /** As how many agents the network counts at a bus: as one, or as many as there are households. */
    networkWeight: z.enum(NETWORK_WEIGHTS),
    /** nanos/kWh for each Wh. */
    penalty: z.strictObject({ initial: positive, least: positive, most: positive, adaptiveUntil: count }),
};

/** How the community runs its days from a day on: see docs/concepts/day-ahead-schedule. */
export const dayAheadTerms = z.strictObject({
    fromDay: day,
    /** `auction`: not ahead. */
    mode: z.enum(DAY_AHEAD_MODES),
    ...scheduleRules,
    /** Who is silent for so long after an iteration began keeps what it said last. */
    iterationSeconds: seconds,
    /** A run that has not ended so long after it was opened has failed. */
    runSeconds: seconds,
    /** Of a day that is no replay: a run has failed that has not ended so many slots before the day begins. */
    deadlineSlots: count,
    /** The community's connection to the grid. */
    importLimitW: natural,
    exportLimitW: natural,
    /** What deviations from the schedule are settled at, micros/kWh. */
    shortPrice: integer,
    longPrice: integer,
    /** Without one all homes stand at one bus, and nothing but the connection to the grid limits them. */
    feeder: communityFeeder.optional(),
});
export type DayAheadTermsRecord = z.output<typeof dayAheadTerms>;

const busPrices = z.strictObject({ bus, pricesNanos });
export type BusPrices = z.output<typeof busPrices>;
/** One for each bus, the root first, then in the order of the feeder. */
export const pricesByBus = z.array(busPrices).min(1).max(MOST_BUSES);

/** What a run is about: frozen when it is opened. */
export const scheduleProblem = z.strictObject({
    day,
    slots: count,
    /** Sorted. Limits are Wh within a slot. */
    households: z
        .array(z.strictObject({ mspId, bus, importLimitWh: natural, exportLimitWh: natural }))
        .min(1)
        .max(MOST_HOMES),
    /** By slot: the supplier's tariffs in nanos/kWh, and what connection and transformer carry, Wh. */
    grid: z
        .array(z.strictObject({ retail: integer, feedIn: integer, importLimitWh: natural, exportLimitWh: natural }))
        .max(MOST_SLOTS),
    /** Between which every agreed price lies, nanos/kWh. */
    floor: integer,
    cap: integer,
    ...scheduleRules,
    iterationSeconds: seconds,
    feeder: communityFeeder.omit({ homes: true }).optional(),
    firstPrices: pricesByBus,
});
export type ScheduleProblem = z.output<typeof scheduleProblem>;

export const residuals = z.strictObject({
    /** The largest |Σx| over buses and slots. */
    primalWh: natural,
    /** nanos/kWh */
    dual: natural,
});

/** How far a run is. */
export const scheduleRun = z.strictObject({
    problemHash: hash,
    openedAt: count,
    /** Unix seconds from which nothing but `abandon` is left. */
    deadline: count,
    /** When the run was opened or the last iteration closed. */
    steppedAt: count,
    /** Iterations that are closed. */
    iteration: count,
    prices: pricesByBus,
    penalty: positive,
    /** Of the last iteration. */
    residuals: residuals.nullable(),
    /** Of the coordinators' private record of the last iteration: see `scheduleBook`. */
    bookHash: hash.nullable(),
    /** Who was late, and in which iterations. */
    missed: z.array(z.strictObject({ mspId, iterations: z.array(count).min(1).max(MOST_ITERATIONS) })).max(MOST_HOMES),
});
export type ScheduleRun = z.output<typeof scheduleRun>;

/** What a day is settled by. */
export const agreedSchedule = z.strictObject({
    prices: pricesByBus,
    /** What the grid takes from the community, by slot: with all households it adds up to zero exactly. */
    gridWh: energiesWh,
    /**
     * What all households together pay for scheduled energy less what they get, nanos: price × energy over buses and slots, prices rounded as they are
     * settled. Not by bus, because what is taken at a bus with one home is that home's.
     */
    worthNanos: sum,
    /** `hash`: of the private record `submission` with the household's energies; null where it never said any, and zero is scheduled. */
    households: z
        .array(z.strictObject({ mspId, bus, hash: hash.nullable() }))
        .min(1)
        .max(MOST_HOMES),
});
export type AgreedSchedule = z.output<typeof agreedSchedule>;

export const schedule = z.strictObject({
    day,
    /** As the day's. */
    charterVersion: version,
    mode: z.enum(['schedule', 'certificate']),
    /** What deviations are settled at, micros/kWh: of the terms that the day was opened under. */
    imbalance: z.strictObject({ shortPrice: integer, longPrice: integer }),
    /** `planned` when the day is opened; `converged` and `notConverged` are final. */
    status: z.enum(['planned', 'open', 'converged', 'notConverged']),
    /** From `open` on. */
    run: scheduleRun.optional(),
    /** Of `converged`. */
    agreed: agreedSchedule.optional(),
    /** Of `notConverged`. */
    reason: note.optional(),
});
export type ScheduleRecord = z.output<typeof schedule>;

/** A closed iteration: what plots and evidence are made of. */
export const scheduleStep = z.strictObject({
    day,
    iteration: count,
    /** After the iteration. */
    prices: pricesByBus,
    /** The ρ that it was closed with. */
    penalty: positive,
    /** Σx by bus: what is taken beyond what is given. */
    shortWh: z.array(z.strictObject({ bus, energiesWh })).max(MOST_BUSES),
    residuals,
    /** Who kept what it had said before. */
    missed: z.array(mspId).max(MOST_HOMES),
});
export type ScheduleStep = z.output<typeof scheduleStep>;

/** Made for every household when the run is opened. */
export const submissionMarker = z.strictObject({
    mspId,
    day,
    /** Of the newest submission; 0 before the first. */
    iteration: count,
    hash: hash.nullable(),
    /** Seats that hold the opening, besides household and grid operator. */
    holders: z.array(mspId).max(MOST_SEATS),
});
export type SubmissionMarker = z.output<typeof submissionMarker>;

/** A household's answer to the prices of an iteration, or its agreement to a claimed schedule. Private, signed by its owner. */
export const submissionRecord = z.strictObject({
    /** `submission/DAY/MSP` */
    key: z.string().max(200),
    version,
    mspId,
    salt,
    signature,
    day,
    /** 0 of an agreement. */
    iteration: count,
    energiesWh,
    /** Of an agreement: the hash of what is agreed to (`claimHash`). */
    claim: hash.optional(),
});
export type SubmissionRecord = z.output<typeof submissionRecord>;

/** What the coordinators know after an iteration; private, its hash stands in the schedule. Lies under the schedule's key. */
export const scheduleBook = z.strictObject({
    day,
    iteration: count,
    salt,
    /** Sorted. `scaled`: N times the reference point, N being the agents at the bus. */
    households: z
        .array(z.strictObject({ mspId, energiesWh, scaled: z.array(integer).max(MOST_SLOTS) }))
        .max(MOST_HOMES),
    /** What the network takes from each bus. */
    network: z.array(z.strictObject({ bus, energiesWh, scaled: z.array(integer).max(MOST_SLOTS) })).max(MOST_BUSES),
});
export type ScheduleBook = z.output<typeof scheduleBook>;

/** What the network takes from each bus, as whoever closes an iteration worked it out. */
export const networkAnswer = z.array(z.strictObject({ bus, energiesWh })).max(MOST_BUSES);
export type NetworkAnswer = z.output<typeof networkAnswer>;

/** What a certificate claims besides what each household agrees to: what the households sign. */
export const scheduleClaim = z.strictObject({
    day,
    prices: pricesByBus,
    gridWh: energiesWh,
});
export type ScheduleClaim = z.output<typeof scheduleClaim>;
