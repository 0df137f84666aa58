import type { WattHours } from '../quantity';
import { openBook, withinGrid, withoutOrders, type Book } from '../auction/book';
import type { Order, RoundRules, Side } from '../auction/order';
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
    const atBound = (order: Order): Order => {
        const limit = withinGrid(order.limit, rules.grid);
        return limit === order.limit ? order : { ...order, limit };
    };
    const book = { ...opened, tradable: opened.tradable.map(atBound) };
    const [bidders, askers] = [several(book.tradable, 'buy'), several(book.tradable, 'sell')];
    return dropping(book, ({ side, member }) =>
        (side === 'buy' ? bidders : askers).has(member) ? 'ONE_ORDER' : undefined,
    );
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

/** Members with more than one order on the side. */
function several(orders: readonly Order[], side: Side): ReadonlySet<string> {
    const [once, more] = [new Set<string>(), new Set<string>()];
    for (const order of orders) {
        if (order.side === side) {
            (once.has(order.member) ? more : once).add(order.member);
        }
    }
    return more;
}

function dropping(book: Book, why: (order: Order) => OutcomeReason | undefined): Book {
    const dropped = new Map<string, OutcomeReason>();
    for (const order of book.tradable) {
        const reason = why(order);
        if (reason !== undefined) {
            dropped.set(order.id, reason);
        }
    }
    return dropped.size === 0 ? book : withoutOrders(book, dropped);
}
