import { fromHex, sha256 } from '../digest';
import { compareStrings, greatest, least, type MicrosPerKwh } from '../quantity';
import type { PriceBounds } from '../market-prices';
import type { Order, RoundRules, Side } from './order';
import type { OutcomeReason } from './reasons';

/** So that nothing here is without a bound. On the ledger the size of one transaction, which clears a round, ends it far sooner. */
export const MOST_ORDERS = 100_000;

/** Beyond these an order is a mistake, and its money would not fit into the 64 bits of an outcome. */
const MOST_WATT_HOURS = 1_000_000_000n;
const WIDEST_LIMIT = 9_000_000_000n;

/** Whom a tie favours: negative where the first comes first. Never 0 for different orders. */
export type TieBreak = (one: Order, other: Order) => number;

/** A round's orders, checked and put into the order of their ids: what every mechanism starts from. */
export interface Book {
    /** All orders, by id. */
    readonly sorted: readonly Order[];
    /** Those that do not take part, and why. */
    readonly dropped: ReadonlyMap<string, OutcomeReason>;
    /** Those that do, by id. */
    readonly tradable: readonly Order[];
    readonly before: TieBreak;
    readonly islanded: boolean;
}

/** Throws a RangeError for a book that no round can have: too many orders, two with one id. */
export function openBook(orders: readonly Order[], rules: RoundRules): Book {
    if (orders.length > MOST_ORDERS) {
        throw new RangeError(`a round has at most ${MOST_ORDERS} orders, not ${orders.length}`);
    }
    const sorted = [...orders].sort((a, b) => compareStrings(a.id, b.id));
    if (sorted.some(({ id }, i) => id === sorted[i + 1]?.id)) {
        throw new RangeError('two orders of a round have one id');
    }
    const dropped = droppedOrders(sorted, rules);
    const tradable = sorted.filter(({ id }) => !dropped.has(id));
    return { sorted, dropped, tradable, before: tieBreak(sorted), islanded: rules.islanded === true };
}

/** The same book with further orders dropped. */
export function withoutOrders(book: Book, more: ReadonlyMap<string, OutcomeReason>): Book {
    const dropped = new Map([...book.dropped, ...more]);
    return { ...book, dropped, tradable: book.tradable.filter(({ id }) => !dropped.has(id)) };
}

/**
 * The orders of a side, best limit first; equals by `before`, or only those of the limit `ranked`, where the order of others does not matter: a
 * rank is a hash, and in a large book nearly every order has an equal.
 */
export function byMerit(
    { tradable, before }: Book,
    side: Side,
    ranked: MicrosPerKwh | 'all' | 'none' = 'all',
): Order[] {
    const direction = side === 'buy' ? -1 : 1;
    const only = typeof ranked === 'bigint' ? Number(ranked) : undefined;
    const isRanked = (limit: number): boolean => ranked === 'all' || limit === only;
    return [...byLimit(tradable, side)]
        .sort(([a], [b]) => direction * (a - b))
        .flatMap(([limit, equals]) => (equals.length > 1 && isRanked(limit) ? equals.sort(before) : equals));
}

/** The orders of a side by their limits. As numbers: a book admits no limit that one does not hold exactly, and a map finds it several times faster than a bigint. */
export function byLimit(orders: readonly Order[], side: Side): Map<number, Order[]> {
    const found = new Map<number, Order[]>();
    for (const order of orders) {
        if (order.side === side) {
            const limit = Number(order.limit);
            const equals = found.get(limit);
            if (equals === undefined) {
                found.set(limit, [order]);
            } else {
                equals.push(order);
            }
        }
    }
    return found;
}

/** A price moved to the nearer end where it lies outside the grid's bounds. */
export function withinGrid(price: MicrosPerKwh, grid: RoundRules['grid']): MicrosPerKwh {
    return typeof grid === 'string' ? price : least(greatest(price, grid.lowest), grid.highest);
}

/** Orders that do not take part, and why. The first reason that applies, in the order of the checks here. */
function droppedOrders(orders: readonly Order[], rules: RoundRules): Map<string, OutcomeReason> {
    const { grid } = rules;
    const dropped = new Map<string, OutcomeReason>();
    if (grid === 'shut') {
        return new Map(orders.map(({ id }) => [id, 'ROUND_SHUT']));
    }
    for (const order of orders) {
        if (!isInRange(order, rules)) {
            dropped.set(order.id, 'OUT_OF_RANGE');
        }
    }
    const valid = orders.filter(({ id }) => !dropped.has(id));
    const crossing = selfTrades(valid);
    for (const order of valid) {
        if (crossing.has(order.id)) {
            dropped.set(order.id, 'SELF_TRADE');
        } else if (grid !== 'none' && !reachesGrid(order, grid)) {
            dropped.set(order.id, 'OUTSIDE_GRID');
        }
    }
    return dropped;
}

function isInRange({ energy, limit }: Order, { floor, cap }: RoundRules): boolean {
    const isSane = energy > 0n && energy <= MOST_WATT_HOURS && limit <= WIDEST_LIMIT && limit >= 0n - WIDEST_LIMIT;
    return isSane && (floor === undefined || limit >= floor) && (cap === undefined || limit <= cap);
}

/** Bids that reach an ask of their own member, and asks that are reached by one of their member's bids. */
function selfTrades(orders: readonly Order[]): Set<string> {
    const highestBid = new Map<string, MicrosPerKwh>();
    const lowestAsk = new Map<string, MicrosPerKwh>();
    for (const { member, side, limit } of orders) {
        if (side === 'buy') {
            highestBid.set(member, greatest(limit, highestBid.get(member) ?? limit));
        } else {
            lowestAsk.set(member, least(limit, lowestAsk.get(member) ?? limit));
        }
    }
    const crosses = ({ member, side, limit }: Order): boolean => {
        const own = (side === 'buy' ? lowestAsk : highestBid).get(member);
        return own !== undefined && (side === 'buy' ? limit >= own : limit <= own);
    };
    return new Set(orders.filter(crosses).map(({ id }) => id));
}

/** A bid below feed-in, or an ask above retail less fees, can trade at no price within the bounds. */
function reachesGrid({ side, limit }: Order, { lowest, highest }: PriceBounds): boolean {
    return side === 'buy' ? limit >= lowest : limit <= highest;
}

/** A hash, and its first bytes as a number: those decide nearly always, and numbers are compared at once. */
interface Rank {
    readonly head: number;
    readonly bytes: Buffer;
}
const HEAD_BYTES = 6;

/**
 * Who gets the odd watt-hour among equal remainders: the lower SHA-256(digest of all salts in id order ‖ order id), which nobody
 * knows before the last salt is shown. Computed only when it is asked for.
 */
function tieBreak(sorted: readonly Order[]): TieBreak {
    const ranks = new Map<string, Rank>();
    let digest: Uint8Array | undefined;
    const rank = ({ id }: Order): Rank => {
        const known = ranks.get(id);
        if (known !== undefined) {
            return known;
        }
        digest ??= sha256(...sorted.map(({ salt }) => fromHex(salt)));
        const bytes = Buffer.from(sha256(digest, id));
        const made = { head: bytes.readUIntBE(0, HEAD_BYTES), bytes };
        ranks.set(id, made);
        return made;
    };
    return (one, other) => {
        const [mine, theirs] = [rank(one), rank(other)];
        return mine.head - theirs.head || Buffer.compare(mine.bytes, theirs.bytes) || compareStrings(one.id, other.id);
    };
}
