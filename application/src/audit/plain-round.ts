import { createHash } from 'node:crypto';

/**
 * The auction of one round, worked out a second time and in another way than the chaincode does (design.md, "The auction
 * rule"). Shares no code with it on purpose: two programs that agree are worth more than one that is run twice.
 */
export interface PlainOrder {
    /** Unique in the round; ties of the last watt-hours are broken by it and the salts. */
    readonly name: string;
    readonly owner: string;
    readonly side: 'buy' | 'sell';
    readonly wh: bigint;
    readonly limit: bigint;
    /** Hex. */
    readonly salt: string;
}

export interface PlainTerms {
    readonly retail: bigint;
    readonly feedIn: bigint;
    readonly gridFee: bigint;
    readonly communityFee: bigint;
    readonly k: { readonly numerator: bigint; readonly denominator: bigint };
}

export interface PlainResult {
    readonly volume: bigint;
    /** Undefined where nothing is traded. */
    readonly price: bigint | undefined;
    readonly fills: ReadonlyMap<string, bigint>;
}

const NOTHING: PlainResult = { volume: 0n, price: undefined, fills: new Map() };

/**
 * Demand and supply as curves over all prices that occur: the volume is the largest that both sides support at one price,
 * and the price lies between the limits of the units at the end of that volume and of those just beyond it.
 */
export function plainRound(book: readonly PlainOrder[], terms: PlainTerms): PlainResult {
    const ceiling = terms.retail - terms.gridFee - terms.communityFee;
    const orders = book.filter((order) => !crossesOwn(order, book) && canTrade(order, terms.feedIn, ceiling));
    const demandAt = (price: bigint): bigint => sumOf(orders.filter((o) => o.side === 'buy' && o.limit >= price));
    const supplyAt = (price: bigint): bigint => sumOf(orders.filter((o) => o.side === 'sell' && o.limit <= price));
    const volume = largest(orders.map(({ limit }) => smaller(demandAt(limit), supplyAt(limit))));
    if (volume === 0n || terms.feedIn > ceiling) {
        return NOTHING;
    }
    const limits = [...new Set(orders.map(({ limit }) => limit))].sort((a, b) => (a < b ? -1 : 1));
    // The limit of the n-th unit from the best: the last price at which so many are still wanted, the first at which so many are offered.
    const bidOfUnit = (unit: bigint): bigint | undefined => limits.findLast((price) => demandAt(price) >= unit);
    const askOfUnit = (unit: bigint): bigint | undefined => limits.find((price) => supplyAt(price) >= unit);
    const inGrid = (price: bigint): bigint => smaller(largest([price, terms.feedIn]), ceiling);
    const low = inGrid(largest([askOfUnit(volume), bidOfUnit(volume + 1n)]));
    const high = inGrid(smallest([bidOfUnit(volume), askOfUnit(volume + 1n)]));
    const price = low + floorOf((high - low) * terms.k.numerator, terms.k.denominator);
    const fills = new Map([...fillsOf('buy', orders, volume, book), ...fillsOf('sell', orders, volume, book)]);
    return { volume, price, fills };
}

/** A member that would trade with itself trades with nobody: both orders are dropped. */
function crossesOwn(order: PlainOrder, book: readonly PlainOrder[]): boolean {
    return book.some(
        (other) =>
            other.owner === order.owner &&
            other.side !== order.side &&
            (order.side === 'buy' ? order.limit >= other.limit : order.limit <= other.limit),
    );
}

/** Some price within the grid's bounds is within the limit. */
function canTrade({ side, limit }: PlainOrder, floor: bigint, ceiling: bigint): boolean {
    return side === 'buy' ? limit >= floor : limit <= ceiling;
}

/** Better limits first, each limit in full while there is enough for it; those of the last one share. */
function fillsOf(
    side: PlainOrder['side'],
    orders: readonly PlainOrder[],
    volume: bigint,
    book: readonly PlainOrder[],
): [string, bigint][] {
    const mine = orders.filter((order) => order.side === side);
    const isBetter = (a: PlainOrder, b: PlainOrder): boolean =>
        side === 'buy' ? a.limit > b.limit : a.limit < b.limit;
    return mine.flatMap((order) => {
        const before = sumOf(mine.filter((other) => isBetter(other, order)));
        const equal = mine.filter(({ limit }) => limit === order.limit);
        const left = smaller(largest([volume - before, 0n]), sumOf(equal));
        return prorated(equal, left, book).filter(([name]) => name === order.name);
    });
}

/** Divides what is left among orders at the price by their energy; the last units go to the largest remainders, then by rank. */
function prorated(equal: readonly PlainOrder[], left: bigint, all: readonly PlainOrder[]): [string, bigint][] {
    const wanted = sumOf(equal);
    if (wanted === 0n) {
        return [];
    }
    const shares = equal.map((order) => ({
        name: order.name,
        share: (order.wh * left) / wanted,
        remainder: (order.wh * left) % wanted,
        rank: rankOf(order.name, all),
    }));
    let missing = left - shares.reduce((sum, { share }) => sum + share, 0n);
    const inTurn = shares.toSorted((a, b) => {
        const byRemainder = b.remainder - a.remainder;
        return byRemainder === 0n ? (a.rank < b.rank ? -1 : 1) : byRemainder > 0n ? 1 : -1;
    });
    return inTurn.map(({ name, share }) => {
        const extra = missing > 0n ? 1n : 0n;
        missing -= extra;
        return [name, share + extra];
    });
}

/** SHA-256(SHA-256(all salts in the order of the names) ‖ name), in hex. */
function rankOf(name: string, all: readonly PlainOrder[]): string {
    const inOrder = all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const salts = createHash('sha256');
    inOrder.forEach(({ salt }) => salts.update(Buffer.from(salt, 'hex')));
    return createHash('sha256').update(salts.digest()).update(name).digest('hex');
}

function sumOf(orders: readonly PlainOrder[]): bigint {
    return orders.reduce((sum, { wh }) => sum + wh, 0n);
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

function largest(values: readonly (bigint | undefined)[]): bigint {
    const there = values.filter((value) => value !== undefined);
    return there.reduce((most, value) => (value > most ? value : most), there[0] ?? 0n);
}

function smallest(values: readonly (bigint | undefined)[]): bigint {
    const there = values.filter((value) => value !== undefined);
    return there.reduce(smaller, there[0] ?? 0n);
}

function floorOf(numerator: bigint, denominator: bigint): bigint {
    const quotient = numerator / denominator;
    return numerator % denominator !== 0n && numerator < 0n ? quotient - 1n : quotient;
}
