import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { dividedHalfEven, fraction } from '../quantity';
import { certificateFlaw } from './certificate';
import { nanosPerKwh, poolEnergy, type PoolEnergy } from './exchange';
import { gridStep } from './grid-agent';
import { ROOT, type Feeder } from './lin-dist-flow';
import { impliedPrices, networkStep, type BusPosition } from './network-agent';
import {
    absorbed,
    closeRun,
    firstRunState,
    networkEnergies,
    type ClosedRun,
    type RunProblem,
    type RunState,
    type Settled,
} from './run';

const RETAIL = nanosPerKwh(300_000_000n);
const FEED_IN = nanosPerKwh(100_000_000n);
const FAR = 1_000_000n;
const RHO = 50_000n;
const between = (least: bigint, most: bigint, x: bigint): bigint => (x < least ? least : x > most ? most : x);

/** The generator stands behind the line, the load and the grid before it. */
function feeder(change: Partial<Feeder['lines'][number]> = {}, volts: Partial<Feeder> = {}): Feeder {
    const line = { from: ROOT, bus: 'b1', resistanceMilliohm: 100n, reactanceMilliohm: 30n, limitW: 4n * FAR };
    return {
        rootVolt: 400n,
        leastVolt: 0n,
        mostVolt: 4_000n,
        transformerW: 4n * FAR,
        ...volts,
        lines: [{ ...line, ...change }],
    };
}

const problemOf = (wires: Feeder | undefined): RunProblem => ({
    rules: {
        slots: 1,
        iterations: 200,
        primalTolerance: 2n,
        dualTolerance: 1_000_000n,
        overRelaxation: fraction(1n, 2n),
        penalty: { initial: RHO, least: 1n, most: 1_000_000n, adaptiveUntil: 0 },
    },
    networkWeight: 'one',
    buses: wires === undefined ? [ROOT] : [ROOT, 'b1'],
    households: [
        { mspId: 'gen', bus: wires === undefined ? ROOT : 'b1', importLimit: 0n, exportLimit: 20_000n },
        { mspId: 'load', bus: ROOT, importLimit: 20_000n, exportLimit: 0n },
    ],
    grid: [{ retail: RETAIL, feedIn: FEED_IN, importLimit: FAR, exportLimit: FAR }],
    floor: nanosPerKwh(0n),
    cap: nanosPerKwh(500_000_000n),
    feeder: wires,
});

/** Generator 0.02g² + 0.05g and elastic load ½·0.05(d − 10)², each at its own bus: nanos/kWh and Wh. */
function answersTo(problem: RunProblem, state: RunState): PoolEnergy[][] {
    return problem.households.map(({ mspId, bus }, i) => {
        const price = state.prices[problem.buses.indexOf(bus)]?.[0] ?? 0n;
        const n = BigInt(problem.households.filter((each) => each.bus === bus).length + 1);
        const z = state.households[i]?.scaled[0] ?? 0n;
        const energy =
            mspId === 'gen'
                ? -between(0n, 20_000n, dividedHalfEven((price - 50_000_000n) * n - RHO * z, (40_000n + RHO) * n))
                : between(0n, 20_000n, dividedHalfEven((500_000_000n - price) * n + RHO * z, (50_000n + RHO) * n));
        return [poolEnergy(energy)];
    });
}

/** The network's step where only so much may come out of b1: what it would do otherwise, or the limit and the best for the root. */
function answerWithin(problem: RunProblem, state: RunState, most: bigint): PoolEnergy[][] | undefined {
    const free = networkEnergies({ ...problem, feeder: undefined }, state, undefined);
    if ('kind' in free || (free[1]?.[0] ?? 0n) <= most) {
        return undefined;
    }
    return [[poolEnergy(rootBeside(state, most))], [poolEnergy(most)]];
}

/** The root's energy alone: the grid's step, moved by what comes from b1. */
function rootBeside({ network, prices }: RunState, fromB1: bigint): bigint {
    const scaled = network[0]?.scaled[0] ?? 0n;
    const price = prices[0]?.[0] ?? nanosPerKwh(0n);
    const root = (tariff: bigint): bigint => dividedHalfEven(RHO * scaled - 2n * (price - tariff), 2n * RHO);
    const [taken, given] = [root(FEED_IN), root(RETAIL)];
    return taken + fromB1 > 0n ? taken : given + fromB1 < 0n ? given : -fromB1;
}

function solve(problem: RunProblem, most: bigint): ClosedRun[] {
    const closed: ClosedRun[] = [];
    let state = firstRunState(
        problem,
        problem.buses.map(() => [nanosPerKwh(200_000_000n)]),
    );
    while (closed.at(-1)?.end === 'running' || closed.length === 0) {
        const network = networkEnergies(problem, state, answerWithin(problem, state, most));
        if ('kind' in network) {
            throw new Error(`iteration ${state.iteration + 1}: ${network.kind}`);
        }
        const next = closeRun(problem, state, answersTo(problem, state), network);
        closed.push(next);
        state = next.state;
    }
    return closed;
}

function settledOf(closed: readonly ClosedRun[]): { settled: Settled; state: RunState } {
    const end = closed.at(-1);
    if (end?.end !== 'converged') {
        throw new Error(`it ended as ${end?.end ?? 'nothing'}`);
    }
    return end;
}

const near = (one: bigint | undefined, other: bigint, by: bigint): void => {
    const distance = (one ?? 0n) - other;
    expect(distance < 0n ? -distance : distance).toBeLessThanOrEqual(by);
};

describe('a feeder whose limits do not bind', () => {
    it('has one price, that of one bus: E1', () => {
        const { settled, state } = settledOf(solve(problemOf(feeder()), FAR));
        near(settled.prices[0]?.[0], 250_000_000n, 2_000_000n);
        expect(settled.prices[1]).toEqual(settled.prices[0]);
        near(state.households[0]?.energies[0], -5000n, 50n);
        near(state.households[1]?.energies[0], 5000n, 50n);
    });
});

/** 2 kWh in a slot, and a Wh for each home, for what is left over in the end. */
const WITH_RESERVE = 8_008n;

describe('a line that is to carry 2 kWh and no more', () => {
    const problem = problemOf(feeder({ limitW: WITH_RESERVE }));

    it('splits the price: behind it what 2 kWh cost to make, before it what the grid asks', () => {
        const { settled, state } = settledOf(solve(problem, 2000n));
        near(state.households[0]?.energies[0], -2000n, 2n);
        near(settled.prices[1]?.[0], 130_000_000n, 2_000_000n);
        expect(settled.prices[0]).toEqual([RETAIL]);
        // The load takes 4 kWh at retail: two of them from the generator.
        near(state.households[1]?.energies[0], 4000n, 50n);
        near(settled.taken[0]?.[0], -4000n, 50n);
    });

    it('ends in what a certificate is accepted for, and one Wh or nano beside it in what it is not', () => {
        // The exact optimum: g = 2 kWh, d = 4 kWh, 2 kWh from the grid.
        const claim = {
            prices: [[RETAIL], [nanosPerKwh(130_000_000n)]],
            energies: [[poolEnergy(-2000n)], [poolEnergy(4000n)]],
            grid: [poolEnergy(-2000n)],
        };
        expect(certificateFlaw(problem, claim)).toBeUndefined();
        const over = { ...claim, energies: [[poolEnergy(-2003n)], [poolEnergy(4003n)]] };
        expect(certificateFlaw(problem, over)).toEqual({ kind: 'network', slot: 0 });
        const under = { ...claim, energies: [[poolEnergy(-1998n)], [poolEnergy(3998n)]] };
        expect(certificateFlaw(problem, under)).toEqual({ kind: 'price', slot: 0, bus: 'b1' });
        const dearer = { ...claim, prices: [[RETAIL], [nanosPerKwh(RETAIL + 1n)]] };
        expect(certificateFlaw(problem, dearer)).toEqual({ kind: 'price', slot: 0, bus: 'b1' });
        const loose = problemOf(feeder());
        expect(certificateFlaw(loose, claim)).toEqual({ kind: 'price', slot: 0, bus: 'b1' });
    });

    it('is not left to whoever closes: only the step that the prices ask for is an answer', () => {
        const state = firstRunState(problem, [[RETAIL], [nanosPerKwh(50_000_000n)]]);
        const other = (root: bigint, behind: bigint) =>
            networkEnergies(problem, state, [[poolEnergy(root)], [poolEnergy(behind)]]);
        // It would take 5 kWh out of b1, where it is cheap, and no more than 2 fit.
        expect(networkEnergies(problem, state, undefined)).toEqual({ kind: 'limit', slot: 0 });
        expect(other(0n, 2001n)).toEqual({ kind: 'limit', slot: 0 });
        expect(other(0n, 1990n)).toEqual({ kind: 'answer', slot: 0 });
        expect(other(50n, 2000n)).toEqual({ kind: 'answer', slot: 0 });
        const given = answerWithin(problem, state, 2000n);
        expect(networkEnergies(problem, state, given)).toEqual(given);
        expect(networkEnergies(problem, state, [[poolEnergy(0n)]])).toEqual({ kind: 'shape' });
    });
});

describe("an answer of the network's that whoever closes brings along", () => {
    const kindOf = (problem: RunProblem, state: RunState, answer: readonly bigint[]): string => {
        const found = networkEnergies(
            problem,
            state,
            answer.map((each) => [poolEnergy(each)]),
        );
        return 'kind' in found ? found.kind : 'taken';
    };

    it.each([
        { what: 'one bus', problem: problemOf(undefined), step: [0n] },
        { what: 'a feeder that limits nothing', problem: problemOf(feeder()), step: [0n, 0n] },
    ])('is the closed form but for a Wh of rounding with $what', ({ problem, step }) => {
        const state = firstRunState(
            problem,
            step.map(() => [nanosPerKwh(200_000_000n)]),
        );
        expect(networkEnergies(problem, state, undefined)).toEqual(step.map((own) => [own]));
        const [, ...behind] = step;
        const kinds = [-2n, -1n, 0n, 1n, 2n].map((own) => kindOf(problem, state, [own, ...behind]));
        expect(kinds).toEqual(['answer', 'taken', 'taken', 'taken', 'answer']);
    });

    it('implies prices that rounding explains where a line is full', () => {
        const problem = problemOf(feeder({ limitW: WITH_RESERVE }));
        // ρ·3000 above retail the root gives 3000 Wh, of which 2000 come over the line.
        const state = firstRunState(problem, [[nanosPerKwh(RETAIL + 3000n * RHO)], [nanosPerKwh(50_000_000n)]]);
        const kinds = [-2n, -1n, 0n, 1n, 2n].map((by) => kindOf(problem, state, [-3000n + by, 2000n]));
        expect(kinds).toEqual(['answer', 'taken', 'taken', 'taken', 'answer']);
        // Nothing goes to the grid: not a Wh more either way.
        const idle = firstRunState(problem, [[RETAIL], [nanosPerKwh(50_000_000n)]]);
        const idleKinds = [-1n, 0n, 1n].map((by) => kindOf(problem, idle, [-2000n + by, 2000n]));
        expect(idleKinds).toEqual(['answer', 'taken', 'answer']);
    });
});

describe('a voltage that may not rise', () => {
    // 2 kWh in a quarter of an hour through 0.1 Ω lift v² by 2·0.1·8000 = 1600 V²: from 400 V to √161600.
    const lifted = feeder({}, { mostVolt: 402n });

    it('binds like a line: 402² = 161604', () => {
        const problem = problemOf(lifted);
        const claim = {
            prices: [[RETAIL], [nanosPerKwh(130_000_000n)]],
            energies: [[poolEnergy(-2005n)], [poolEnergy(4005n)]],
            grid: [poolEnergy(-2000n)],
        };
        expect(certificateFlaw(problem, claim)).toBeUndefined();
        const over = { ...claim, energies: [[poolEnergy(-2006n)], [poolEnergy(4006n)]] };
        expect(certificateFlaw(problem, over)).toEqual({ kind: 'network', slot: 0 });
        // Below the limit by more than a Wh nothing keeps the two prices apart; and it never makes the far end dearer.
        const under = { ...claim, energies: [[poolEnergy(-2000n)], [poolEnergy(4000n)]] };
        expect(certificateFlaw(problem, under)).toEqual({ kind: 'price', slot: 0, bus: 'b1' });
        const dearer = { ...claim, prices: [[RETAIL], [nanosPerKwh(310_000_000n)]] };
        expect(certificateFlaw(problem, dearer)).toEqual({ kind: 'price', slot: 0, bus: 'b1' });
    });
});

describe("the network's step", () => {
    const small = fc.bigInt({ min: -3n, max: 3n });
    const position = fc.record({
        price: fc.bigInt({ min: 0n, max: 4n }).map((n) => nanosPerKwh(100n * n)),
        scaled: fc.bigInt({ min: -90n, max: 90n }),
        agents: fc.bigInt({ min: 2n, max: 4n }),
        weight: fc.bigInt({ min: 1n, max: 3n }),
    });
    const limits = fc.record({
        importLimit: fc.bigInt({ min: 0n, max: 20n }),
        exportLimit: fc.bigInt({ min: 0n, max: 20n }),
    });
    const tariffs = { retail: nanosPerKwh(300n), feedIn: nanosPerKwh(100n) };
    const named = (positions: readonly Omit<BusPosition, 'bus'>[]): BusPosition[] =>
        positions.map((each, i) => ({ ...each, bus: `b${i}` }));

    it("is the grid's with one bus", () => {
        holds(
            fc.property(position, limits, (at, carried) => {
                const [own] = networkStep({ ...tariffs, ...carried }, named([at]), 7n);
                const { agents, scaled, weight } = at;
                const start = { penalty: 7n, scaled, agents: Number(agents), weight };
                expect(own).toBe(gridStep({ ...tariffs, ...carried }, at.price, start));
            }),
        );
    });

    it('keeps the limits of the grid, and nothing beside it costs less', () => {
        holds(
            fc.property(
                fc.array(position, { minLength: 1, maxLength: 3 }),
                limits,
                small,
                fc.nat(2),
                (given, carried, by, at) => {
                    const [buses, grid, rho] = [named(given), { ...tariffs, ...carried }, 70n];
                    const taken = networkStep(grid, buses, rho);
                    const total = (of: readonly bigint[]): bigint => of.reduce((sum, each) => sum + each, 0n);
                    expect(total(taken)).toBeLessThanOrEqual(grid.exportLimit);
                    expect(-total(taken)).toBeLessThanOrEqual(grid.importLimit);
                    const moved = taken.map((each, i) => (i === at % taken.length ? each + 3n * by : each));
                    const isWithin = total(moved) <= grid.exportLimit && -total(moved) <= grid.importLimit;
                    if (isWithin && by !== 0n) {
                        // Rounding to whole Wh costs at most what half a Wh at each bus does.
                        const slack = (Number(rho) * taken.length) / 2;
                        expect(costOf(grid, buses, taken, rho)).toBeLessThanOrEqual(
                            costOf(grid, buses, moved, rho) + slack,
                        );
                    }
                },
            ),
        );
    });

    it('implies the prices that it answers to, where no limit binds', () => {
        const buses = named([
            { price: nanosPerKwh(300n), scaled: 0n, agents: 2n, weight: 1n },
            { price: nanosPerKwh(100n), scaled: 0n, agents: 2n, weight: 1n },
        ]);
        const grid = { ...tariffs, importLimit: FAR, exportLimit: FAR };
        const taken = networkStep(grid, buses, 1n);
        expect(taken).toEqual([-100n, 100n]);
        expect(impliedPrices(buses, taken, 1n)).toEqual([200n, 200n]);
    });
});

/** c(Σn) + Σ(λn + ρ/2w·(n − z)²), as a number: for comparisons only. */
function costOf(
    { retail, feedIn }: { readonly retail: bigint; readonly feedIn: bigint },
    buses: readonly BusPosition[],
    taken: readonly bigint[],
    rho: bigint,
): number {
    const total = Number(taken.reduce((sum, each) => sum + each, 0n));
    const own = buses.map(({ price, scaled, agents, weight }, i) => {
        const n = Number(taken[i] ?? 0n);
        return Number(price) * n + (Number(rho) / (2 * Number(weight))) * (n - Number(scaled) / Number(agents)) ** 2;
    });
    return own.reduce((sum, each) => sum + each, 0) - Number(total < 0 ? retail : feedIn) * total;
}

describe('what the network takes up in the end', () => {
    it('makes every sum zero exactly, at every bus', () => {
        const energy = fc.bigInt({ min: -9n, max: 9n });
        holds(
            fc.property(energy, energy, (gen, load) => {
                const problem = problemOf(feeder());
                expect(absorbed(problem, [[poolEnergy(gen)], [poolEnergy(load)]])).toEqual([[-load], [-gen]]);
            }),
        );
    });
});
