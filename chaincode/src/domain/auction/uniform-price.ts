import { cost, dividedRoundedDown, greatest, least, microsPerKwh, type Fraction, type MicrosPerKwh } from '../quantity';
import type { PriceBounds } from '../market-prices';
import { openBook, withinGrid } from './book';
import { clearingOf, type Trade } from './clearing';
import { fill, levels, walk, type Margin } from './merit-order';
import type { Clearing, Order, RoundRules } from './order';

/**
 * Clear one round at one uniform price: a k-double auction (Rustichini, Satterthwaite, Williams 1994), bounded by the
 * grid (docs/concepts/energy-and-money.md gives the formulas and their sources).
 *
 * Invariants, each with a property test:
 * - bought energy equals sold energy; every order ends in one outcome;
 * - no order is filled past its energy, nor at a price worse than its limit, nor at one outside the grid's bounds;
 * - the welfare Σ filled × limit (bids less asks) is the greatest possible among orders that can trade within the bounds, and
 *   the volume the greatest among those allocations;
 * - no order of which something is left has a better limit than one that is filled;
 * - the result does not depend on the order in which `orders` is given.
 *
 * Truthful? No: an order at the margin moves the price, and gains by shading its limit; the less, the more orders there are. Budget:
 * balanced, buyers pay what sellers get. Efficient: yes, in the limits given. Individually rational.
 */
export function clear(orders: readonly Order[], rules: RoundRules): Clearing {
    const book = openBook(orders, rules);
    const bids = levels(book.tradable, 'buy');
    const asks = levels(book.tradable, 'sell');
    const margin = walk(bids, asks);
    if (margin === undefined) {
        return clearingOf(book, { trades: new Map(), unfilled: () => 'NO_MATCH' });
    }
    const interval = priceInterval(margin, rules.grid);
    const price = priceWithin(interval, rules.k);
    const fills = [...fill(bids, margin.volume, book.before), ...fill(asks, margin.volume, book.before)];
    return clearingOf(book, {
        interval,
        price,
        trades: new Map(
            fills.map(([id, energy]): [string, Trade] => [id, { fill: energy, amount: cost(energy, price) }]),
        ),
        unfilled: (_, trade) => (trade === undefined ? 'PRICE' : 'RATIONED'),
    });
}

/**
 * The prices at which exactly these orders want to trade: from the worst ask that trades and the best bid that is left, to
 * the worst bid that trades and the best ask that is left. The grid is a bound on both ends, not an order: an ask below
 * feed-in, or a bid above retail less fees, takes part by its limit but sets no price beyond the bound.
 */
function priceInterval({ bid, ask, nextBid, nextAsk }: Margin, grid: RoundRules['grid']): PriceBounds {
    const lowest = nextBid === undefined ? ask : greatest(ask, nextBid);
    const highest = nextAsk === undefined ? bid : least(bid, nextAsk);
    return { lowest: withinGrid(lowest, grid), highest: withinGrid(highest, grid) };
}

/** Rounded down: the part of a micro stays with the buyers. */
function priceWithin({ lowest, highest }: PriceBounds, k: Fraction): MicrosPerKwh {
    return microsPerKwh(lowest + dividedRoundedDown((highest - lowest) * k.numerator, k.denominator));
}
