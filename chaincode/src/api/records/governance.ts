import { z } from 'zod';
import { LOSS_PAYERS } from '../../domain/feeder/comparison';
import { CHARGEABLE } from '../../domain/tariff/charges';
import { mechanismNames } from '../../domain/mechanisms/mechanism';
import {
    count,
    day,
    fraction,
    hash,
    integer,
    mspId,
    natural,
    naturalSum,
    note,
    positive,
    publicKey,
    recordId,
    salt,
    signature,
    slot,
    small,
    version,
} from '../wire';
import { dayAheadTerms } from './schedule';
import { storageTerms } from './storage';

/** Millionths of a degree, so that geometry is whole numbers. */
export const point = z.strictObject({
    latitude: integer.refine((n) => n >= -90_000_000n && n <= 90_000_000n, 'not a latitude'),
    longitude: integer.refine((n) => n >= -180_000_000n && n <= 180_000_000n, 'not a longitude'),
});

export const area = z.strictObject({
    /** Corners in order, without repeating the first. */
    polygon: z.array(point).min(3).max(100),
    /** Feeders whose connection points count as inside. */
    feeders: z.array(recordId).max(20),
});

export const rules = z.strictObject({
    currency: z.string().regex(/^[A-Z]{3}$/, 'not a currency code'),
    /** Nanos in one minor unit of the currency: a cent is 10,000,000. */
    minorUnitNanos: positive,
    /** Demonstration communities: days may be opened as replays, and changes of governance may apply to past days. */
    replayAllowed: z.boolean(),
    /** A monitor has reported recently if its last report is at most so many slots old. */
    monitorMaxAgeSlots: count,
    /** So many slots after a slot's end the grid operator and the committee may estimate its reading. */
    readingDeadlineSlots: count,
    /** So many slots after a slot's end a round that is not cleared may be voided by the grid operator. */
    voidDeadlineSlots: count,
    /** A day is opened at most so many days ahead. */
    openAheadDays: count.refine((n) => n >= 1 && n <= 31, 'from 1 to 31 days'),
    /** Who has not reserved the cover of a day places no orders on it. */
    coverRequired: z.boolean().optional(),
    /** Cover in percent of the worst that energy can cost: more than 100 where taxes and fixed fees are added to bills. */
    coverPercent: count.refine((n) => n >= 1 && n <= 1_000, 'from 1 to 1000 percent').optional(),
    /** What a member may have on its account; no limit where none is set. */
    accountLimitNanos: naturalSum.optional(),
    /** So many days after a bill was due the grid operator and the committee may collect what is reserved for it; never where nothing is said. */
    collectDays: count.refine((n) => n >= 1 && n <= 366, 'from 1 to 366 days').optional(),
    /** Private records of a calendar year are kept for so many years after its end, as tax law asks; 10 where nothing is said. */
    keepYears: count.refine((n) => n <= 100, 'at most 100 years').optional(),
});

export const role = z.enum(['dso', 'operator', 'supplier', 'auditor', 'ess', 'bank']);
export type Role = z.output<typeof role>;

/** What governance keeps of a meter: no number, no place. */
export const meter = z.strictObject({
    id: recordId,
    key: publicKey,
    /** A register shows its total modulo this: 10^digits. */
    modulusWh: positive,
});

/** When governance recorded something: the charter's version that did, and the slot of its time. */
export const recorded = z.strictObject({ version, slot });
export type Recorded = z.output<typeof recorded>;

/** A member's meter and the slots in which it counts: the slot of a replacement belongs to both meters. */
export const meterOnFile = meter.extend({ fromSlot: slot, toSlot: slot.nullable() });

export const standing = z.strictObject({
    fromDay: day,
    status: z.enum(['active', 'suspended', 'left']),
    reason: note.optional(),
    recorded,
});

export const member = z.strictObject({
    mspId,
    /** Signs the member's private records. */
    ownerKey: publicKey,
    /** Earliest first. */
    meters: z.array(meterOnFile).min(1).max(100),
    importLimitW: natural,
    exportLimitW: natural,
    prosumer: z.boolean(),
    /** What it may have on its account, instead of what the rules say. */
    accountLimitNanos: naturalSum.optional(),
    /** Of the grid, for fees between zones: as coarse as the grid operator's price list. */
    zone: recordId.optional(),
    /** SHA-256 of the private application: what was judged, without saying it. */
    applicationHash: hash,
    /** Earliest first. */
    standings: z.array(standing).min(1).max(100),
});
export type Member = z.output<typeof member>;

/** The rule that clears rounds, and what it needs besides the market's terms: see docs/concepts/mechanisms.md. */
export const mechanismChoice = z.strictObject({
    name: z.enum(mechanismNames),
    /** The energy of every order, of a rule for unit demand. */
    lotWh: positive.optional(),
    /** The least that a coalition of sellers takes, in micros per kWh; feed-in where none is set. */
    reserve: integer.optional(),
    /** Shares in what the members generate: each once, in whole numbers; `producer` in a matrix only. */
    keys: z
        .array(z.strictObject({ producer: mspId.optional(), consumer: mspId, weight: natural }))
        .max(2500)
        .optional(),
});
export type MechanismChoice = z.output<typeof mechanismChoice>;

const ppm = natural.refine((n) => n <= 1_000_000n, 'more than the whole');
/** Energy prices, in micros per kWh, without tax. */
const energyPrices = { retail: integer, feedIn: integer, gridFee: natural, communityFee: natural };
const payee = z.enum(['supplier', 'grid', 'community']);

/** Prices for some hours of the local day: from a quarter hour up to but without another, 0 to 96. */
const band = z.strictObject({
    name: recordId,
    days: z.enum(['all', 'workdays', 'weekend']),
    fromQuarter: count,
    toQuarter: count,
    ...energyPrices,
});
/** What is added to the grid fee of energy that goes from a zone of the grid, or from the `pool`, to another. */
const zoneFee = z.strictObject({ from: recordId, to: recordId, differencePerKwh: integer });
export const charge = z.discriminatedUnion('kind', [
    z.strictObject({
        kind: z.literal('fixed'),
        id: recordId,
        payee,
        every: z.enum(['month', 'year']),
        perMeter: z.boolean(),
        amountNanos: natural,
    }),
    z.strictObject({
        kind: z.literal('percentage'),
        id: recordId,
        payee,
        ppm,
        of: z.array(z.enum(CHARGEABLE)).min(1).max(4),
    }),
]);
/** Value added tax by seller, in parts per million of prices without it. */
export const vatTerms = z.strictObject({
    supplierPpm: ppm,
    gridPpm: ppm,
    communityPpm: ppm,
    poolPpm: ppm,
    members: z.array(z.strictObject({ mspId, ppm })).max(1000),
});

/** Market parameters and tariffs for a range of days. Prices in micros per kWh. */
export const terms = z.strictObject({
    fromDay: day,
    /** Last day, or null: until further terms. */
    toDay: day.nullable(),
    ...energyPrices,
    /** Time of use: the first band that fits counts, outside all of them the prices above do. */
    bands: z.array(band).max(24).optional(),
    zoneFees: z.array(zoneFee).max(400).optional(),
    /** What bills charge besides energy. */
    charges: z.array(charge).max(20).optional(),
    vat: vatTerms.optional(),
    /** How much a bill covers that agents issue by themselves: each day, where nothing is said, or a calendar month. */
    billEvery: z.enum(['day', 'month']).optional(),
    floor: integer,
    cap: integer,
    k: fraction,
    /** Orders are refused from so many slots before the slot begins. */
    gateSlots: count,
    /** How long orders may be revealed once they were called for; without one, `REVEAL_SECONDS`. In live rounds at least `LEAST_REVEAL_SECONDS`. */
    revealSeconds: count.optional(),
    /** Without one: the uniform price. */
    mechanism: mechanismChoice.optional(),
    /** The community has no connection to the grid: its prices bound nothing, and what is not served is not served. */
    islanded: z.boolean().optional(),
    /** What the community expects of its wires, and who pays for what is lost; without it nothing is compared with the feeder. */
    losses: z
        .strictObject({
            constantWh: natural,
            lossPpm: ppm,
            tolerancePpm: ppm,
            payer: z.enum(LOSS_PAYERS),
        })
        .optional(),
});
export type Terms = z.output<typeof terms>;

export const seat = z.strictObject({ mspId, weight: positive });
export const appointment = z.strictObject({
    /** Serves from this slot until the next term begins. */
    fromSlot: slot,
    seats: z.array(seat).min(1).max(7),
    /** More than this share of the weight decides. */
    quorum: fraction,
});
/** `electedIn`: the epoch that elected it; none where it was appointed. */
export const committeeTerm = appointment.extend({ recorded, electedIn: day.optional() });
export type Appointment = z.output<typeof appointment>;
export type CommitteeTermRecord = z.output<typeof committeeTerm>;

/** As `dayAheadTerms`, and what recorded them: a day keeps those that it was opened under. */
export const dayAheadOnFile = dayAheadTerms.extend({ recorded });
export type DayAheadOnFile = z.output<typeof dayAheadOnFile>;

/** The whole of governance in one document, so that the market reads it in one call. */
export const charter = z.strictObject({
    /** Counts the changes. */
    version,
    name: note,
    clock: z
        .array(z.strictObject({ fromSlot: slot, offsetMinutes: small }))
        .min(1)
        .max(500),
    area,
    gridConnections: count,
    rules,
    roles: z.partialRecord(role, mspId),
    /** Signs the grid operator's private records: estimates and provisional settlements. */
    operatorKey: publicKey,
    /** With what the holder of a role signs, where it is neither the grid operator nor a member. */
    roleKeys: z.partialRecord(role, publicKey).optional(),
    /** Who kept the members' money before, with the key it signed with, and the version until which: what it said then still counts. */
    formerBanks: z
        .array(z.strictObject({ mspId, key: publicKey, untilVersion: version }))
        .max(1000)
        .optional(),
    members: z.record(mspId, member),
    /** Earliest first. */
    terms: z.array(terms).max(1000),
    /** Earliest first. */
    committees: z.array(committeeTerm).max(1000),
    /** Earliest first. Communities without a storage system have none. */
    storage: z.array(storageTerms).max(100).optional(),
    /** Earliest first. Without any, every day is traded by auction. */
    dayAhead: z.array(dayAheadOnFile).max(1000).optional(),
});
export type Charter = z.output<typeof charter>;

/** What an applicant says of itself: personal, so it travels in transient data and only its hash stays. */
export const application = z.strictObject({
    mspId,
    /** Where the connection point lies. */
    point,
    feeder: recordId.optional(),
    connectionId: z.string().min(1).max(64),
    /** Connections of the home to the public grid. */
    gridConnections: count,
    consumes: z.boolean(),
    meterNumbers: z.array(z.string().min(1).max(64)).min(1).max(8),
    /** Number of the virtual generation meter, which every prosumer has. */
    generationMeter: z.string().min(1).max(64).nullable(),
    generators: z
        .array(
            z.strictObject({
                id: recordId,
                kind: z.enum(['pv', 'wind', 'hydro', 'chp']),
                peakW: positive,
                commonProperty: z.boolean(),
            }),
        )
        .max(20),
    /** The monitor's last report: the slot it was made in, signed by the meter `meterId` over `monitorReport`. */
    monitor: z.strictObject({ meterId: recordId, slot, signature }),
    salt,
});
export type Application = z.output<typeof application>;

/** The bytes that a monitor signs are the canonical JSON of this. */
export interface MonitorReport {
    readonly monitor: string;
    readonly mspId: string;
    readonly slot: number;
}
