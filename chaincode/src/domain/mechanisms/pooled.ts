import { cost, greatest, least, total, wattHours, type MicrosPerKwh, type WattHours } from '../quantity';
import { byMerit, openBook, withinGrid, type Book } from '../auction/book';
import { clearingOf, type Trade } from '../auction/clearing';
import { fill, levels, shared } from '../auction/merit-order';
import type { Clearing, Order, RoundRules } from '../auction/order';
import { sharedRevenue } from './revenue';

/**
 * One lot of the coalition of sellers: every ask whose limit the reserve meets puts its energy into a pool; buyers bid sealed and
 * alone, the highest bids at or above the reserve win, and the pool's proceeds are shared in proportion to the energy of each seller.
 *
 * The reserve lies between feed-in and retail less fees (governed; feed-in where none is set), so that the local price beats
 * the grid's for both sides.
 */
interface Lot {
    readonly book: Book;
    readonly reserve: MicrosPerKwh;
    readonly sellers: readonly Order[];
    readonly bids: readonly Order[];
    readonly volume: WattHours;
    /** What each winning bid gets. */
    readonly won: ReadonlyMap<string, WattHours>;
}

/**
 * Winners pay their own bids. Not truthful: a bidder shades towards the lowest winning bid. Efficient among bidders where bids are true;
 * exactly balanced; individually rational for all.
 */
export function coalitionPayAsBid(orders: readonly Order[], rules: RoundRules): Clearing {
    return settled(lotOf(orders, rules), (order) => withinGrid(order.limit, rules.grid));
}

/**
 * Winners pay the highest bid of which something is left unserved, at least the reserve (a second-price rule for many units). Truthful
 * for a bidder with one order that is served whole or not at all; a bid at the margin, served in part, can gain by shading. Exactly
 * balanced; individually rational.
 */
export function coalitionHighestLosing(orders: readonly Order[], rules: RoundRules): Clearing {
    const lot = lotOf(orders, rules);
    const losing = lot.bids.find(({ id, energy }) => lot.won.get(id) !== energy);
    const price = withinGrid(losing === undefined ? lot.reserve : greatest(losing.limit, lot.reserve), rules.grid);
    return settled(lot, () => price, price);
}

function lotOf(orders: readonly Order[], rules: RoundRules): Lot {
    const book = openBook(orders, rules);
    const reserve = reserveOf(rules);
    const sellers = byMerit(book, 'sell').filter(({ limit }) => limit <= reserve);
    const bids = byMerit(book, 'buy').filter(({ limit }) => limit >= reserve);
    const volume = least(energyOf(sellers), energyOf(bids));
    return { book, reserve, sellers, bids, volume, won: fill(levels(bids, 'buy'), volume, book.before) };
}

function reserveOf({ reserve, grid, floor }: RoundRules): MicrosPerKwh {
    const asked = reserve ?? (typeof grid === 'string' ? floor : grid.lowest);
    if (asked === undefined) {
        throw new RangeError('a coalition of sellers needs a reserve where there is no feed-in price');
    }
    return withinGrid(asked, grid);
}

function settled(lot: Lot, priceOf: (order: Order) => MicrosPerKwh, price?: MicrosPerKwh): Clearing {
    const { book, sellers, volume } = lot;
    const bought = lot.bids.map((order): [string, Trade] => {
        const energy = lot.won.get(order.id) ?? wattHours(0n);
        return [order.id, { fill: energy, amount: cost(energy, priceOf(order)) }];
    });
    const sold = volume === 0n ? [] : shared(sellers, volume, book.before);
    const revenue = total(bought.map(([, { amount }]) => amount));
    const earned = sharedRevenue(revenue, sellers, sold, book.before);
    const trades = new Map<string, Trade>([
        ...bought.filter(([, { fill: energy }]) => energy > 0n),
        ...sellers.map(({ id }, i): [string, Trade] => [
            id,
            { fill: sold[i] ?? wattHours(0n), amount: earned[i] as Trade['amount'] },
        ]),
    ]);
    // A seller in the pool shares it; a bid above the reserve that lost was outbid, which is its price.
    const pool = new Set(sellers.map(({ id }) => id));
    return clearingOf(book, {
        ...(price === undefined ? {} : { price }),
        trades,
        unfilled: (order, trade) =>
            (trade?.fill ?? 0n) > 0n || (volume > 0n && pool.has(order.id))
                ? 'RATIONED'
                : volume === 0n
                  ? 'NO_MATCH'
                  : 'PRICE',
    });
}

const energyOf = (orders: readonly Order[]): WattHours => total(orders.map(({ energy }) => energy));
