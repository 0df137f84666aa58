import { halfEven, type PlainSlot } from './plain-bill';
import { plainFixedShare, plainRate, type Payer, type PlainDay, type PlainSeller } from './plain-tariff';

/**
 * The lines of a bill, worked out a second time without any code of the chaincode: energy of one kind at one price and one rate of tax, charges,
 * and the part of what the grid loses.
 */
export interface PlainLine {
    readonly item: PlainItem;
    /** The charge's name in the terms. */
    readonly charge: string;
    /** Of a percentage, in parts per million. */
    readonly ppm: bigint | undefined;
    /** Null where no whole price gives the amount, and for charges. */
    readonly price: bigint | null;
    readonly vatPpm: bigint;
    readonly energyWh: bigint;
    /** Without tax. Positive: the household receives. */
    readonly amountNanos: bigint;
    readonly seller: 'household' | Exclude<PlainSeller, 'self'>;
}

export type PlainItem =
    | 'localSale'
    | 'localPurchase'
    | 'scheduledSale'
    | 'scheduledPurchase'
    | 'gridFee'
    | 'communityFee'
    | 'feedIn'
    | 'retail'
    | 'imbalanceLong'
    | 'imbalanceShort'
    | 'contractGiven'
    | 'contractTaken'
    | 'losses'
    | 'fixed'
    | 'percentage';

/** Which items a percentage on another is taken of, too. */
const ALSO: Readonly<Record<string, PlainItem>> = { localPurchase: 'scheduledPurchase', retail: 'imbalanceShort' };
const MILLION = 1_000_000n;

export function plainLines(days: readonly PlainDay[], payer: Payer): PlainLine[] {
    const each = days.flatMap((day) => [...energyOf(day, payer), ...lossesOf(day, payer), ...fixedOf(day, payer)]);
    return joined([...each, ...percentagesOf(days, payer)]);
}

/** Equal for lines that a bill shows as one. */
export const nameOfLine = ({
    item,
    charge,
    ppm,
    price,
    vatPpm,
    seller,
}: Omit<PlainLine, 'energyWh' | 'amountNanos'>): string =>
    [item, charge, ppm ?? '', price ?? 'none', vatPpm, seller].map(String).join(' ');

function energyOf({ terms, slots }: PlainDay, payer: Payer): PlainLine[] {
    return slots.flatMap((slot) =>
        pieces(slot)
            .filter(([, , wh]) => wh > 0n)
            .map(([item, seller, energyWh, worth]): PlainLine => ({
                ...{ item, charge: '', ppm: undefined, energyWh },
                price: worth % energyWh === 0n ? worth / energyWh : null,
                vatPpm: plainRate(terms, seller, payer),
                amountNanos: seller === 'self' ? worth : -worth,
                seller: seller === 'self' ? 'household' : seller,
            })),
    );
}

/** What it is, who sells it, how much, and what that is worth. */
type Piece = readonly [PlainItem, PlainSeller, bigint, bigint];

function pieces(slot: PlainSlot): Piece[] {
    const { netWh, boughtWh, soldWh, paidNanos, earnedNanos, retail, feedIn, tariff } = slot;
    const { contractedWh = 0n, receivedWh = 0n } = slot.contract ?? {};
    const over = netWh - soldWh + boughtWh - contractedWh;
    const used = boughtWh + receivedWh;
    const contracts: Piece[] = [
        ['contractGiven', 'self', contractedWh, 0n],
        ['contractTaken', 'self', -contractedWh, 0n],
    ];
    if (tariff !== undefined) {
        return [
            ['scheduledSale', 'self', soldWh, earnedNanos],
            ['scheduledPurchase', 'pool', boughtWh, paidNanos],
            ['imbalanceLong', 'self', over, over * feedIn],
            ['imbalanceShort', 'supplier', -over, -over * retail],
            ...contracts,
        ];
    }
    return [
        ['localSale', 'self', soldWh, earnedNanos],
        ['localPurchase', 'pool', boughtWh, paidNanos],
        ['gridFee', 'grid', used, used * slot.gridFee],
        ['communityFee', 'community', used, used * slot.communityFee],
        ['feedIn', 'self', over, over * feedIn],
        ['retail', 'supplier', -over, -over * retail],
        ...contracts,
    ];
}

const NO_ENERGY = { charge: '', ppm: undefined, price: null, energyWh: 0n } as const;

function lossesOf({ terms, lossesNanos = 0n }: PlainDay, payer: Payer): PlainLine[] {
    const vatPpm = plainRate(terms, 'supplier', payer);
    return lossesNanos === 0n
        ? []
        : [{ ...NO_ENERGY, item: 'losses', seller: 'supplier', vatPpm, amountNanos: -lossesNanos }];
}

function fixedOf(day: PlainDay, payer: Payer): PlainLine[] {
    return (day.terms.charges ?? []).flatMap((charge): PlainLine[] =>
        charge.kind === 'fixed'
            ? [
                  {
                      ...NO_ENERGY,
                      ...{ item: 'fixed', charge: charge.id, seller: charge.payee },
                      vatPpm: plainRate(day.terms, charge.payee, payer),
                      amountNanos: -plainFixedShare(charge, day.day, day.meters ?? payer.meters),
                  },
              ]
            : [],
    );
}

/** Of all days that have it at the same rates together, so that it is rounded once. */
function percentagesOf(days: readonly PlainDay[], payer: Payer): PlainLine[] {
    const bases = new Map<string, PlainLine>();
    for (const day of days) {
        const energy = energyOf(day, payer);
        for (const charge of day.terms.charges ?? []) {
            if (charge.kind !== 'percentage') {
                continue;
            }
            const of: readonly string[] = charge.of.flatMap((item) => [item, ALSO[item] ?? item]);
            const base = energy.reduce((sum, line) => sum + (of.includes(line.item) ? line.amountNanos : 0n), 0n);
            const line: PlainLine = {
                ...NO_ENERGY,
                ...{ item: 'percentage', charge: charge.id, ppm: charge.ppm, seller: charge.payee },
                vatPpm: plainRate(day.terms, charge.payee, payer),
                amountNanos: base,
            };
            const key = nameOfLine(line);
            bases.set(key, { ...line, amountNanos: base + (bases.get(key)?.amountNanos ?? 0n) });
        }
    }
    return [...bases.values()].map((line) => ({
        ...line,
        amountNanos: -halfEven(-line.amountNanos * (line.ppm ?? 0n), MILLION),
    }));
}

function joined(lines: readonly PlainLine[]): PlainLine[] {
    const known = new Map<string, PlainLine>();
    for (const line of lines) {
        const same = known.get(nameOfLine(line));
        known.set(nameOfLine(line), {
            ...line,
            energyWh: line.energyWh + (same?.energyWh ?? 0n),
            amountNanos: line.amountNanos + (same?.amountNanos ?? 0n),
        });
    }
    return [...known.values()];
}

/** Value added tax in minor units, each rate of what is bought and of what is sold rounded once, half to even. Positive: the household pays. */
export function plainTaxes(lines: readonly PlainLine[], nanosPerMinor: bigint): bigint {
    const nets = new Map<string, { readonly ppm: bigint; readonly nanos: bigint }>();
    for (const { seller, vatPpm, amountNanos } of lines) {
        const key = `${seller === 'household' ? 'sold' : 'bought'} ${vatPpm.toString()}`;
        nets.set(key, { ppm: vatPpm, nanos: (nets.get(key)?.nanos ?? 0n) + amountNanos });
    }
    return [...nets.values()].reduce(
        (sum, { ppm, nanos }) => sum + halfEven(-nanos * ppm, MILLION * nanosPerMinor),
        0n,
    );
}
