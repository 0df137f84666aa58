import { isWeekend } from '../calendar';
import type { MarketPrices } from '../market-prices';
import { microsPerKwh, type MicrosPerKwh } from '../quantity';
import { quarterOfDay, SLOTS_PER_24_HOURS, type Clock, type Slot } from '../slot';

/** The four energy prices, as governed: in micros per kWh, without value added tax. */
export interface EnergyPrices {
    readonly retail: bigint;
    readonly feedIn: bigint;
    readonly gridFee: bigint;
    readonly communityFee: bigint;
}

/** Prices for some hours of the local day. */
export interface TariffBand extends EnergyPrices {
    readonly name: string;
    readonly days: 'all' | 'workdays' | 'weekend';
    /** Quarter hours that local clocks show: from the first, up to but without the last (96 is midnight). */
    readonly fromQuarter: number;
    readonly toQuarter: number;
}

/** Where energy bought in a round comes from: nobody knows whose it is, so it comes from the community's pool. */
export const POOL = 'pool';

/** What is added to the grid fee of energy that goes from one zone of the grid, or from the pool, to another. May be negative. */
export interface ZoneFee {
    readonly from: string;
    readonly to: string;
    readonly differencePerKwh: bigint;
}

/** The part of the terms that prices energy. */
export interface EnergyTerms extends EnergyPrices {
    /** The first that fits counts; outside all of them the terms' own prices do. */
    readonly bands?: readonly TariffBand[] | undefined;
    readonly zoneFees?: readonly ZoneFee[] | undefined;
}

/** A local day, or as much of one as prices depend on. */
interface PricedDay {
    readonly day: string;
}

/** The prices of a slot for a household in a zone of the grid; without one the grid fee has no difference. */
export function pricesAt(
    terms: EnergyTerms,
    clock: Clock,
    { day }: PricedDay,
    slot: Slot,
    zone?: string,
): MarketPrices {
    const prices = bandAt(terms, clock, day, slot);
    return zone === undefined ? prices : { ...prices, gridFee: pairFee(terms, prices, POOL, zone) };
}

/**
 * The prices that bound a round: with the dearest grid fee that any zone pays for energy from the pool, so that a trade at a price
 * within the bounds is no worse than the grid for a buyer in any zone.
 */
export function roundPricesAt(terms: EnergyTerms, clock: Clock, day: PricedDay, slot: Slot): MarketPrices {
    const prices = pricesAt(terms, clock, day, slot);
    const fees = (terms.zoneFees ?? [])
        .filter(({ from }) => from === POOL)
        .map(({ to }) => pairFee(terms, prices, POOL, to));
    return { ...prices, gridFee: fees.reduce((dearest, fee) => (fee > dearest ? fee : dearest), prices.gridFee) };
}

/** The grid fee of energy from one zone (or the pool) to another. Where the pair has none of its own: as from the pool. */
export function pairFee(
    { zoneFees = [] }: EnergyTerms,
    { gridFee }: Pick<MarketPrices, 'gridFee'>,
    from: string,
    to: string,
): MicrosPerKwh {
    const found =
        zoneFees.find((fee) => fee.from === from && fee.to === to) ??
        zoneFees.find((fee) => fee.from === POOL && fee.to === to);
    return microsPerKwh(gridFee + (found?.differencePerKwh ?? 0n));
}

/** What the zones add to the grid fee of energy from the pool, each for itself; none where the terms know no zones. */
export const poolDifferences = ({ zoneFees = [] }: Pick<EnergyTerms, 'zoneFees'>): bigint[] =>
    zoneFees.filter(({ from }) => from === POOL).map(({ differencePerKwh }) => differencePerKwh);

/** The worst of all hours and zones for a household: dearest to buy, cheapest to sell. What a cover is worked out from. */
export function worstPrices(terms: EnergyTerms): MarketPrices {
    const all = [terms, ...(terms.bands ?? [])];
    const differences = (terms.zoneFees ?? []).map(({ differencePerKwh }) => differencePerKwh);
    return marketPrices({
        retail: most(all.map(({ retail }) => retail)),
        feedIn: 0n - most(all.map(({ feedIn }) => 0n - feedIn)),
        gridFee: most(all.map(({ gridFee }) => gridFee)) + most([0n, ...differences]),
        communityFee: most(all.map(({ communityFee }) => communityFee)),
    });
}

const most = (all: readonly bigint[]): bigint => all.reduce((one, other) => (other > one ? other : one));

function bandAt(terms: EnergyTerms, clock: Clock, day: string, slot: Slot): MarketPrices {
    const quarter = quarterOfDay(slot, clock);
    const kind = isWeekend(day) ? 'weekend' : 'workdays';
    const band = (terms.bands ?? []).find(
        ({ days, fromQuarter, toQuarter }) =>
            (days === 'all' || days === kind) && fromQuarter <= quarter && quarter < toQuarter,
    );
    return marketPrices(band ?? terms);
}

function marketPrices({ retail, feedIn, gridFee, communityFee }: EnergyPrices): MarketPrices {
    return {
        retail: microsPerKwh(retail),
        feedIn: microsPerKwh(feedIn),
        gridFee: microsPerKwh(gridFee),
        communityFee: microsPerKwh(communityFee),
    };
}

/** Why these cannot price energy, or undefined if they can. */
export function energyFlaw(terms: EnergyTerms): string | undefined {
    const { bands = [], zoneFees = [] } = terms;
    return (
        pricesFlaw('', terms) ??
        repeated(
            'the band',
            bands.map(({ name }) => name),
        ) ??
        firstFlaw(bands, bandFlaw) ??
        repeated(
            'the pair',
            zoneFees.map(({ from, to }) => `${from} to ${to}`),
        ) ??
        firstFlaw(zoneFees, (fee) => zoneFlaw(fee, [terms, ...bands]))
    );
}

function bandFlaw(band: TariffBand): string | undefined {
    const { name, fromQuarter, toQuarter } = band;
    return fromQuarter < toQuarter && toQuarter <= SLOTS_PER_24_HOURS
        ? pricesFlaw(` in ${name}`, band)
        : `the band ${name} ends before it begins or after midnight; one over midnight is two`;
}

/** Deviations that cancel inside would otherwise cost the community money. */
const pricesFlaw = (where: string, { retail, feedIn }: EnergyPrices): string | undefined =>
    feedIn > retail ? `feed-in ${feedIn.toString()} is above retail ${retail.toString()}${where}` : undefined;

function zoneFlaw({ from, to, differencePerKwh }: ZoneFee, prices: readonly EnergyPrices[]): string | undefined {
    if (to === POOL) {
        return 'the pool is no zone that energy goes to';
    }
    return prices.some(({ gridFee }) => gridFee + differencePerKwh < 0n)
        ? `the grid fee from ${from} to ${to} would be negative`
        : undefined;
}

export function firstFlaw<T>(all: readonly T[], flawOf: (one: T) => string | undefined): string | undefined {
    return all.map(flawOf).find((flaw) => flaw !== undefined);
}

export function repeated(what: string, names: readonly string[]): string | undefined {
    const again = names.find((name, i) => names.indexOf(name) !== i);
    return again === undefined ? undefined : `${what} ${again} is there twice`;
}
