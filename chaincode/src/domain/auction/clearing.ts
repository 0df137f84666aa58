import { minus, nanos, total, wattHours, type Nanos, type WattHours } from '../quantity';
import type { Book } from './book';
import type { Clearing, Order, Outcome, Side } from './order';
import type { OutcomeReason } from './reasons';

/** What an order comes to under a rule. */
export interface Trade {
    readonly fill: WattHours;
    readonly amount: Nanos;
}

/** What a rule decides: the trades, and why an order that took part has none or less than it asked for. */
export interface Decision extends Pick<Clearing, 'price' | 'interval'> {
    /** By order id. Orders that are missing did not trade. */
    readonly trades: ReadonlyMap<string, Trade>;
    readonly unfilled: (order: Order, trade: Trade | undefined) => OutcomeReason;
}

/** Reasons that come down to too little energy at the bidder's limit. */
const UNSERVED: ReadonlySet<OutcomeReason> = new Set(['RATIONED', 'PRICE', 'NO_MATCH', 'NO_SHARE']);

const NOTHING: Trade = { fill: wattHours(0n), amount: nanos(0n) };

/**
 * One outcome for each order of the book, and the sums over them. Throws where a rule would fill an order past its energy, sell other
 * energy than is bought, or pay out more than it takes in: a fault of the rule, never of an order.
 */
export function clearingOf(book: Book, decision: Decision): Clearing {
    const { trades, unfilled, ...priced } = decision;
    const pairs = book.sorted.map((order): Pair => ({ order, trade: trades.get(order.id) ?? NOTHING }));
    const trading = pairs.filter(({ trade }) => trade.fill > 0n);
    const [buyers, sellers] = [sideOf(trading, 'buy'), sideOf(trading, 'sell')];
    const [bought, sold] = [energyOf(buyers), energyOf(sellers)];
    const surplus = minus(amountOf(buyers), amountOf(sellers));
    if (bought !== sold || surplus < 0n || trading.some(({ order, trade }) => trade.fill > order.energy)) {
        throw new Error(
            `a rule bought ${bought.toString()}, sold ${sold.toString()} Wh, left ${surplus.toString()} nanos`,
        );
    }
    const reason = ({ order, trade }: Pair): OutcomeReason => {
        const why = trade.fill === order.energy ? 'FILLED' : unfilled(order, trades.get(order.id));
        return book.islanded && order.side === 'buy' && UNSERVED.has(why) ? 'ISLANDED' : why;
    };
    return {
        ...(bought > 0n ? priced : {}),
        volume: bought,
        surplus,
        buyers: members(buyers),
        sellers: members(sellers),
        outcomes: pairs.map((pair): Outcome => ({
            order: pair.order.id,
            ...pair.trade,
            reason: book.dropped.get(pair.order.id) ?? reason(pair),
        })),
    };
}

interface Pair {
    readonly order: Order;
    readonly trade: Trade;
}

const sideOf = (pairs: readonly Pair[], side: Side): Pair[] => pairs.filter(({ order }) => order.side === side);

const energyOf = (pairs: readonly Pair[]): WattHours => total(pairs.map(({ trade }) => trade.fill));

const amountOf = (pairs: readonly Pair[]): Nanos => total(pairs.map(({ trade }) => trade.amount));

const members = (pairs: readonly Pair[]): number => new Set(pairs.map(({ order }) => order.member)).size;
