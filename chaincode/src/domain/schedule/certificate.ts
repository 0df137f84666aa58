import { poolEnergy, type NanosPerKwh, type PoolEnergy } from './exchange';
import { isContent } from './grid-agent';
import { networkPriceFlaw, type Tolerance } from './network-agent';
import { absorbed, isBeyond, reserveOf, type RunProblem } from './run';

/** By bus, by household and by slot in the problem's order. */
export interface ClaimedSchedule {
    /** λ, by bus, then by slot. */
    readonly prices: readonly (readonly NanosPerKwh[])[];
    /** By household, then by slot; without the network, which takes what is left over at each bus. */
    readonly energies: readonly (readonly PoolEnergy[])[];
    /** What the grid takes from the community, by slot; negative is given to it. */
    readonly grid: readonly PoolEnergy[];
}

export type CertificateFlaw =
    | { readonly kind: 'shape'; readonly of: string }
    | { readonly kind: 'limit'; readonly of: string; readonly slot: number }
    | { readonly kind: 'balance'; readonly slot: number; readonly sum: bigint }
    | { readonly kind: 'network'; readonly slot: number }
    | { readonly kind: 'grid'; readonly slot: number }
    | { readonly kind: 'price'; readonly slot: number; readonly bus: string }
    | { readonly kind: 'bounds'; readonly slot: number };

/**
 * Energies are whole, and the network plans with a reserve for what is left over: a limit that this and one Wh more at every bus would break is
 * reached. Prices are as exact as claimed.
 */
const toleranceOf = (problem: RunProblem): Tolerance => ({ price: 0n, energy: 1n + reserveOf(problem) });

/**
 * Whether a claimed schedule is one, in the order shape, limits of the connections, balance, limits of the network, the grid's conditions, prices
 * between buses, floor and cap: the first flaw, or undefined. The sum is zero in every slot, to the watt-hour; nobody is above a registered limit, and no
 * line or voltage either; the price at the root is the one at which the grid wants what it is given: its tariff while it trades below its limit,
 * between both tariffs while it does not, above retail or below feed-in only at the limit; and a bus has another price than the one that feeds it
 * only where a limit between them binds (complementary slackness). That price and energies also suit a household, whose costs
 * nobody else knows, is what the household's own signature says (Chen et al. 2022: checked, not computed again).
 */
export function certificateFlaw(problem: RunProblem, claim: ClaimedSchedule): CertificateFlaw | undefined {
    return (
        shapeFlaw(problem, claim) ??
        limitFlaw(problem, claim) ??
        balanceFlaw(claim) ??
        flowsFlaw(problem, claim) ??
        gridFlaw(problem, claim) ??
        pricesFlaw(problem, claim) ??
        boundsFlaw(problem, claim)
    );
}

function shapeFlaw(
    { rules: { slots }, buses, households }: RunProblem,
    { prices, energies, grid }: ClaimedSchedule,
): CertificateFlaw | undefined {
    const isOf = (numbers: readonly unknown[] | undefined): boolean => numbers?.length === slots;
    if (!isOf(grid)) {
        return { kind: 'shape', of: 'grid' };
    }
    const bus = buses.find((_, i) => !isOf(prices[i]));
    if (bus !== undefined || prices.length !== buses.length) {
        return { kind: 'shape', of: bus ?? 'prices' };
    }
    const household = households.find((_, i) => !isOf(energies[i]));
    return household && { kind: 'shape', of: household.mspId };
}

function limitFlaw({ households }: RunProblem, { energies }: ClaimedSchedule): CertificateFlaw | undefined {
    for (const [i, { mspId, importLimit, exportLimit }] of households.entries()) {
        const slot = energies[i]?.findIndex((x) => x > importLimit || 0n - x > exportLimit) ?? -1;
        if (slot >= 0) {
            return { kind: 'limit', of: mspId, slot };
        }
    }
    return undefined;
}

function balanceFlaw({ energies, grid }: ClaimedSchedule): CertificateFlaw | undefined {
    for (const [slot, taken] of grid.entries()) {
        const sum = energies.reduce<bigint>((all, own) => all + (own[slot] ?? 0n), taken);
        if (sum !== 0n) {
            return { kind: 'balance', slot, sum };
        }
    }
    return undefined;
}

/** What the network takes at each bus, in a slot. */
const takenIn = (byBus: readonly (readonly PoolEnergy[])[], slot: number): PoolEnergy[] =>
    byBus.map((energies) => energies[slot] ?? poolEnergy(0n));

function flowsFlaw(problem: RunProblem, { energies }: ClaimedSchedule): CertificateFlaw | undefined {
    const taken = absorbed(problem, energies);
    const slot = problem.grid.findIndex((_, i) => isBeyond(problem, i, takenIn(taken, i)));
    return slot < 0 ? undefined : { kind: 'network', slot };
}

function gridFlaw(
    { grid: slots }: RunProblem,
    { prices: [root = []], grid }: ClaimedSchedule,
): CertificateFlaw | undefined {
    const slot = slots.findIndex((each, i) => !isContent(each, grid[i] ?? 0n, root[i] ?? 0n));
    return slot < 0 ? undefined : { kind: 'grid', slot };
}

function pricesFlaw(problem: RunProblem, { prices, energies }: ClaimedSchedule): CertificateFlaw | undefined {
    const { feeder, buses } = problem;
    if (feeder === undefined) {
        return undefined;
    }
    const taken = absorbed(problem, energies);
    for (const slot of problem.grid.keys()) {
        const at = { prices: takenAt(prices, slot), taken: takenIn(taken, slot) };
        const bus = networkPriceFlaw(feeder, buses, at, toleranceOf(problem));
        if (bus !== undefined) {
            return { kind: 'price', slot, bus };
        }
    }
    return undefined;
}

function boundsFlaw({ floor, cap }: RunProblem, { prices }: ClaimedSchedule): CertificateFlaw | undefined {
    const slots = prices.map((own) => own.findIndex((price) => price < floor || price > cap));
    const slot = slots.find((each) => each >= 0);
    return slot === undefined ? undefined : { kind: 'bounds', slot };
}

const takenAt = (prices: readonly (readonly NanosPerKwh[])[], slot: number): NanosPerKwh[] =>
    prices.map((each) => each[slot] ?? (0n as NanosPerKwh));
