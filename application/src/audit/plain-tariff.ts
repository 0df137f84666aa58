import type { Charter, Terms } from '@commonwatt/chaincode/api/records';
import { halfEven, type PlainSlot } from './plain-bill';

/** What a household pays and earns for a kilowatt-hour in a slot, worked out a second time from the public terms. */
export type PlainPrices = Pick<PlainSlot, 'retail' | 'feedIn' | 'gridFee' | 'communityFee'>;

/** Whose bill it is, as far as tariffs ask. */
export interface Payer {
    readonly mspId: string;
    readonly zone?: string | undefined;
    readonly meters: number;
}

const MINUTE = 60;
const DAY_MINUTES = 1440;
const MILLION = 1_000_000n;

/** The prices of a slot by the community's local time: those of the first band that its beginning lies in, or the terms' own. */
export function plainPrices(terms: Terms, { clock }: Pick<Charter, 'clock'>, slot: number, zone?: string): PlainPrices {
    const offset = clock.findLast(({ fromSlot }) => fromSlot <= slot)?.offsetMinutes ?? 0;
    const minutes = (slot * 900) / MINUTE + offset;
    const weekday = new Date(minutes * MINUTE * 1000).getUTCDay();
    const kind = weekday === 0 || weekday === 6 ? 'weekend' : 'workdays';
    const quarter = (minutes % DAY_MINUTES) / 15;
    const { retail, feedIn, gridFee, communityFee } =
        terms.bands?.find(
            (band) => [kind, 'all'].includes(band.days) && quarter >= band.fromQuarter && quarter < band.toQuarter,
        ) ?? terms;
    const extra = terms.zoneFees?.find(({ from, to }) => from === 'pool' && to === zone)?.differencePerKwh ?? 0n;
    return { retail, feedIn, gridFee: gridFee + extra, communityFee };
}

/** The fee that limits the price of a round: the dearest of all zones. */
export function plainRoundPrices(terms: Terms, charter: Pick<Charter, 'clock'>, slot: number): PlainPrices {
    const zones = (terms.zoneFees ?? []).filter(({ from }) => from === 'pool').map(({ to }) => to);
    const prices = [undefined, ...zones].map((zone) => plainPrices(terms, charter, slot, zone));
    return prices.reduce((dearest, each) => (each.gridFee > dearest.gridFee ? each : dearest));
}

export interface PlainDay {
    readonly day: string;
    readonly terms: Terms;
    readonly slots: readonly PlainSlot[];
    /** What the household pays of what is lost on the way, where the terms let members pay for it. */
    readonly lossesNanos?: bigint | undefined;
    /** On that day, where it is not what the payer has. */
    readonly meters?: number | undefined;
}

/** A bill's money, positive where the household pays. */
export interface PlainDue {
    /** All lines, without tax. */
    readonly netNanos: bigint;
    /** The part of it that is charged besides energy. */
    readonly chargesNanos: bigint;
    readonly taxMinor: bigint;
    readonly dueMinor: bigint;
    /** With tax, before anything is rounded to the minor unit: to compare with, never billed. */
    readonly grossNanos: bigint;
}

/**
 * What a household owes for a period: energy, fixed charges by the day, percentages, the tax of each rate rounded once, the rest
 * rounded once, too; all half to even.
 */
export function plainDue(days: readonly PlainDay[], payer: Payer, nanosPerMinor = 10_000_000n): PlainDue {
    const shares = days.flatMap(({ terms, slots, lossesNanos = 0n }) =>
        [...slots.flatMap(energyOf), ['buys', 'supplier', lossesNanos] as const].map((share) =>
            rated(terms, payer, share),
        ),
    );
    const charges = [...fixed(days, payer), ...percentages(days.map(paidOn), payer)];
    return dueOf(shares, charges, nanosPerMinor);
}

/** A day that was settled with one reading and corrected to another. */
export interface PlainCorrectedDay extends PlainDay {
    /** With what the meter has said since. */
    readonly corrected: readonly PlainSlot[];
}

/** What a household owes besides for corrections that stand on its bill: rounded apart from the bill's own days, as these are. */
export function plainCorrected(
    days: readonly PlainCorrectedDay[],
    payer: Payer,
    nanosPerMinor = 10_000_000n,
): PlainDue {
    const changes = days.map(({ terms, slots, corrected }) => ({
        terms,
        shares: [...corrected.flatMap(energyOf), ...slots.flatMap(energyOf).map(taken)],
    }));
    const shares = changes.flatMap(({ terms, shares: own }) => own.map((share) => rated(terms, payer, share)));
    return dueOf(shares, percentages(changes, payer), nanosPerMinor);
}

type Side = 'buys' | 'sells';

function dueOf(
    energy: readonly (readonly [Side, bigint, bigint])[],
    charges: readonly (readonly [bigint, bigint])[],
    nanosPerMinor: bigint,
): PlainDue {
    const rates = new Map<string, bigint>();
    for (const [side, ppm, nanos] of [...energy, ...charges.map(([ppm, nanos]) => ['buys', ppm, nanos] as const)]) {
        const key = `${side} ${ppm.toString()}`;
        rates.set(key, (rates.get(key) ?? 0n) + nanos);
    }
    const chargesNanos = sum(charges.map(([, nanos]) => nanos));
    const netNanos = sum([...rates.values()]);
    const taxMinor = sum([...rates].map(([key, nanos]) => halfEven(nanos * ratePart(key), MILLION * nanosPerMinor)));
    const grossNanos = netNanos + halfEven(sum([...rates].map(([key, nanos]) => nanos * ratePart(key))), MILLION);
    return { netNanos, chargesNanos, taxMinor, dueMinor: halfEven(netNanos, nanosPerMinor) + taxMinor, grossNanos };
}

const rated = (terms: Terms, payer: Payer, [side, seller, nanos]: Share): [Side, bigint, bigint] => [
    side,
    plainRate(terms, seller, payer),
    nanos,
];

const taken = ([side, seller, nanos]: Share): Share => [side, seller, -nanos];
const paidOn = ({ terms, slots }: PlainDay): PaidOn => ({ terms, shares: slots.flatMap(energyOf) });

export type PlainSeller = 'supplier' | 'grid' | 'community' | 'pool' | 'self';
type Share = readonly [Side, PlainSeller, bigint];

function energyOf(slot: PlainSlot): Share[] {
    const { boughtWh, paidNanos, earnedNanos, retail, feedIn } = slot;
    const usedWh = boughtWh + (slot.contract?.receivedWh ?? 0n);
    const left = slot.netWh - slot.soldWh + boughtWh - (slot.contract?.contractedWh ?? 0n);
    return [
        ['buys', 'pool', paidNanos],
        ['buys', 'grid', usedWh * slot.gridFee],
        ['buys', 'community', usedWh * slot.communityFee],
        ['buys', 'supplier', left < 0n ? -left * retail : 0n],
        ['sells', 'self', -earnedNanos - (left > 0n ? left * feedIn : 0n)],
    ];
}

/** The seller's rate of value added tax, in parts per million. */
export function plainRate({ vat }: Terms, seller: PlainSeller, { mspId }: Payer): bigint {
    if (vat === undefined) {
        return 0n;
    }
    if (seller === 'self') {
        return vat.members.find((member) => member.mspId === mspId)?.ppm ?? 0n;
    }
    return vat[`${seller}Ppm`];
}

/** Each day the difference of what is due up to its end and up to its beginning, both rounded down: a month's days make the month. */
function fixed(days: readonly PlainDay[], payer: Payer): [bigint, bigint][] {
    return days.flatMap(({ day, terms, meters = payer.meters }) =>
        (terms.charges ?? []).flatMap((charge): [bigint, bigint][] => {
            if (charge.kind !== 'fixed') {
                return [];
            }
            return [[plainRate(terms, charge.payee, payer), plainFixedShare(charge, day, meters)]];
        }),
    );
}

/** What a fixed charge comes to on one day. */
export function plainFixedShare(
    charge: Extract<NonNullable<Terms['charges']>[number], { readonly kind: 'fixed' }>,
    day: string,
    meters: number,
): bigint {
    const [index, length] = charge.every === 'month' ? dayOfMonth(day) : dayOfYear(day);
    const upTo = (n: number): bigint => (charge.amountNanos * BigInt(n)) / BigInt(length);
    return (upTo(index + 1) - upTo(index)) * BigInt(charge.perMeter ? meters : 1);
}

interface PaidOn {
    readonly terms: Terms;
    readonly shares: readonly Share[];
}

function percentages(days: readonly PaidOn[], payer: Payer): [bigint, bigint][] {
    const bases = new Map<string, { rate: bigint; ppm: bigint; nanos: bigint }>();
    for (const { terms, shares } of days) {
        for (const charge of terms.charges ?? []) {
            if (charge.kind !== 'percentage') {
                continue;
            }
            const rate = plainRate(terms, charge.payee, payer);
            const key = [charge.id, charge.ppm, charge.payee, rate].map(String).join(' ');
            const known = bases.get(key) ?? { rate, ppm: charge.ppm, nanos: 0n };
            bases.set(key, { ...known, nanos: known.nanos + paidFor(charge.of, shares) });
        }
    }
    return [...bases.values()].map(({ rate, ppm, nanos }) => [rate, halfEven(nanos * ppm, MILLION)]);
}

const ITEM_OF = {
    pool: 'localPurchase',
    grid: 'gridFee',
    community: 'communityFee',
    supplier: 'retail',
    self: 'sale',
} as const;

const paidFor = (items: readonly string[], shares: readonly Share[]): bigint =>
    sum(shares.map(([, seller, nanos]) => (items.includes(ITEM_OF[seller]) ? nanos : 0n)));

const DAY_MS = 86_400_000;

function dayOfMonth(day: string): [number, number] {
    const date = new Date(day);
    return [date.getUTCDate() - 1, new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()];
}

function dayOfYear(day: string): [number, number] {
    const year = new Date(day).getUTCFullYear();
    const [first, next] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
    return [(Date.parse(day) - first) / DAY_MS, (next - first) / DAY_MS];
}

const ratePart = (key: string): bigint => BigInt(key.split(' ')[1] ?? '0');
const sum = (all: readonly bigint[]): bigint => all.reduce((so, each) => so + each, 0n);
