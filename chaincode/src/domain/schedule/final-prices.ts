import { nanosPerKwh, poolEnergy, type NanosPerKwh, type PoolEnergy } from './exchange';
import { tariffPrice } from './grid-agent';
import { explainedDifferences } from './network-agent';
import { reserveOf, type RunProblem } from './run';

/**
 * What a converged run is settled at, by bus and slot. λ comes near the price at which grid and network want what they take; that
 * price itself follows from what they take: the tariff where the grid trades below its limit, a bus as dear as the one that feeds it where no limit
 * lies between them (complementary slackness, as a certificate is judged by). So λ decides only what the conditions leave open. What
 * rounding alone leaves over for the grid says nothing. `taken`: what the network takes, by bus and slot.
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
            taken.map((own) => own[slot] ?? poolEnergy(0n)),
        ),
    );
    return problem.buses.map((_, bus) => bySlot.map((own) => own[bus] ?? nanosPerKwh(0n)));
}

function slotPrices(
    problem: RunProblem,
    slot: number,
    prices: readonly NanosPerKwh[],
    taken: readonly PoolEnergy[],
): NanosPerKwh[] {
    const { rules, feeder, buses } = problem;
    const [root = nanosPerKwh(0n)] = prices;
    const total = poolEnergy(taken.reduce<bigint>((sum, each) => sum + each, 0n));
    const at = priceAtRoot(problem, slot, root, total);
    if (feeder === undefined) {
        return [at];
    }
    const { rises, falls } = explainedDifferences(
        feeder,
        buses,
        taken,
        reserveOf(problem) + atLeastOne(rules.primalTolerance),
    );
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

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const atLeastOne = (n: bigint): bigint => (n < 1n ? 1n : n);

/** What rounding to whole Wh alone leaves over for the grid: half a Wh of every agent. */
const indifference = ({ households, buses }: RunProblem): bigint => BigInt(households.length + buses.length) / 2n;

/** As `tariffPrice`; so near to a limit as the sums may be to zero is at it. */
function priceAtRoot(problem: RunProblem, slot: number, price: NanosPerKwh, taken: PoolEnergy): NanosPerKwh {
    const grid = problem.grid[slot];
    const near = problem.rules.primalTolerance;
    return grid === undefined
        ? price
        : tariffPrice(
              { ...grid, importLimit: grid.importLimit - near, exportLimit: grid.exportLimit - near },
              price,
              taken,
              { indifference: least(indifference(problem), near), certainty: near },
          );
}
