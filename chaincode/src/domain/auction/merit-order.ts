import { allocate, least, minus, plus, total, wattHours, type MicrosPerKwh, type WattHours } from '../quantity';
import { byLimit, type TieBreak } from './book';
import type { Order, Side } from './order';

/** All orders of one side with one limit. They are equals: what is left for them they share. */
export interface Level {
    readonly limit: MicrosPerKwh;
    readonly orders: readonly Order[];
    readonly energy: WattHours;
}

/** What a level of bids takes from a level of asks. */
export interface Crossing {
    readonly bid: Level;
    readonly ask: Level;
    readonly energy: WattHours;
}

/** Where the walk along both sides ends. */
export interface Margin {
    readonly volume: WattHours;
    /** The last bid and ask that trade. */
    readonly bid: MicrosPerKwh;
    readonly ask: MicrosPerKwh;
    /** The first bid and ask of which something is left. */
    readonly nextBid: MicrosPerKwh | undefined;
    readonly nextAsk: MicrosPerKwh | undefined;
    /** Best first. */
    readonly crossings: readonly Crossing[];
}

/** The orders of a side by their limits, best limit first. */
export function levels(orders: readonly Order[], side: Side): Level[] {
    const direction = side === 'buy' ? -1 : 1;
    return [...byLimit(orders, side)]
        .sort(([a], [b]) => direction * (a - b))
        .map(([, equals]) => ({
            limit: (equals[0] as Order).limit,
            orders: equals,
            energy: total(equals.map(({ energy }) => energy)),
        }));
}

/** Match the best bid with the best ask while the bid reaches it. Undefined where none does. */
export function walk(bids: readonly Level[], asks: readonly Level[]): Margin | undefined {
    const bid = new Cursor(bids);
    const ask = new Cursor(asks);
    const crossings: Crossing[] = [];
    let volume = wattHours(0n);
    while (bid.level !== undefined && ask.level !== undefined && bid.level.limit >= ask.level.limit) {
        const energy = least(bid.left, ask.left);
        crossings.push({ bid: bid.level, ask: ask.level, energy });
        bid.take(energy);
        ask.take(energy);
        volume = plus(volume, energy);
    }
    const last = crossings.at(-1);
    return (
        last && {
            volume,
            bid: last.bid.limit,
            ask: last.ask.limit,
            nextBid: bid.level?.limit,
            nextAsk: ask.level?.limit,
            crossings,
        }
    );
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
    get level(): Level | undefined {
        return this.#levels[this.#position];
    }

    get left(): WattHours {
        return minus(this.level?.energy ?? wattHours(0n), this.#taken);
    }

    take(energy: WattHours): void {
        this.#taken = plus(this.#taken, energy);
        if (this.left === 0n) {
            this.#position += 1;
            this.#taken = wattHours(0n);
        }
    }
}

/** Fills by order id: better levels in full, then the level at the margin pro rata. */
export function fill(side: readonly Level[], volume: WattHours, before: TieBreak): Map<string, WattHours> {
    const fills = new Map<string, WattHours>();
    let left = volume;
    for (const { orders, energy } of side) {
        if (left === 0n) {
            break;
        }
        const given = least(left, energy);
        shared(orders, given, before).forEach((share, i) => fills.set((orders[i] as Order).id, share));
        left = minus(left, given);
    }
    return fills;
}

/** `energy` over the orders in proportion to theirs, to the watt-hour; the odd ones by largest remainder, then by rank. */
export function shared(orders: readonly Order[], energy: WattHours, before: TieBreak): WattHours[] {
    return allocate(
        energy,
        orders.map((order) => order.energy),
        (one, other) => before(orders[one] as Order, orders[other] as Order),
    );
}
