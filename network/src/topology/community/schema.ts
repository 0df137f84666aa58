import { z } from 'zod';

const MICROS = 1_000_000;
const NANOS = 1_000_000_000;

/** Whole micros of the currency per kWh, from a decimal number; digits beyond the sixth are refused, not rounded away. */
const pricePerKwh = z
    .number()
    .min(-1000)
    .max(1000)
    .refine((price) => Math.abs(price * MICROS - Math.round(price * MICROS)) < 1e-4, 'has more than six decimals')
    .transform((price) => Math.round(price * MICROS));

/** Whole hundredths of the currency, from a decimal number. */
const money = z
    .number()
    .min(0)
    .max(10_000_000)
    .refine((amount) => Math.abs(amount * 100 - Math.round(amount * 100)) < 1e-6, 'has more than two decimals')
    .transform((amount) => Math.round(amount * 100));
/** Parts per million, from a percentage with at most four decimals. */
const percent = z
    .number()
    .min(0)
    .max(100)
    .refine((n) => Math.abs(n * 10_000 - Math.round(n * 10_000)) < 1e-6, 'has more than four decimals')
    .transform((n) => Math.round(n * 10_000));

const watts = z.int().min(0).max(10_000_000);
const positiveWatts = z.int().min(1).max(10_000_000);
const name = z.string().min(1).max(100);
const identifier = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/, 'is 1 to 32 letters, digits and hyphens');

/** Becomes an MSP id, a folder and a DNS label. */
export const organisationId = z
    .string()
    .regex(/^[A-Z][A-Za-z0-9]{0,15}$/, 'is a capital and up to 15 letters and digits');

const domain = z
    .string()
    .max(60)
    .regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/, 'is a DNS name in lower case');

const point = z
    .tuple([z.number().min(-90).max(90), z.number().min(-180).max(180)])
    .transform(([latitude, longitude]) => ({ latitude, longitude }));

const utcOffset = z
    .string()
    .regex(/^[+-](0\d|1[0-4]):(00|15|30|45)$/, 'is an offset like +01:00')
    .transform((text) => {
        const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4));
        return text.startsWith('-') ? -minutes : minutes;
    });

const fraction = z
    .string()
    .regex(/^\d{1,6}\/[1-9]\d{0,5}$/, 'is a fraction like 1/2')
    .transform((text) => {
        const [numerator = 0, denominator = 1] = text.split('/').map(Number);
        return { numerator, denominator };
    })
    .refine(({ numerator, denominator }) => numerator <= denominator, 'is a fraction in [0, 1]');

const share = z
    .number()
    .gt(0)
    .max(1)
    .refine((part) => Math.abs(part * MICROS - Math.round(part * MICROS)) < 1e-4, 'has more than six decimals')
    .transform((part) => Math.round(part * MICROS));

/** A quarter hour of the local day, from 0 at midnight; 24:00 ends the day. */
const quarter = z
    .string()
    .regex(/^(([01]\d|2[0-3]):(00|15|30|45)|24:00)$/, 'is a quarter of an hour like 17:30')
    .transform((text) => Number(text.slice(0, 2)) * 4 + Number(text.slice(3)) / 15);
/** A home's model rounds within limits as long as at least half of what is moved remains. */
const efficiency = share.refine((ppm) => ppm >= MICROS / 2, 'is below a half');
const wattHours = z.int().min(1).max(10_000_000);

const batteryOnFile = z.strictObject({
    id: identifier,
    capacityWh: wattHours,
    chargeW: positiveWatts,
    dischargeW: positiveWatts,
    chargeEfficiency: efficiency.optional(),
    dischargeEfficiency: efficiency.optional(),
});
const window = ({ from, to }: { readonly from: number; readonly to: number }): boolean => from < to;
const NO_WINDOW = 'ends before it begins: a window lies within one day';
const vehicleOnFile = z
    .strictObject({ id: identifier, energyWh: wattHours, powerW: positiveWatts, from: quarter, to: quarter })
    .refine(window, NO_WINDOW);
const applianceOnFile = z
    .strictObject({
        id: identifier,
        profileWh: z.array(z.int().min(0).max(1_000_000)).min(1).max(96),
        earliest: quarter,
        latest: quarter,
    })
    .refine(({ earliest, latest }) => earliest <= latest, 'may begin latest before it may begin earliest');
const elasticLoadOnFile = z
    .strictObject({
        id: identifier,
        // Below it a slot has no whole Wh.
        wantedW: positiveWatts.refine((power) => power >= 4, 'is less than one Wh in a quarter of an hour'),
        noneAtPerKwh: pricePerKwh.refine((price) => price > 0, 'is not above 0'),
        from: quarter.default(0),
        to: quarter.default(96),
    })
    .refine(window, NO_WINDOW);
const fuelGeneratorOnFile = z
    .strictObject({
        id: identifier,
        powerW: positiveWatts.refine((power) => power >= 4, 'is less than one Wh in a quarter of an hour'),
        firstPerKwh: pricePerKwh.refine((price) => price >= 0, 'is negative'),
        lastPerKwh: pricePerKwh,
    })
    .refine(({ firstPerKwh, lastPerKwh }) => firstPerKwh < lastPerKwh, {
        path: ['lastPerKwh'],
        error: 'is not above what the first Wh costs',
    });

export const homeOnFile = z
    .strictObject({
        connection: z.strictObject({ id: identifier, point, importLimitW: watts, exportLimitW: watts }),
        meters: z.strictObject({ connection: identifier, generation: identifier.optional() }),
        load: z.boolean(),
        pv: z
            .array(z.strictObject({ id: identifier, peakW: positiveWatts }))
            .max(10)
            .optional(),
        batteries: z.array(batteryOnFile).max(10).optional(),
        vehicles: z.array(vehicleOnFile).max(10).optional(),
        appliances: z.array(applianceOnFile).max(10).optional(),
        elasticLoads: z.array(elasticLoadOnFile).max(10).optional(),
        fuelGenerators: z.array(fuelGeneratorOnFile).max(10).optional(),
        preferences: z.strictObject({ buyLimitPerKwh: pricePerKwh, sellLimitPerKwh: pricePerKwh }),
        /** Of the grid, as the grid operator's price list names it. */
        zone: identifier.optional(),
    })
    .refine(({ load, pv }) => load || pv !== undefined, 'neither consumes nor generates')
    .refine(({ pv, meters }) => pv === undefined || meters.generation !== undefined, {
        path: ['meters'],
        error: 'a home with PV needs a generation meter',
    })
    .refine(({ fuelGenerators, meters }) => fuelGenerators === undefined || meters.generation !== undefined, {
        path: ['meters'],
        error: 'a home with a generator needs a generation meter',
    });

const storageOnFile = z.strictObject({
    home: organisationId,
    capacityWh: z.int().min(1).max(10_000_000),
    chargeW: positiveWatts,
    dischargeW: positiveWatts,
    chargeEfficiency: share,
    dischargeEfficiency: share,
    credibility: z.enum(['request-response', 'broadcast']),
    feePerKwh: pricePerKwh.refine((price) => price >= 0, 'is negative'),
});

/** Whole nanos of the currency per kWh, from a decimal number. */
const finePricePerKwh = z
    .number()
    .min(0)
    .max(1000)
    .refine((price) => Math.abs(price * NANOS - Math.round(price * NANOS)) < 1e-3, 'has more than nine decimals')
    .transform((price) => Math.round(price * NANOS));
const seconds = z.int().min(1).max(86_400);
const milliohm = z.int().min(0).max(1_000_000);
const volt = z.int().min(1).max(1_000_000);

const dayAheadOnFile = z.strictObject({
    mode: z.enum(['schedule', 'certificate']),
    iterations: z.int().min(1).max(1000), // As the contract has it: MOST_ITERATIONS.
    tolerance: z.strictObject({ sumWh: z.int().min(0).max(1_000_000), pricePerKwh: finePricePerKwh }),
    /** What a Wh too much or too little in a slot moves its price, in nanos of the currency per kWh: ρ/N. */
    penalty: z
        .strictObject({
            initial: z.int().min(1),
            least: z.int().min(1),
            most: z.int().min(1),
            adaptiveUntil: z.int().min(0).max(1000),
        })
        .refine(({ initial, least, most }) => least <= initial && initial <= most, 'lies not between least and most'),
    /** α: 1 is none. */
    overRelaxation: z
        .number()
        .gt(0)
        .lt(2)
        .refine((alpha) => Math.abs(alpha * 1000 - Math.round(alpha * 1000)) < 1e-6, 'has more than three decimals')
        .transform((alpha) => Math.round(alpha * 1000)),
    /** As one of many, or for half of them, the grid takes part in what is left over in an iteration. */
    networkWeight: z.enum(['one', 'households']),
    iterationSeconds: seconds,
    runSeconds: seconds,
    deadlineSlots: z.int().min(0).max(1000),
    importLimitW: positiveWatts,
    exportLimitW: positiveWatts,
    shortPricePerKwh: pricePerKwh,
    longPricePerKwh: pricePerKwh,
    /** Without it no line of the community's network binds: one price for all. */
    feeder: z
        .strictObject({
            rootVolt: volt,
            leastVolt: volt,
            mostVolt: volt,
            transformerW: positiveWatts,
            lines: z
                .array(
                    z.strictObject({
                        bus: identifier,
                        from: identifier,
                        resistanceMilliohm: milliohm,
                        reactanceMilliohm: milliohm,
                        limitW: positiveWatts,
                    }),
                )
                .max(100),
            homes: z.record(organisationId, identifier),
        })
        .optional(),
});

/** Shape of `community.yaml`; what spans several values is checked in `read`. */
export const communityFile = z.strictObject({
    community: z.strictObject({
        name,
        domain,
        channel: z.string().regex(/^[a-z][a-z0-9.-]{0,248}$/, 'is a channel name in lower case'),
        feeder: name,
        area: z.array(point).min(3).max(100),
        gridConnections: z
            .array(z.strictObject({ id: identifier, point, limitW: positiveWatts }))
            .min(1)
            .max(20),
    }),
    market: z.strictObject({
        currency: z.string().regex(/^[A-Z]{3}$/, 'is a code of three capitals'),
        utcOffset,
        retailPerKwh: pricePerKwh,
        feedInPerKwh: pricePerKwh,
        gridFeePerKwh: pricePerKwh,
        communityFeePerKwh: pricePerKwh,
        floorPerKwh: pricePerKwh,
        capPerKwh: pricePerKwh,
        k: fraction,
        /** How much the agents' bills cover. */
        billEvery: z.enum(['day', 'month']).optional(),
        /** What is added to the grid fee of energy from a zone, or from the `pool` that a round is, to another. */
        zoneFees: z
            .array(z.strictObject({ from: identifier, to: identifier, differencePerKwh: pricePerKwh }))
            .max(400)
            .optional(),
        vatPercent: z.strictObject({ supplier: percent, grid: percent, community: percent, pool: percent }).optional(),
        losses: z
            .strictObject({
                constantWh: z.int().min(0).max(1_000_000),
                lossPercent: percent,
                tolerancePercent: percent,
                payer: z.enum(['grid', 'community', 'members']),
            })
            .optional(),
        fixedCharges: z
            .array(
                z.strictObject({
                    id: identifier,
                    payee: z.enum(['supplier', 'grid', 'community']),
                    every: z.enum(['month', 'year']),
                    perMeter: z.boolean(),
                    amount: pricePerKwh.refine((micros) => micros >= 0, 'is negative'),
                }),
            )
            .max(20)
            .optional(),
    }),
    /** Without this section nobody's trading has to be covered. */
    accounts: z
        .strictObject({
            coverPercent: z.int().min(1).max(1000),
            limit: money,
            openingDeposit: money,
            /** Without it nobody collects what is reserved. */
            collectAfterDays: z.int().min(1).max(366).optional(),
        })
        .optional(),
    network: z.strictObject({
        firstPort: z.int().min(1024).max(65_400),
        orderingSeats: z.record(organisationId, z.int().min(1).max(1_000_000)),
        batch: z.strictObject({
            timeoutMs: z.int().min(1).max(60_000),
            maxMessageCount: z.int().min(1).max(100_000),
            preferredMaxBytes: z.int().min(1024).max(103_809_024),
            absoluteMaxBytes: z.int().min(1024).max(103_809_024),
        }),
    }),
    operator: z.strictObject({
        id: organisationId,
        roles: z.array(z.enum(['dso', 'operator', 'supplier', 'bank'])).min(1),
    }),
    homes: z.record(organisationId, homeOnFile),
    storage: storageOnFile.optional(),
    /** Terms on which the community may agree on a schedule the day before; without this section it only trades in rounds. */
    dayAhead: dayAheadOnFile.optional(),
});

export type CommunityFile = z.infer<typeof communityFile>;
