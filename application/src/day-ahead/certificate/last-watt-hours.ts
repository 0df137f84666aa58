import { poolEnergy, type PoolEnergy } from '@commonwatt/chaincode/domain/schedule/exchange';
import { isBeyond, type RunProblem, type RunState } from '@commonwatt/chaincode/domain/schedule/run';

/**
 * The homes' energies such that every bus gives exactly what the network's last step takes there. A sum that is zero but for a few Wh would
 * otherwise have a side, and with it the grid's tariff or a line that is not quite full: one Wh more in one answer would decide a slot's price. The
 * network's step hardly depends on it. Of a bus the home that moves most energy in the slot takes the last Wh, as far as its connection allows, then
 * the next: they are few beside what it moves, and it signs for them.
 */
export function balanced(problem: RunProblem, state: RunState): PoolEnergy[][] {
    const energies = state.households.map((each) => [...each.energies]);
    for (const slot of problem.grid.keys()) {
        const wanted = problem.buses.map((_, bus) => state.network[bus]?.energies[slot] ?? poolEnergy(0n));
        const [, ...behind] = wanted;
        // What the homes there have no room for the root takes up, so it comes last.
        const left = behind.map((taken, i) => moved(problem, energies, { bus: i + 1, slot, taken }));
        const total = exactTotal(problem, slot, wanted);
        const others = behind.reduce<bigint>((sum, taken, i) => sum + taken + (left[i] ?? 0n), 0n);
        moved(problem, energies, { bus: 0, slot, taken: total - others });
    }
    return energies;
}

/** What goes to the grid: nothing, or all that its connection carries, where rounding the step bus by bus alone keeps it from that. */
function exactTotal(problem: RunProblem, slot: number, [root, ...behind]: readonly PoolEnergy[]): bigint {
    const others = behind.reduce<bigint>((sum, each) => sum + each, 0n);
    const total = others + (root ?? 0n);
    const { importLimit, exportLimit } = problem.grid[slot] ?? { importLimit: 0n, exportLimit: 0n };
    const rounding = BigInt(problem.buses.length) / 2n;
    const exact = [0n, -importLimit, exportLimit].find(
        (each) => size(each - total) <= rounding && !isBeyond(problem, slot, [poolEnergy(each - others), ...behind]),
    );
    return exact ?? total;
}

/** Moves the homes of a bus so that they give what is taken there; returns how much more they give. */
function moved(
    { buses, households }: RunProblem,
    energies: PoolEnergy[][],
    { bus, slot, taken }: { readonly bus: number; readonly slot: number; readonly taken: bigint },
): bigint {
    const at = (home: number): bigint => energies[home]?.[slot] ?? 0n;
    const homes = [...households.keys()].filter((home) => households[home]?.bus === buses[bus]);
    let over = homes.reduce((sum, home) => sum + at(home), taken);
    const byEnergy = homes.sort((one, other) => Number(size(at(other)) - size(at(one))) || one - other);
    for (const home of byEnergy) {
        const { importLimit, exportLimit } = households[home] ?? { importLimit: 0n, exportLimit: 0n };
        const wanted = at(home) - over;
        const own = wanted > importLimit ? importLimit : wanted < -exportLimit ? -exportLimit : wanted;
        over -= at(home) - own;
        energies[home]?.splice(slot, 1, poolEnergy(own));
    }
    return -over;
}

const size = (n: bigint): bigint => (n < 0n ? -n : n);
