import { cost, dividedRoundedDown, microsPerKwh, type MicrosPerKwh, type WattHours } from '../quantity';
import { byMerit, type Book } from '../auction/book';
import { clearingOf, type Trade } from '../auction/clearing';
import type { Clearing, Order, RoundRules } from '../auction/order';
import { singleLots } from './single-orders';

/** The traders in merit order, and how many of each side an efficient round has. */
interface Ladder {
    readonly bids: readonly Order[];
    readonly asks: readonly Order[];
    readonly trades: number;
}

interface Prices {
    readonly buyer: MicrosPerKwh;
    readonly seller: MicrosPerKwh;
}

/**
 * McAfee's trade reduction (J. Econ. Theory 1992) for unit demand. With b₁ ≥ b₂ … and s₁ ≤ s₂ …, K the last pair with bₖ ≥ sₖ and
 * p = ⌊(bₖ₊₁ + sₖ₊₁)/2⌋: if sₖ ≤ p ≤ bₖ, K pairs trade at p; otherwise K − 1 pairs, buyers pay bₖ and sellers get sₖ.
 *
 * Truthful in dominant strategies, individually rational; leaves a surplus, never a deficit; loses at most the least efficient trade.
 */
export function mcAfee(orders: readonly Order[], rules: RoundRules): Clearing {
    const { book, lot } = singleLots(orders, rules);
    const ladder = ladderOf(book);
    const { bids, asks, trades } = ladder;
    const [lastBid, lastAsk] = [bids[trades - 1], asks[trades - 1]];
    if (lastBid === undefined || lastAsk === undefined) {
        return cleared(book, lot, ladder, [], []);
    }
    const single = middle(bids[trades], asks[trades]);
    if (single !== undefined && single >= lastAsk.limit && single <= lastBid.limit) {
        const [buyers, sellers] = [bids.slice(0, trades), asks.slice(0, trades)];
        return cleared(book, lot, ladder, buyers, sellers, { buyer: single, seller: single });
    }
    const [buyers, sellers] = [bids.slice(0, trades - 1), asks.slice(0, trades - 1)];
    return cleared(book, lot, ladder, buyers, sellers, { buyer: lastBid.limit, seller: lastAsk.limit });
}

/**
 * Strongly budget-balanced double auction (Segal-Halevi, Hassidim, Aumann 2016) for unit demand: p = min(bₖ, sₖ₊₁). Where sₖ₊₁ sets the
 * price, K pairs trade; where bₖ does, that buyer is left out and K − 1 of the K sellers are drawn by rank.
 *
 * Truthful in dominant strategies (for sellers over the draw, which no order can steer alone), individually rational, budget exactly
 * balanced: nothing is left over for anybody.
 */
export function stronglyBalanced(orders: readonly Order[], rules: RoundRules): Clearing {
    const { book, lot } = singleLots(orders, rules);
    const ladder = ladderOf(book);
    const { bids, asks, trades } = ladder;
    const lastBid = bids[trades - 1];
    if (lastBid === undefined) {
        return cleared(book, lot, ladder, [], []);
    }
    const outside = outsidePrice(asks[trades]?.limit, rules.grid);
    if (outside !== undefined && outside <= lastBid.limit) {
        const prices = { buyer: outside, seller: outside };
        return cleared(book, lot, ladder, bids.slice(0, trades), asks.slice(0, trades), prices);
    }
    const drawn = asks
        .slice(0, trades)
        .sort(book.before)
        .slice(0, trades - 1);
    const prices = { buyer: lastBid.limit, seller: lastBid.limit };
    return cleared(book, lot, ladder, bids.slice(0, trades - 1), drawn, prices);
}

function ladderOf(book: Book): Ladder {
    const bids = byMerit(book, 'buy');
    const asks = byMerit(book, 'sell');
    const most = Math.min(bids.length, asks.length);
    let trades = 0;
    while (trades < most && (bids[trades] as Order).limit >= (asks[trades] as Order).limit) {
        trades += 1;
    }
    return { bids, asks, trades };
}

/** Half way between the first bid and the first ask that do not trade; nothing where there is none on one of the sides. */
function middle(bid: Order | undefined, ask: Order | undefined): MicrosPerKwh | undefined {
    return bid === undefined || ask === undefined
        ? undefined
        : microsPerKwh(dividedRoundedDown(bid.limit + ask.limit, 2n));
}

/** What the next kilowatt-hour would cost from whom does not trade: the next seller, or the grid. */
function outsidePrice(next: MicrosPerKwh | undefined, grid: RoundRules['grid']): MicrosPerKwh | undefined {
    return next ?? (typeof grid === 'string' ? undefined : grid.highest);
}

function cleared(
    book: Book,
    lot: WattHours,
    { bids, asks, trades }: Ladder,
    buyers: readonly Order[],
    sellers: readonly Order[],
    prices?: Prices,
): Clearing {
    const efficient = new Set([...bids.slice(0, trades), ...asks.slice(0, trades)].map(({ id }) => id));
    const tradesOf = (side: readonly Order[], price: MicrosPerKwh): [string, Trade][] =>
        side.map(({ id }) => [id, { fill: lot, amount: cost(lot, price) }]);
    return clearingOf(book, {
        ...(prices === undefined ? {} : { price: prices.buyer }),
        trades: new Map(
            prices === undefined ? [] : [...tradesOf(buyers, prices.buyer), ...tradesOf(sellers, prices.seller)],
        ),
        unfilled: ({ id }) => (efficient.has(id) ? 'REDUCED' : trades === 0 ? 'NO_MATCH' : 'PRICE'),
    });
}
