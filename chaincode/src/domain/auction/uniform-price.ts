import { sha256, fromHex } from '../digest';
import {
    allocate,
    compareBigints,
    compareStrings,
    dividedRoundedDown,
    greatest,
    least,
    microsPerKwh,
    minus,
    plus,
    total,
    wattHours,
    type Fraction,
    type MicrosPerKwh,
    type WattHours,
} from '../quantity';
import type { PriceBounds } from '../market-prices';
import type { Clearing, Order, Outcome, RoundRules, Side } from './order';
import type { OutcomeReason } from './reasons';

/** One transaction clears a round, and a transaction has a size. */
export const MOST_ORDERS = 10_000;

/** All orders of one side with one limit. They are equals: what is left for them they share. */
interface Level {
    readonly limit: MicrosPerKwh;
    readonly orders: readonly Order[];
    readonly energy: WattHours;
}

/** Where the walk along both sides ends. */
interface Margin {
    readonly volume: WattHours;
    /** The last bid and ask that trade. */
    readonly bid: MicrosPerKwh;
    readonly ask: MicrosPerKwh;
    /** The first bid and ask of which something is left. */
    readonly nextBid: MicrosPerKwh | undefined;
    readonly nextAsk: MicrosPerKwh | undefined;
}

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
 */
export function clear(orders: readonly Order[], rules: RoundRules): Clearing {
    checkBook(orders);
    const sorted = [...orders].sort((a, b) => compareStrings(a.id, b.id));
    const dropped = droppedOrders(sorted, rules);
    const tradable = sorted.filter(({ id }) => !dropped.has(id));
    const bids = levels(tradable, 'buy');
    const asks = levels(tradable, 'sell');
    const margin = walk(bids, asks);
    if (margin === undefined) {
        return outcomes(sorted, dropped, new Map(), undefined);
    }
    const interval = priceInterval(margin, rules.grid);
    const before = tieBreak(sorted);
    const fills = new Map([...fill(bids, margin.volume, before), ...fill(asks, margin.volume, before)]);
    return outcomes(sorted, dropped, fills, { interval, price: priceWithin(interval, rules.k) });
}

function checkBook(orders: readonly Order[]): void {
    if (orders.length > MOST_ORDERS) {
        throw new RangeError(`a round has at most ${MOST_ORDERS} orders, not ${orders.length}`);
    }
    if (new Set(orders.map(({ id }) => id)).size !== orders.length) {
        throw new RangeError('two orders of a round have one id');
    }
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
    return energy > 0n && (floor === undefined || limit >= floor) && (cap === undefined || limit <= cap);
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

/** Best limit first. */
function levels(orders: readonly Order[], side: Side): Level[] {
    const byLimit = new Map<MicrosPerKwh, Order[]>();
    for (const order of orders.filter((one) => one.side === side)) {
        const equals = byLimit.get(order.limit) ?? [];
        equals.push(order);
        byLimit.set(order.limit, equals);
    }
    const direction = side === 'buy' ? -1 : 1;
    return [...byLimit]
        .sort(([a], [b]) => direction * compareBigints(a, b))
        .map(([limit, equals]) => ({ limit, orders: equals, energy: total(equals.map(({ energy }) => energy)) }));
}

/** Match the best bid with the best ask while the bid reaches it. Undefined where none does. */
function walk(bids: readonly Level[], asks: readonly Level[]): Margin | undefined {
    const bid = new Cursor(bids);
    const ask = new Cursor(asks);
    let volume = wattHours(0n);
    let margin: Margin | undefined;
    while (bid.limit !== undefined && ask.limit !== undefined && bid.limit >= ask.limit) {
        const last = { bid: bid.limit, ask: ask.limit };
        const energy = least(bid.left, ask.left);
        bid.take(energy);
        ask.take(energy);
        volume = plus(volume, energy);
        margin = { ...last, volume, nextBid: bid.limit, nextAsk: ask.limit };
    }
    return margin;
}

/** A place among the levels of a side: the best one of which something is left. */
class Cursor {
    readonly #levels: readonly Level[];
    #position = 0;
    #taken = wattHours(0n);

    constructor(levels: readonly Level[]) {
        this.#levels = levels;
    }

    /** Undefined when everything is taken. */
    get limit(): MicrosPerKwh | undefined {
        return this.#levels[this.#position]?.limit;
    }

    get left(): WattHours {
        return minus(this.#levels[this.#position]?.energy ?? wattHours(0n), this.#taken);
    }

    take(energy: WattHours): void {
        this.#taken = plus(this.#taken, energy);
        if (this.left === 0n) {
            this.#position += 1;
            this.#taken = wattHours(0n);
        }
    }
}

/**
 * The prices at which exactly these orders want to trade: from the worst ask that trades and the best bid that is left, to
 * the worst bid that trades and the best ask that is left. The grid is a bound on both ends, not an order: an ask below
 * feed-in, or a bid above retail less fees, takes part by its limit but sets no price beyond the bound.
 */
function priceInterval({ bid, ask, nextBid, nextAsk }: Margin, grid: RoundRules['grid']): PriceBounds {
    const lowest = nextBid === undefined ? ask : greatest(ask, nextBid);
    const highest = nextAsk === undefined ? bid : least(bid, nextAsk);
    const bound = (price: MicrosPerKwh): MicrosPerKwh =>
        typeof grid === 'string' ? price : least(greatest(price, grid.lowest), grid.highest);
    return { lowest: bound(lowest), highest: bound(highest) };
}

/** Rounded down: the part of a micro stays with the buyers. */
function priceWithin({ lowest, highest }: PriceBounds, k: Fraction): MicrosPerKwh {
    return microsPerKwh(lowest + dividedRoundedDown((highest - lowest) * k.numerator, k.denominator));
}

/** Better levels in full, then the level at the margin pro rata. */
function fill(
    side: readonly Level[],
    volume: WattHours,
    before: (one: Order, other: Order) => number,
): Map<string, WattHours> {
    const fills = new Map<string, WattHours>();
    let left = volume;
    for (const { orders, energy } of side) {
        const given = least(left, energy);
        const shares = allocate(
            given,
            orders.map((order) => order.energy),
            (one, other) => before(orders[one] as Order, orders[other] as Order),
        );
        orders.forEach(({ id }, i) => fills.set(id, shares[i] ?? wattHours(0n)));
        left = minus(left, given);
        if (left === 0n) {
            break;
        }
    }
    return fills;
}

/**
 * Who gets the odd watt-hour among equal remainders: the lower SHA-256(digest of all salts in id order ‖ order id), which nobody
 * knows before the last salt is shown. Computed only when it is asked for.
 */
function tieBreak(sorted: readonly Order[]): (one: Order, other: Order) => number {
    const ranks = new Map<string, Uint8Array>();
    let digest: Uint8Array | undefined;
    const rank = ({ id }: Order): Uint8Array => {
        digest ??= sha256(...sorted.map(({ salt }) => fromHex(salt)));
        const known = ranks.get(id) ?? sha256(digest, id);
        ranks.set(id, known);
        return known;
    };
    return (one, other) => Buffer.compare(rank(one), rank(other)) || compareStrings(one.id, other.id);
}

function outcomes(
    sorted: readonly Order[],
    dropped: ReadonlyMap<string, OutcomeReason>,
    fills: ReadonlyMap<string, WattHours>,
    traded: Pick<Clearing, 'price' | 'interval'> | undefined,
): Clearing {
    const filled = (order: Order): WattHours => fills.get(order.id) ?? wattHours(0n);
    const traders = (side: Side): Order[] => sorted.filter((order) => order.side === side && filled(order) > 0n);
    const members = (side: Side): number => new Set(traders(side).map(({ member }) => member)).size;
    return {
        ...traded,
        volume: total(traders('buy').map(filled)),
        buyers: members('buy'),
        sellers: members('sell'),
        outcomes: sorted.map((order): Outcome => ({
            order: order.id,
            fill: filled(order),
            reason: dropped.get(order.id) ?? reasonFor(order, fills.get(order.id), traded !== undefined),
        })),
    };
}

function reasonFor(order: Order, filled: WattHours | undefined, traded: boolean): OutcomeReason {
    if (filled === undefined) {
        return traded ? 'PRICE' : 'NO_MATCH';
    }
    return filled === order.energy ? 'FILLED' : 'RATIONED';
}
