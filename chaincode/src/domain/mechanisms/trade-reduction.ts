import { cost, least, minus, total, wattHours, type MicrosPerKwh, type WattHours } from '../quantity';
import { byMerit, type Book } from '../auction/book';
import { clearingOf, type Trade } from '../auction/clearing';
import type { Clearing, Order, RoundRules } from '../auction/order';
import { waterFilled } from './allocation-keys';
import { singleOrders } from './single-orders';

/**
 * Trade reduction for orders of many watt-hours (Huang, Scheller-Wolf, Sycara 2002). The last buyer and the last seller of
 * the efficient allocation set the two prices, their own limits, and do not trade. Of the others the side with more energy is cut,
 * each order by the same energy (one with less leaves altogether).
 *
 * Truthful in limits for one order each: a limit decides whether an order trades, never at what price. Individually rational; leaves
 * a surplus, never a deficit; loses the trade of the marginal pair and what the shorter side lacks then.
 */
export function tradeReduction(orders: readonly Order[], rules: RoundRules): Clearing {
    const book = singleOrders(orders, rules);
    const { bids, asks } = ladder(book);
    const last = marginalPair(bids, asks);
    if (last === undefined) {
        return clearingOf(book, { trades: new Map(), unfilled: () => 'NO_MATCH' });
    }
    const buyers = bids.slice(0, last.bid);
    const sellers = asks.slice(0, last.ask);
    const volume = least(energyOf(buyers), energyOf(sellers));
    const price = (bids[last.bid] as Order).limit;
    const sellerPrice = (asks[last.ask] as Order).limit;
    const efficient = new Set([...bids.slice(0, last.bid + 1), ...asks.slice(0, last.ask + 1)].map(({ id }) => id));
    return clearingOf(book, {
        price,
        trades: new Map([...cut(book, buyers, volume, price), ...cut(book, sellers, volume, sellerPrice)]),
        unfilled: ({ id }) => (efficient.has(id) ? 'REDUCED' : 'PRICE'),
    });
}

/** Both sides by merit. Ties matter only where the marginal pair is among them, and whole levels come before it whatever their order. */
function ladder(book: Book): { bids: readonly Order[]; asks: readonly Order[] } {
    const [bids, asks] = [byMerit(book, 'buy', 'none'), byMerit(book, 'sell', 'none')];
    const last = marginalPair(bids, asks);
    return {
        bids: byMerit(book, 'buy', bids[last?.bid ?? -1]?.limit ?? 'none'),
        asks: byMerit(book, 'sell', asks[last?.ask ?? -1]?.limit ?? 'none'),
    };
}

/** Positions of the last bid and ask of the efficient allocation. */
function marginalPair(bids: readonly Order[], asks: readonly Order[]): { bid: number; ask: number } | undefined {
    let last: { bid: number; ask: number } | undefined;
    let [bid, ask] = [0, 0];
    let [bought, sold] = [0n, 0n];
    while (bid < bids.length && ask < asks.length && (bids[bid] as Order).limit >= (asks[ask] as Order).limit) {
        last = { bid, ask };
        const energy = least(
            wattHours((bids[bid] as Order).energy - bought),
            wattHours((asks[ask] as Order).energy - sold),
        );
        bought += energy;
        sold += energy;
        if (bought === (bids[bid] as Order).energy) {
            [bid, bought] = [bid + 1, 0n];
        }
        if (sold === (asks[ask] as Order).energy) {
            [ask, sold] = [ask + 1, 0n];
        }
    }
    return last;
}

/** `volume` over the orders, each with the same energy less than it asked for; those with less than that get nothing. */
function cut({ before }: Book, orders: readonly Order[], volume: WattHours, price: MicrosPerKwh): [string, Trade][] {
    const losses = waterFilled(
        minus(energyOf(orders), volume),
        orders.map(({ energy }) => energy),
        (one, other) => before(orders[one] as Order, orders[other] as Order),
    );
    return orders.map(({ id, energy }, i) => {
        const fill = minus(energy, losses[i] as WattHours);
        return [id, { fill, amount: cost(fill, price) }];
    });
}

const energyOf = (orders: readonly Order[]): WattHours => total(orders.map(({ energy }) => energy));
