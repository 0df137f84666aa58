import { nanosPerKwh, type NanosPerKwh, type PoolEnergy } from './exchange';
import type { GridSlot } from './grid-agent';
import { explainedDifferences } from './network-agent';
import type { RunProblem } from './run';

/**
 * What a converged run is settled at, by bus and slot. λ comes near the price at which grid and network want what they take; that
 * price itself follows from what they take: the tariff where the grid trades below its limit, a bus as dear as the one that feeds it where no limit
 * lies between them (complementary slackness, as a certificate is judged by). So λ decides only what the conditions leave open. What the
 * grid takes within the tolerance of the sums says nothing. `taken`: what the network takes, by bus and slot.
 */
export function finalPrices(
    problem: RunProblem,
    prices: readonly (readonly NanosPerKwh[])[],
    taken: readonly (readonly PoolEnergy[])[],
): NanosPerKwh[][] {
    const bySlot = problem.grid.map((_, slot) =>
        slotPrices(
            problem,
            slot,
            prices.map((own) => own[slot] ?? nanosPerKwh(0n)),
            taken.map((own) => own[slot] ?? (0n as PoolEnergy)),
        ),
    );
    return problem.buses.map((_, bus) => bySlot.map((own) => own[bus] ?? nanosPerKwh(0n)));
}

function slotPrices(
    { rules, grid, feeder, buses }: RunProblem,
    slot: number,
    prices: readonly NanosPerKwh[],
    taken: readonly PoolEnergy[],
): NanosPerKwh[] {
    const [root = nanosPerKwh(0n)] = prices;
    const total = taken.reduce<bigint>((sum, each) => sum + each, 0n);
    const at = gridPrice(grid[slot], root, total, rules.primalTolerance);
    if (feeder === undefined) {
        return [at];
    }
    const { rises, falls } = explainedDifferences(feeder, buses, taken, atLeastOne(rules.primalTolerance));
    const known = new Map([[buses[0], { from: root, to: at }]]);
    for (const [i, { bus, from }] of feeder.lines.entries()) {
        const behind = known.get(from) ?? { from: root, to: at };
        const own = prices[i + 1] ?? root;
        const difference = own - behind.from;
        const isExplained = (difference > 0n && rises.has(bus)) || (difference < 0n && falls.has(bus));
        known.set(bus, { from: own, to: nanosPerKwh(behind.to + (isExplained ? difference : 0n)) });
    }
    return buses.map((bus) => known.get(bus)?.to ?? at);
}

const atLeastOne = (n: bigint): bigint => (n < 1n ? 1n : n);

/** The price at which the grid wants to take `taken` of the pool. */
function gridPrice(grid: GridSlot | undefined, price: NanosPerKwh, taken: bigint, tolerance: bigint): NanosPerKwh {
    if (grid === undefined) {
        return price;
    }
    const { retail, feedIn, importLimit, exportLimit } = grid;
    if (taken > tolerance) {
        return taken >= exportLimit - tolerance ? lower(price, feedIn) : feedIn;
    }
    if (-taken > tolerance) {
        return -taken >= importLimit - tolerance ? higher(price, retail) : retail;
    }
    return higher(feedIn, lower(price, retail));
}

const lower = (a: NanosPerKwh, b: NanosPerKwh): NanosPerKwh => (a < b ? a : b);
const higher = (a: NanosPerKwh, b: NanosPerKwh): NanosPerKwh => (a > b ? a : b);
