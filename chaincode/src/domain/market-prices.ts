import { microsPerKwh, type MicrosPerKwh } from './quantity';

/** The governed prices that apply to a slot. */
export interface MarketPrices {
    /** All-in at the meter: what a kWh from the supplier costs. */
    readonly retail: MicrosPerKwh;
    /** All-in at the meter: what a kWh to the supplier earns. */
    readonly feedIn: MicrosPerKwh;
    /** For each kWh bought locally, to the grid operator. */
    readonly gridFee: MicrosPerKwh;
    /** For each kWh bought locally, to the community. */
    readonly communityFee: MicrosPerKwh;
}

/** The prices between which local trade is worth it for both sides, both ends included. */
export interface PriceBounds {
    readonly lowest: MicrosPerKwh;
    readonly highest: MicrosPerKwh;
}

/**
 * The grid as a bound on the local price: a seller gets `feedIn` anyway, and a buyer, who pays both fees on top, never more
 * than `retail` in all. Undefined where no price is worth it for both (feedIn > retail − fees): the round stays shut.
 */
export function gridBounds(prices: MarketPrices): PriceBounds | undefined {
    const highest = microsPerKwh(prices.retail - prices.gridFee - prices.communityFee);
    return prices.feedIn > highest ? undefined : { lowest: prices.feedIn, highest };
}
