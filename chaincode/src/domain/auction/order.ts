import type { Fraction, MicrosPerKwh, Nanos, WattHours } from '../quantity';
import type { PriceBounds } from '../market-prices';
import type { OutcomeReason } from './reasons';

export type Side = 'buy' | 'sell';

/** An order as its owner opened it: the private record, checked against its marker. */
export interface Order {
    /** Unique within the round: `mspId/id`. */
    readonly id: string;
    readonly member: string;
    readonly side: Side;
    readonly energy: WattHours;
    /** The worst price that the member accepts. May be negative. */
    readonly limit: MicrosPerKwh;
    /** 32 random bytes in hex. All salts of a round together decide ties. */
    readonly salt: string;
}

/** What governance and the tariff say about a round. */
export interface RoundRules {
    /** Where in the interval of possible prices the price lies: 0 is best for buyers, 1 for sellers. */
    readonly k: Fraction;
    /** The grid as a bound on the price (`gridBounds`); `shut` where no price is worth it for both sides; none in a market without a grid. */
    readonly grid: PriceBounds | 'shut' | 'none';
    /** The community's own limits on limits. */
    readonly floor?: MicrosPerKwh | undefined;
    readonly cap?: MicrosPerKwh | undefined;
    /** There is no grid to buy from: a bid that is not served is ISLANDED. */
    readonly islanded?: boolean | undefined;
    /** The one energy that a unit-demand rule trades for each order; `LOT_SIZE` for any other. */
    readonly lot?: WattHours | undefined;
    /** The least that a pool of sellers takes for a kWh. */
    readonly reserve?: MicrosPerKwh | undefined;
    /** Governed shares of consumers in what is generated, by member or, for a matrix, by `producer/consumer`. Whole numbers. */
    readonly keys?: ReadonlyMap<string, bigint> | undefined;
}

export interface Outcome {
    /** The order's id. */
    readonly order: string;
    readonly fill: WattHours;
    /** What a buyer pays for the fill or a seller gets for it, before fees. Exact: fill × price where the price is one. */
    readonly amount: Nanos;
    /** Why the order is not filled, or not in full; FILLED if it is. */
    readonly reason: OutcomeReason;
}

export interface Clearing {
    /** What every buyer pays for each kWh. Undefined where nothing traded, or where buyers pay different prices. */
    readonly price?: MicrosPerKwh | undefined;
    /** The prices among which `k` chose. Undefined where nothing traded, or where the rule has no such choice. */
    readonly interval?: PriceBounds | undefined;
    readonly volume: WattHours;
    /** What buyers pay and sellers do not get. Never negative; the community's. */
    readonly surplus: Nanos;
    /** Different members with a fill on each side. */
    readonly buyers: number;
    readonly sellers: number;
    /** One for each order, by id. */
    readonly outcomes: readonly Outcome[];
}
