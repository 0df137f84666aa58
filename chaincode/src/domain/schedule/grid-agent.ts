import { dividedHalfEven } from '../quantity';
import { nanosPerKwh, poolEnergy, type NanosPerKwh, type PoolEnergy } from './exchange';

/** The grid in a slot: what it charges and pays, and what its connection carries. */
export interface GridSlot {
    /** The community pays this for a kWh from the grid … */
    readonly retail: NanosPerKwh;
    /** … and gets this for one to it; not above `retail`. */
    readonly feedIn: NanosPerKwh;
    /** The most the grid gives, and takes, Wh. */
    readonly importLimit: bigint;
    readonly exportLimit: bigint;
}

/** What the grid's step starts from. */
export interface GridStart {
    readonly penalty: bigint;
    /** N times its reference point, Wh. */
    readonly scaled: bigint;
    /** N: `countOf` of the exchange's rules. */
    readonly agents: number;
    readonly weight?: bigint;
}

/**
 * The grid's step, exactly: argmin c(x) + λx + ρ/2·(x − z)² with c(x) = −retail·x for x < 0 (it sells to the pool), −feedIn·x for
 * x > 0, within its limits; rounded half to even. `scaled` is N times its reference point. A
 * grid that stands for `weight` agents (`ExchangeRules.weights`) has the penalty ρ/weight.
 */
export function gridStep(
    grid: GridSlot,
    price: NanosPerKwh,
    { penalty, scaled, agents, weight = 1n }: GridStart,
): PoolEnergy {
    const n = BigInt(agents);
    // N·ρ times the minimum of the branch in which the grid trades at `tariff`.
    const branch = (tariff: bigint): bigint => scaled * penalty - (price - tariff) * n * weight;
    const taken = branch(grid.feedIn);
    const given = branch(grid.retail);
    const best = taken > 0n ? taken : given < 0n ? given : 0n;
    const rounded = dividedHalfEven(best, n * penalty);
    if (rounded > grid.exportLimit) {
        return poolEnergy(grid.exportLimit);
    }
    return poolEnergy(rounded < -grid.importLimit ? -grid.importLimit : rounded);
}

/**
 * The grid wants no other energy at this price: the conditions of Karush, Kuhn and Tucker of its own problem. With a tolerance, where price
 * or energy come from rounding: prices so close are the same, and so close to a limit is at it.
 */
export function isContent(
    { retail, feedIn, importLimit, exportLimit }: GridSlot,
    taken: bigint,
    price: bigint,
    tolerance = { price: 0n, energy: 0n },
): boolean {
    const given = 0n - taken;
    const isWithin = given <= importLimit && taken <= exportLimit;
    // Giving more would pay above retail, taking more below feed-in: only a limit keeps it from that …
    const mayBeAbove = given >= importLimit - tolerance.energy || price <= retail + tolerance.price;
    const mayBeBelow = taken >= exportLimit - tolerance.energy || price >= feedIn - tolerance.price;
    // … and giving at all loses below retail, taking above feed-in.
    const gives = given <= tolerance.energy || price >= retail - tolerance.price;
    const takes = taken <= tolerance.energy || price <= feedIn + tolerance.price;
    return [isWithin, mayBeAbove, mayBeBelow, gives, takes].every(Boolean);
}

/** How much of what the grid trades says something about the price, Wh. */
export interface Evidence {
    /** Rounding alone leaves over as much: it says nothing. */
    readonly indifference: bigint;
    /** The exchange's tolerance: more than that the grid trades for certain. */
    readonly certainty: bigint;
}

/**
 * The price at which a schedule is settled, once the grid has taken the last watt-hours: λ is known only to the exchange's tolerance, but where
 * the grid trades the price is its tariff (complementary slackness, what a certificate asks exactly); at a limit it may be dearer to
 * import and cheaper to export. Where the grid trades no more than `indifference`, λ stays, held between feed-in and retail; up to
 * `certainty` it takes λ nearer to that tariff than to the other, for what is left of a sum that should be zero has a side, too.
 */
export function tariffPrice(
    { retail, feedIn, importLimit, exportLimit }: GridSlot,
    price: NanosPerKwh,
    taken: PoolEnergy,
    { indifference, certainty }: Evidence,
): NanosPerKwh {
    const given = 0n - taken;
    const isNearRetail = 2n * price >= retail + feedIn;
    if (given > (isNearRetail ? indifference : certainty)) {
        return given >= importLimit ? higher(retail, price) : retail;
    }
    if (taken > (isNearRetail ? certainty : indifference)) {
        return taken >= exportLimit ? lower(feedIn, price) : feedIn;
    }
    return higher(feedIn, lower(retail, price));
}

const higher = (a: bigint, b: bigint): NanosPerKwh => nanosPerKwh(a > b ? a : b);
const lower = (a: bigint, b: bigint): NanosPerKwh => nanosPerKwh(a < b ? a : b);
