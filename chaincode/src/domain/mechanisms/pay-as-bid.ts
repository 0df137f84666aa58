import { cost, nanos, plus, type Nanos, type WattHours } from '../quantity';
import { openBook, withinGrid, type TieBreak } from '../auction/book';
import { clearingOf, type Trade } from '../auction/clearing';
import { fill, levels, walk, type Crossing, type Level } from '../auction/merit-order';
import type { Clearing, Order, RoundRules } from '../auction/order';
import { sharedRevenue } from './revenue';

/**
 * Pay as bid: the fills of the uniform price, but each buyer pays its own limit (never more than the grid's bound). The walk along the
 * merit order says whose payment goes to whom: the cheapest ask is matched with the highest bid.
 *
 * Efficient where limits are true; not truthful: a buyer gains by bidding just above the marginal ask, so limits shade towards
 * one price. Budget: exactly balanced. Individually rational: a seller's crossings are all at or above its ask.
 * Equal asks share what their level earns in proportion to their fills.
 */
export function payAsBid(orders: readonly Order[], rules: RoundRules): Clearing {
    const book = openBook(orders, rules);
    const bids = levels(book.tradable, 'buy');
    const asks = levels(book.tradable, 'sell');
    const margin = walk(bids, asks);
    if (margin === undefined) {
        return clearingOf(book, { trades: new Map(), unfilled: () => 'NO_MATCH' });
    }
    const bought = fill(bids, margin.volume, book.before);
    const sold = fill(asks, margin.volume, book.before);
    const pays = (order: Order): Nanos => cost(bought.get(order.id) as WattHours, withinGrid(order.limit, rules.grid));
    const trades = new Map<string, Trade>();
    for (const order of book.tradable.filter(({ id }) => bought.has(id))) {
        trades.set(order.id, { fill: bought.get(order.id) as WattHours, amount: pays(order) });
    }
    for (const [level, revenue] of revenues(margin.crossings, rules)) {
        earned(level, sold, revenue, book.before).forEach(([id, trade]) => trades.set(id, trade));
    }
    return clearingOf(book, { trades, unfilled: (_, trade) => (trade === undefined ? 'PRICE' : 'RATIONED') });
}

/** What each level of asks is paid by the bids that it is matched with. */
function revenues(crossings: readonly Crossing[], { grid }: RoundRules): Map<Level, Nanos> {
    const paid = new Map<Level, Nanos>();
    for (const { bid, ask, energy } of crossings) {
        paid.set(ask, plus(paid.get(ask) ?? nanos(0n), cost(energy, withinGrid(bid.limit, grid))));
    }
    return paid;
}

function earned(
    { orders }: Level,
    sold: ReadonlyMap<string, WattHours>,
    revenue: Nanos,
    before: TieBreak,
): [string, Trade][] {
    const fills = orders.map(({ id }) => sold.get(id) as WattHours);
    const amounts = sharedRevenue(revenue, orders, fills, before);
    return orders.map(({ id }, i) => [id, { fill: fills[i] as WattHours, amount: amounts[i] as Nanos }]);
}
