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
    const tradeOf = ({ id }: Order): Trade => trades.get(id) ?? NOTHING;
    const traders = (side: Side): Order[] => book.sorted.filter((o) => o.side === side && tradeOf(o).fill > 0n);
    const [buyers, sellers] = [traders('buy'), traders('sell')];
    const bought = total(buyers.map((order) => tradeOf(order).fill));
    const sold = total(sellers.map((order) => tradeOf(order).fill));
    const surplus = minus(amount(buyers, tradeOf), amount(sellers, tradeOf));
    if (bought !== sold || surplus < 0n || book.sorted.some((order) => tradeOf(order).fill > order.energy)) {
        throw new Error(
            `a rule bought ${bought.toString()}, sold ${sold.toString()} Wh, left ${surplus.toString()} nanos`,
        );
    }
    const reason = (order: Order): OutcomeReason => {
        const why = tradeOf(order).fill === order.energy ? 'FILLED' : unfilled(order, trades.get(order.id));
        return book.islanded && order.side === 'buy' && UNSERVED.has(why) ? 'ISLANDED' : why;
    };
    return {
        ...(bought > 0n ? priced : {}),
        volume: bought,
        surplus,
        buyers: members(buyers),
        sellers: members(sellers),
        outcomes: book.sorted.map((order): Outcome => ({
            order: order.id,
            ...tradeOf(order),
            reason: book.dropped.get(order.id) ?? reason(order),
        })),
    };
}

const amount = (orders: readonly Order[], tradeOf: (order: Order) => Trade): Nanos =>
    total(orders.map((order) => tradeOf(order).amount));

const members = (orders: readonly Order[]): number => new Set(orders.map(({ member }) => member)).size;
