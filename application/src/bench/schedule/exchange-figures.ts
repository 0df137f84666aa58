import type { NanosPerKwh } from '@commonwatt/chaincode/domain/schedule/exchange';
import { absorbed, type RunProblem } from '@commonwatt/chaincode/domain/schedule/run';
import { homeModel, type Home } from '../../schedule/models/home';
import type { HouseholdModel } from '../../schedule/models/household-model';
import { runExchange, type AnsweredIteration } from '../../schedule/run-exchange';
import { centralOptimum, gridCost, priceRanges, type PriceRange } from '../../schedule/solver/central';
import { gridOf, middlePrices, problemOf, slotsOf, type BenchDay, type StopTerms } from './bench-communities';

/** A run without a ledger, measured. */
export interface ExchangeFigures {
    readonly homes: number;
    readonly batteries: number;
    readonly day: string;
    /** Warm: from the prices and battery plans of the day before. */
    readonly start: 'cold' | 'warm';
    /** What may be left over in a slot, and how far a price may still move, when a run ends. */
    readonly terms: { readonly sumWh: number; readonly pricePerKwh: number };
    readonly end: string;
    readonly iterations: number;
    /** All homes one after the other on one thread; in a community they think at the same time. */
    readonly seconds: number;
    readonly millisecondsPerHomeStep: number;
    /** At the grid's tariffs, in the currency. */
    readonly cost: number;
    readonly against?: Comparison | undefined;
}

/** Against the central optimum. */
export interface Comparison {
    readonly centralCost: number;
    readonly centralSeconds: number;
    /** Above 0: dearer than the optimum. Percent of its size. */
    readonly costGapPercent: number;
    /** Slots of which it was found out between which prices the optimum leaves the choice, and those with one price alone. */
    readonly examinedSlots: number;
    readonly uniquePrices: number;
    /** Furthest that a settled price is from the only one that supports the optimum, percent. */
    readonly worstPricePercent: number;
    /** The same of λ as the last iteration left it, before the last Wh and the tariffs. */
    readonly worstLambdaPercent: number;
}

/** How a run ended, and what the next day may start from. */
export interface Finished {
    readonly problem: RunProblem;
    readonly last: AnsweredIteration;
    readonly seconds: number;
    readonly steps: number;
    readonly batteryPlans: ReadonlyMap<string, readonly number[]>;
}

const MILLI = 1000;

/** A home without its batteries: load − panels, Wh from the pool. */
export function restOf({ devices }: Home, slots: number): number[] {
    return Array.from({ length: slots }, (_, t) =>
        devices.reduce((sum, device) => {
            if (device.kind === 'load') {
                return sum + Number(device.energies[t] ?? 0n);
            }
            return device.kind === 'pv' ? sum - Number(device.available[t] ?? 0n) : sum;
        }, 0),
    );
}

/** A run of a day, from the day before where there is one. */
export async function finished(day: BenchDay, before?: Finished, terms?: StopTerms): Promise<Finished> {
    const slots = slotsOf(day);
    const problem = problemOf(day, slots, terms);
    const plans = new Map<string, readonly number[]>();
    const models = new Map(day.homes.map((home) => [home.home, noting(home, homeModel(home, slots), plans)]));
    const start = new Map(
        day.homes.map((home) => {
            const battery = before?.batteryPlans.get(home.home);
            return [home.home, restOf(home, slots).map((energy, t) => energy + (battery?.[t] ?? 0))] as const;
        }),
    );
    const prices = before === undefined ? [middlePrices(slots)] : pricesAfter(before);
    const began = performance.now();
    let last: AnsweredIteration | undefined;
    for await (const iteration of runExchange({ problem, models, start }, prices)) {
        last = iteration;
    }
    if (last === undefined) {
        throw new Error('a run has at least one iteration');
    }
    const seconds = (performance.now() - began) / MILLI;
    return { problem, last, seconds, steps: last.state.iteration * day.homes.length, batteryPlans: plans };
}

/** A home that notes what its batteries did last. */
function noting(home: Home, model: HouseholdModel, plans: Map<string, readonly number[]>): HouseholdModel {
    const batteries = new Set(home.devices.flatMap((each) => (each.kind === 'battery' ? [each.device] : [])));
    const step: HouseholdModel['step'] = async (input) => {
        const result = await model.step(input);
        const own = result.plans.filter(({ device }) => batteries.has(device));
        plans.set(
            home.home,
            Array.from({ length: model.slots }, (_, t) =>
                own.reduce((sum, { energies }) => sum + Number(energies[t] ?? 0n), 0),
            ),
        );
        return result;
    };
    return { slots: model.slots, step };
}

const pricesAfter = ({ last }: Finished): readonly (readonly NanosPerKwh[])[] => last.state.prices;

/** What the grid takes once every sum is zero, and the prices at which the day is settled; λ where it is not, because the run did not converge. */
function settled({ problem, last }: Finished): {
    readonly taken: readonly bigint[];
    readonly prices: readonly bigint[];
} {
    const end =
        last.end === 'converged' ? last.settled : { taken: absorbed(problem, last.answers), prices: last.state.prices };
    return { taken: end.taken[0] ?? [], prices: end.prices[0] ?? [] };
}

/** So many slots of a day, and so many seconds, go into finding out which prices are unique. */
export interface ComparisonLimits {
    readonly slots: number;
    readonly seconds: number;
}

/** What runs of a day are compared with. */
export interface Optimum {
    readonly cost: number;
    readonly seconds: number;
    readonly ranges: ReadonlyMap<number, PriceRange>;
}

/** All homes in one problem: it takes long for large communities. */
export async function optimumOf(day: BenchDay, limits: ComparisonLimits): Promise<Optimum> {
    const grid = gridOf(slotsOf(day));
    const community = { homes: day.homes, grid };
    const began = performance.now();
    const { cost } = await centralOptimum(community);
    const seconds = (performance.now() - began) / MILLI;
    const until = performance.now() + limits.seconds * MILLI;
    return { cost, seconds, ranges: await priceRanges(community, { slots: spread(grid.length, limits.slots), until }) };
}

/** How one run is made, and what it is compared with. */
export interface ExchangeRun {
    readonly terms: StopTerms;
    readonly before?: Finished | undefined;
    readonly optimum?: Optimum | undefined;
}

/** In one line. */
export async function exchangeFigures(
    day: BenchDay,
    { terms, before, optimum }: ExchangeRun,
): Promise<ExchangeFigures> {
    const run = await finished(day, before, terms);
    const { last, seconds, steps, problem } = run;
    const { taken } = settled(run);
    const cost = gridCost(
        problem.grid,
        taken.map((energy) => 0n - energy),
    );
    return {
        homes: day.homes.length,
        batteries: day.homes.flatMap(({ devices }) => devices.filter(({ kind }) => kind === 'battery')).length,
        day: day.day,
        start: before === undefined ? 'cold' : 'warm',
        terms: { sumWh: terms.sumWh, pricePerKwh: terms.nanosPerKwh / 1e9 },
        end: last.end,
        iterations: last.state.iteration,
        seconds: rounded(seconds),
        millisecondsPerHomeStep: rounded((MILLI * seconds) / steps),
        cost: rounded(cost, 4),
        ...(optimum === undefined ? {} : { against: comparison(run, cost, optimum) }),
    };
}

function comparison(run: Finished, cost: number, { cost: central, seconds, ranges }: Optimum): Comparison {
    const lambda = run.last.state.prices[0] ?? [];
    const { prices } = settled(run);
    return {
        centralCost: rounded(central, 4),
        centralSeconds: rounded(seconds),
        costGapPercent: rounded((100 * (cost - central)) / Math.abs(central), 3),
        examinedSlots: ranges.size,
        uniquePrices: [...ranges.values()].filter(isUnique).length,
        worstPricePercent: rounded(worst(prices, ranges), 3),
        worstLambdaPercent: rounded(worst(lambda, ranges), 3),
    };
}

/** A price that an optimum leaves open by less than this is the only one. */
const OPEN = 1e-4;
const isUnique = ({ least, most }: PriceRange): boolean => most - least <= OPEN * Math.abs(most);

/** So many of a day's slots, evenly over the day; those of a half of them come first, so that what is cut short is spread as well. */
export function spread(slots: number, count: number): number[] {
    const every = Math.max(1, Math.ceil(slots / count));
    const chosen = Array.from({ length: slots }, (_, slot) => slot).filter((slot) => slot % every === 0);
    return [0, 1].flatMap((half) => chosen.filter((_, index) => index % 2 === half));
}

function worst(prices: readonly bigint[], ranges: ReadonlyMap<number, PriceRange>): number {
    return [...ranges].reduce((most, [slot, range]) => {
        const off = Math.abs(Number(prices[slot] ?? 0n) - range.most) / Math.abs(range.most);
        return isUnique(range) ? Math.max(most, 100 * off) : most;
    }, 0);
}

export function rounded(value: number, decimals = 2): number {
    return Math.round(value * 10 ** decimals) / 10 ** decimals;
}
