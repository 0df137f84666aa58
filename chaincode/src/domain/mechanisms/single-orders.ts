import type { WattHours } from '../quantity';
import { openBook, withinGrid, withoutOrders, type Book } from '../auction/book';
import type { Order, RoundRules } from '../auction/order';
import type { OutcomeReason } from '../auction/reasons';

/**
 * A book for rules whose truthfulness is proved for traders with one order: a member with several on a side would price one
 * of its orders by another. All of them are dropped, because choosing one for the member would be a choice it can steer.
 *
 * A limit beyond the grid's bound counts as the bound: it is what the energy is worth to its owner, who can trade with the grid. So
 * orders beyond it tie, and no limit buys a better place.
 */
export function singleOrders(orders: readonly Order[], rules: RoundRules): Book {
    const opened = openBook(orders, rules);
    const atBound = (order: Order): Order => ({ ...order, limit: withinGrid(order.limit, rules.grid) });
    const book = { ...opened, tradable: opened.tradable.map(atBound) };
    const counts = new Map<string, number>();
    for (const order of book.tradable) {
        counts.set(place(order), (counts.get(place(order)) ?? 0) + 1);
    }
    return dropping(book, (order) => ((counts.get(place(order)) ?? 0) > 1 ? 'ONE_ORDER' : undefined));
}

/** As `singleOrders`, and every order is for exactly one lot. Throws a RangeError where governance set no lot. */
export function singleLots(orders: readonly Order[], rules: RoundRules): { book: Book; lot: WattHours } {
    const { lot } = rules;
    if (lot === undefined || lot === 0n) {
        throw new RangeError('a rule for unit demand needs the energy of a lot');
    }
    return {
        lot,
        book: dropping(singleOrders(orders, rules), ({ energy }) => (energy === lot ? undefined : 'LOT_SIZE')),
    };
}

const place = ({ side, member }: Order): string => `${side} ${member}`;

function dropping(book: Book, why: (order: Order) => OutcomeReason | undefined): Book {
    const dropped = new Map<string, OutcomeReason>();
    for (const order of book.tradable) {
        const reason = why(order);
        if (reason !== undefined) {
            dropped.set(order.id, reason);
        }
    }
    return withoutOrders(book, dropped);
}
