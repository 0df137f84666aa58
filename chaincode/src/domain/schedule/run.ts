import { compareStrings } from '../quantity';
import {
    closeTogether,
    nanosPerKwh,
    poolEnergy,
    type Exchange,
    type ExchangeRules,
    type NanosPerKwh,
    type PoolEnergy,
    type ReferencePoint,
    type Residuals,
} from './exchange';
import { finalPrices } from './final-prices';
import { isContent, type GridSlot } from './grid-agent';
import type { Feeder } from './lin-dist-flow';
import type { NetworkWeight } from './terms';
import {
    impliedPrices,
    limitFlaw,
    networkPriceFlaw,
    networkStep,
    WATTS_PER_WATT_HOUR,
    type BusPosition,
} from './network-agent';

// A community's run: an exchange at each bus, and the network (with one bus: the grid) taking part in all of them.

/** A household and what its connection carries in a slot, Wh: takes at most `importLimit`, gives at most `exportLimit`. */
export interface RunHousehold {
    readonly mspId: string;
    readonly bus: string;
    readonly importLimit: bigint;
    readonly exportLimit: bigint;
}

/** What is frozen when a run is opened. */
export interface RunProblem {
    readonly rules: Omit<ExchangeRules, 'agents' | 'weights'>;
    /** As how many agents the network counts at a bus: as one, or as many as there are households. */
    readonly networkWeight: NetworkWeight;
    /** The root first, then as the feeder has them. */
    readonly buses: readonly string[];
    readonly households: readonly RunHousehold[];
    /** By slot. */
    readonly grid: readonly GridSlot[];
    /** Between which every price that is settled must lie. */
    readonly floor: NanosPerKwh;
    readonly cap: NanosPerKwh;
    readonly feeder?: Feeder | undefined;
}

/** Energies and N times the reference points of one agent, by slot. */
export interface Position {
    readonly energies: readonly PoolEnergy[];
    readonly scaled: readonly bigint[];
}

export interface RunState {
    readonly iteration: number;
    readonly penalty: bigint;
    /** By bus, then by slot. */
    readonly prices: readonly (readonly NanosPerKwh[])[];
    /** In the order of the problem's households. */
    readonly households: readonly Position[];
    /** By bus: what the network takes there. */
    readonly network: readonly Position[];
}

/** What a run has come to, by bus and slot. */
export interface Settled {
    readonly prices: readonly (readonly NanosPerKwh[])[];
    /** What the network takes, so that every sum is zero exactly. */
    readonly taken: readonly (readonly PoolEnergy[])[];
}

interface Iterated {
    readonly state: RunState;
    /** Σx by bus and slot. */
    readonly sums: readonly (readonly PoolEnergy[])[];
    readonly residuals: Residuals;
}
export type ClosedRun = Iterated &
    ({ readonly end: 'running' | 'not-converged' } | { readonly end: 'converged'; readonly settled: Settled });

export type NetworkFlaw = { readonly kind: 'shape' } | { readonly kind: 'limit' | 'answer'; readonly slot: number };

/** The network among the agents of a bus: no member can be called so. */
const NETWORK = '~network';

export function firstRunState(problem: RunProblem, prices: readonly (readonly NanosPerKwh[])[]): RunState {
    const nothing: Position = {
        energies: Array<PoolEnergy>(problem.rules.slots).fill(poolEnergy(0n)),
        scaled: Array<bigint>(problem.rules.slots).fill(0n),
    };
    return {
        iteration: 0,
        penalty: problem.rules.penalty.initial,
        prices,
        households: problem.households.map(() => nothing),
        network: problem.buses.map(() => nothing),
    };
}

/** Wh: what homes' answers, each rounded, leave over at worst when they have come to rest, twice over. */
export const reserveOf = ({ households }: Pick<RunProblem, 'households'>): bigint => BigInt(households.length);

/**
 * As the network plans: it leaves so much of every line free as what is left over in the end needs, or a full line would have no room for one Wh of it,
 * in some slot of every iteration.
 */
export function withReserve(problem: RunProblem): RunProblem {
    const { feeder } = problem;
    if (feeder === undefined) {
        return problem;
    }
    const kept = WATTS_PER_WATT_HOUR * reserveOf(problem);
    const lines = feeder.lines.map((line) => ({ ...line, limitW: line.limitW > kept ? line.limitW - kept : 0n }));
    return { ...problem, feeder: { ...feeder, lines } };
}

/**
 * What the network does in an iteration, by bus and slot. Without an answer it takes what it would if none of its lines limited it. An answer,
 * worked out by whoever closes, is checked and not computed again: within every limit, and such that the limits explain every difference
 * between the prices that it implies (the conditions of Karush, Kuhn and Tucker, within what rounding to whole Wh makes).
 */
export function networkEnergies(
    physical: RunProblem,
    state: RunState,
    answer: readonly (readonly PoolEnergy[])[] | undefined,
): readonly (readonly PoolEnergy[])[] | NetworkFlaw {
    const problem = withReserve(physical);
    const { rules, buses, grid } = problem;
    if (answer !== undefined && !isShaped(answer, buses.length, rules.slots)) {
        return { kind: 'shape' };
    }
    const bySlot: PoolEnergy[][] = [];
    for (const [slot, each] of grid.entries()) {
        const positions = positionsIn(problem, state, slot);
        const given = answer?.map((energies) => energies[slot] ?? poolEnergy(0n));
        const taken = given ?? networkStep(each, positions, state.penalty);
        if (isBeyond(problem, slot, taken)) {
            return { kind: 'limit', slot };
        }
        if (given !== undefined && !isStep(problem, state, { slot, positions, taken })) {
            return { kind: 'answer', slot };
        }
        bySlot.push(taken);
    }
    return buses.map((_, bus) => bySlot.map((taken) => taken[bus] ?? poolEnergy(0n)));
}

const isShaped = (answer: readonly (readonly unknown[])[], buses: number, slots: number): boolean =>
    answer.length === buses && answer.every((energies) => energies.length === slots);

/** Every bus as the network meets it in a slot. */
export function positionsIn(problem: RunProblem, state: RunState, slot: number): BusPosition[] {
    return problem.buses.map((bus, i) => {
        const homes = BigInt(problem.households.filter((each) => each.bus === bus).length);
        const weight = weightAt(problem, bus);
        const price = state.prices[i]?.[slot] ?? nanosPerKwh(0n);
        return { bus, price, scaled: state.network[i]?.scaled[slot] ?? 0n, agents: homes + weight, weight };
    });
}

/** As how many agents the network counts at a bus. */
function weightAt({ networkWeight, households }: RunProblem, bus: string): bigint {
    const homes = BigInt(households.filter((each) => each.bus === bus).length);
    return networkWeight === 'one' || homes === 0n ? 1n : homes;
}

/** Whether so much cannot flow: over the connection to the grid, the transformer, a line, or because of a voltage. */
export function isBeyond({ buses, grid, feeder }: RunProblem, slot: number, taken: readonly PoolEnergy[]): boolean {
    const total = taken.reduce<bigint>((sum, each) => sum + each, 0n);
    const { importLimit, exportLimit } = grid[slot] ?? { importLimit: 0n, exportLimit: 0n };
    return (
        total > exportLimit ||
        -total > importLimit ||
        (feeder !== undefined && limitFlaw(feeder, buses, taken) !== undefined)
    );
}

/**
 * Where nothing limits it the step is a closed form, and an answer may be rounded otherwise by a Wh. Elsewhere the conditions of Karush, Kuhn and
 * Tucker hold within what rounding the flow of every line to whole Wh makes of the prices: half a Wh of each line that ends at a bus.
 */
function isStep(
    problem: RunProblem,
    { penalty }: RunState,
    at: { readonly slot: number; readonly positions: readonly BusPosition[]; readonly taken: readonly PoolEnergy[] },
): boolean {
    const { buses, grid, feeder } = problem;
    const each = grid[at.slot];
    if (each === undefined) {
        return false;
    }
    const free = networkStep(each, at.positions, penalty);
    if (feeder === undefined || !isBeyond(problem, at.slot, free)) {
        return free.every((own, bus) => isWithinOne(own - (at.taken[bus] ?? 0n)));
    }
    const prices = impliedPrices(at.positions, at.taken, penalty);
    const total = at.taken.reduce<bigint>((sum, energy) => sum + energy, 0n);
    const rounding = new Map(at.positions.map((own) => [own.bus, priceRounding(feeder, own, penalty)]));
    const between = feeder.lines.map(({ from, bus }) => (rounding.get(from) ?? 0n) + (rounding.get(bus) ?? 0n));
    const most = between.reduce((one, other) => (one > other ? one : other), 0n);
    return (
        isContent(each, total, prices[0] ?? 0n, { price: rounding.get(buses[0] ?? '') ?? 0n, energy: 0n }) &&
        networkPriceFlaw(feeder, buses, { prices, taken: at.taken }, { price: most, energy: 1n }) === undefined
    );
}

const isWithinOne = (n: bigint): boolean => n >= -1n && n <= 1n;

/** How far half a Wh in each line that ends at a bus, and the root's own, moves the price implied there: ρ/2w for each, and the nano it is rounded by. */
function priceRounding({ lines }: Feeder, { bus, weight }: BusPosition, penalty: bigint): bigint {
    const ends = 1n + BigInt(lines.filter(({ from }) => from === bus).length);
    return (penalty * ends) / (2n * weight) + 1n;
}

/**
 * Close an iteration of all buses. `answers`: each household's energies, in the problem's order; `network` as `networkEnergies` gave it. A run
 * converges only if what the network then takes to make every sum zero exactly is within its limits, too, and more than half of the households have
 * answered in this very iteration: where all keep silent nothing moves either. `late`: how many of the answers are older.
 */
export function closeRun(
    problem: RunProblem,
    state: RunState,
    answers: readonly (readonly PoolEnergy[])[],
    network: readonly (readonly PoolEnergy[])[],
    late = 0,
): ClosedRun {
    const closed = closeTogether(problem.buses.map((_, i) => exchangeAt(problem, state, i, { answers, network })));
    const [first] = closed;
    if (first === undefined) {
        throw new RangeError('a network has at least one bus');
    }
    const scaledOf = (bus: number, agent: string): readonly bigint[] =>
        closed[bus]?.state.references.find((point) => point.agent === agent)?.scaled ?? [];
    const next: RunState = {
        iteration: first.state.iteration,
        penalty: first.state.penalty,
        prices: closed.map((each) => each.state.prices),
        households: problem.households.map(({ mspId, bus }, h) => ({
            energies: answers[h] ?? [],
            scaled: scaledOf(problem.buses.indexOf(bus), mspId),
        })),
        network: problem.buses.map((_, i) => ({ energies: network[i] ?? [], scaled: scaledOf(i, NETWORK) })),
    };
    const isHeard = 2 * late < problem.households.length;
    const settled = isHeard && first.end === 'converged' ? settledBy(problem, next) : undefined;
    const isLast = next.iteration >= problem.rules.iterations;
    return {
        state: next,
        sums: closed.map(({ sums }) => sums),
        residuals: first.residuals,
        ...(settled === undefined ? { end: isLast ? 'not-converged' : 'running' } : { end: 'converged', settled }),
    };
}

/** The exchange at one bus: its homes and the network. */
function exchangeAt(
    problem: RunProblem,
    state: RunState,
    at: number,
    given: {
        readonly answers: readonly (readonly PoolEnergy[])[];
        readonly network: readonly (readonly PoolEnergy[])[];
    },
): Exchange {
    const { rules, buses, households } = problem;
    const own = [...households.entries()].filter(([, { bus }]) => bus === buses[at]);
    const references = own.map(([h, { mspId }]) => ({ agent: mspId, scaled: state.households[h]?.scaled ?? [] }));
    const { iteration, penalty, prices } = state;
    return {
        rules: {
            ...rules,
            agents: [...own.map(([, { mspId }]) => mspId), NETWORK],
            weights: new Map([[NETWORK, weightAt(problem, buses[at] ?? '')]]),
        },
        state: {
            iteration,
            penalty,
            prices: prices[at] ?? [],
            references: [...references, { agent: NETWORK, scaled: state.network[at]?.scaled ?? [] }].sort(byAgent),
        },
        submissions: [
            ...own.map(([h, { mspId }]) => ({ agent: mspId, energies: given.answers[h] ?? [] })),
            { agent: NETWORK, energies: given.network[at] ?? [] },
        ],
    };
}

const byAgent = (one: ReferencePoint, other: ReferencePoint): number => compareStrings(one.agent, other.agent);

/** By bus and slot: what the network takes so that every sum is zero exactly. */
export function absorbed(
    { buses, households, rules }: Pick<RunProblem, 'buses' | 'households' | 'rules'>,
    energies: readonly (readonly PoolEnergy[])[],
): PoolEnergy[][] {
    return buses.map((bus) =>
        Array.from({ length: rules.slots }, (_, slot) => {
            const own = households.map((each, h): bigint => (each.bus === bus ? (energies[h]?.[slot] ?? 0n) : 0n));
            return poolEnergy(-own.reduce((sum, each) => sum + each, 0n));
        }),
    );
}

/**
 * What a run that has come close enough ends in: sums of exactly zero, final prices. Undefined where the network's limits do not allow what it would
 * have to take, or a price lies outside floor and cap.
 */
function settledBy(problem: RunProblem, { households, prices }: RunState): Settled | undefined {
    const taken = absorbed(
        problem,
        households.map(({ energies }) => energies),
    );
    const final = finalPrices(problem, prices, taken);
    const isPossible = problem.grid.every(
        (_, slot) =>
            !isBeyond(
                problem,
                slot,
                taken.map((each) => each[slot] ?? poolEnergy(0n)),
            ),
    );
    const isLimited = final.every((own) => own.every((price) => price >= problem.floor && price <= problem.cap));
    return isPossible && isLimited ? { prices: final, taken } : undefined;
}
