import { dividedHalfEven } from '../quantity';
import { poolEnergy, type NanosPerKwh, type PoolEnergy } from './exchange';

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
