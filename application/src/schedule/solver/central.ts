import type { GridSlot } from '@commonwatt/chaincode/domain/schedule/grid-agent';
import { startsOf, type DeferrableLoad } from '../models/deferrable-load';
import { storeOf, type Device, type Home } from '../models/home';
import { ratio, type Store } from '../models/store';
import { Program, solutionOf, solved, solver } from './program';

/** A community's day as one problem: what its homes can do, and what the grid asks and pays in each slot. */
export interface CommunityProblem {
    readonly homes: readonly Home[];
    readonly grid: readonly GridSlot[];
}

export interface CentralOptimum {
    /** What the homes' devices and the grid cost together, in the currency. */
    readonly cost: number;
    /** Multipliers of the slots' balances: nanos/kWh. Where the optimum leaves a price open, one of those that support it. */
    readonly prices: readonly number[];
    /** Wh from the pool by home and slot. */
    readonly energies: ReadonlyMap<string, readonly number[]>;
}

/** The prices that support the optimum in a slot: unique where they are one. Nanos/kWh. */
export interface PriceRange {
    readonly least: number;
    readonly most: number;
}

// The solver sees kWh and the currency: numbers around 1, which its tolerances are made for.
const WH = 1000;
const NANOS = 1e9;
/** What is asked more, and less, of a slot to see what one more Wh costs: 1 Wh. */
const PROBE = 1 / WH;

/**
 * The optimum of all homes in one problem (HiGHS: LP; QP with elastic loads or generators; MILP with deferrable loads, then with
 * their starts fixed for the prices). The yardstick for what the exchange reaches; nobody in a community could compute it,
 * because nobody knows all homes. Where deferrable and quadratic devices meet, HiGHS has no method and says so.
 */
export async function centralOptimum(problem: CommunityProblem): Promise<CentralOptimum> {
    const built = build(problem);
    if (built.program.hasWhole()) {
        const { values } = await solved(built.program);
        built.starts.forEach((column) => {
            built.program.fix(column, Math.round(values[column] ?? 0));
        });
    }
    const { objective, values, duals } = await solved(built.program);
    const energies = new Map(
        [...built.pool].map(([home, columns]) => [home, columns.map((column) => WH * (values[column] ?? 0))]),
    );
    return { cost: objective + built.offset, prices: built.balances.map((row) => NANOS * (duals[row] ?? 0)), energies };
}

/** Which slots are examined, in which order, and until when (`performance.now()`): two solutions for each take their time in large communities. */
export interface PriceSearch {
    readonly slots?: readonly number[] | undefined;
    readonly until?: number | undefined;
}

/**
 * By slot, the prices between which the optimum leaves the choice: what one Wh less saves and one Wh more costs. Of a linear problem; 2
 * solutions for each slot, each from the last one's basis. Slots that were not examined are missing.
 */
export async function priceRanges(
    problem: CommunityProblem,
    { slots = problem.grid.map((_, slot) => slot), until = Infinity }: PriceSearch = {},
): Promise<Map<number, PriceRange>> {
    const { program, balances } = build(problem);
    const highs = await solver();
    const model = highs.createModel(program.data(highs));
    const ranges = new Map<number, PriceRange>();
    try {
        model.options.set({ output_flag: false });
        const { objective } = solutionOf(highs, model);
        for (const slot of slots) {
            if (performance.now() >= until) {
                break;
            }
            const row = balances[slot] ?? 0;
            const change = (extra: number): number => {
                model.changeRowBounds(row, extra, extra);
                return solutionOf(highs, model).objective;
            };
            const [more, fewer] = [change(PROBE), change(-PROBE)];
            model.changeRowBounds(row, 0, 0);
            ranges.set(slot, {
                least: (NANOS * (objective - fewer)) / PROBE,
                most: (NANOS * (more - objective)) / PROBE,
            });
        }
        return ranges;
    } finally {
        model.dispose();
    }
}

interface Built {
    readonly program: Program;
    /** Row of each slot's balance. */
    readonly balances: readonly number[];
    /** Column of each home's energy from the pool, by slot. */
    readonly pool: ReadonlyMap<string, readonly number[]>;
    /** Columns that say where deferrable loads begin. */
    readonly starts: readonly number[];
    /** What the objective leaves out, in the currency: the constant part of squares. */
    readonly offset: number;
}

function build({ homes, grid }: CommunityProblem): Built {
    const program = new Program();
    // Given by the grid − taken by the homes = 0; one more Wh asked of the slot raises the right side.
    const balances = grid.map(() => program.row(0));
    grid.forEach(({ retail, feedIn, importLimit, exportLimit }, t) => {
        const row = balances[t] ?? 0;
        program.column({ cost: Number(retail) / NANOS, most: Number(importLimit) / WH, in: [[row, 1]] });
        program.column({ cost: -Number(feedIn) / NANOS, most: Number(exportLimit) / WH, in: [[row, -1]] });
    });
    const pool = new Map<string, number[]>();
    const starts: number[] = [];
    let offset = 0;
    for (const home of homes) {
        const meter = grid.map(() => program.row(0));
        pool.set(
            home.home,
            grid.map((_, t) =>
                program.column({
                    least: -Number(home.exportLimit) / WH,
                    most: Number(home.importLimit) / WH,
                    in: [
                        [balances[t] ?? 0, -1],
                        [meter[t] ?? 0, 1],
                    ],
                }),
            ),
        );
        for (const device of home.devices) {
            offset += addDevice(program, device, meter, starts);
        }
    }
    return { program, balances, pool, starts, offset };
}

/** Adds a device that takes its energy from the home's rows; returns the constant part of its cost. */
function addDevice(program: Program, device: Device, meter: readonly number[], starts: number[]): number {
    const taken = (t: number): readonly [number, number] => [meter[t] ?? 0, -1];
    const given = (t: number): readonly [number, number] => [meter[t] ?? 0, 1];
    switch (device.kind) {
        case 'load':
            device.energies.forEach((energy, t) => {
                program.column({ least: Number(energy) / WH, most: Number(energy) / WH, in: [taken(t)] });
            });
            return 0;
        case 'pv':
            device.available.forEach((energy, t) => {
                program.column({ most: Number(energy) / WH, in: [given(t)] });
            });
            return 0;
        case 'generator':
            meter.forEach((_, t) => {
                const [cost, quadratic] = [Number(device.base) / NANOS, (Number(device.slope) * WH) / NANOS];
                program.column({ cost, quadratic, most: Number(device.most) / WH, in: [given(t)] });
            });
            return 0;
        case 'elastic':
            return device.wanted.reduce((sum, wanted, t) => {
                const [quadratic, target] = [(Number(device.slope) * WH) / NANOS, Number(wanted) / WH];
                program.column({
                    cost: -quadratic * target,
                    quadratic,
                    most: Number(device.most) / WH,
                    in: [taken(t)],
                });
                return sum + (quadratic / 2) * target ** 2;
            }, 0);
        case 'deferrable':
            starts.push(...addStarts(program, device, meter));
            return 0;
        default: {
            const store = storeOf(device, meter.length);
            return store === undefined ? 0 : addStore(program, store, meter);
        }
    }
}

/** One whole column for each start: it is one of them, and its course is taken from the home. */
function addStarts(program: Program, device: DeferrableLoad, meter: readonly number[]): number[] {
    const choice = program.row(1);
    return startsOf(device, meter.length).map((start) =>
        program.column({
            most: 1,
            isWhole: true,
            in: [
                [choice, 1],
                ...device.profile.map((energy, i) => [meter[start + i] ?? 0, -Number(energy) / WH] as const),
            ],
        }),
    );
}

/** level(t) − level(t − 1) − ηc·c + d/ηd = 0. */
function addStore(program: Program, store: Store, meter: readonly number[]): number {
    const [charging, discharging] = [ratio(store.chargeEfficiency), ratio(store.dischargeEfficiency)];
    const rows = meter.map((_, t) => program.row(t === 0 ? Number(store.first) / WH : 0));
    meter.forEach((home, t) => {
        const row = rows[t] ?? 0;
        const isLast = t === meter.length - 1;
        program.column({
            least: isLast ? Number(store.last) / WH : 0,
            most: Number(store.capacity) / WH,
            in: isLast
                ? [[row, 1]]
                : [
                      [row, 1],
                      [rows[t + 1] ?? 0, -1],
                  ],
        });
        const [taken, given] = [Number(store.charge[t] ?? 0n) / WH, Number(store.discharge[t] ?? 0n) / WH];
        program.column({
            most: taken,
            in: [
                [home, -1],
                [row, -charging],
            ],
        });
        program.column({
            most: given,
            in: [
                [home, 1],
                [row, 1 / discharging],
            ],
        });
    });
    return 0;
}

/** What energies cost the community together at the grid's tariffs, in the currency; the homes' own costs come on top. */
export function gridCost(grid: readonly GridSlot[], sums: readonly bigint[]): number {
    return grid.reduce((cost, { retail, feedIn }, t) => {
        const sum = sums[t] ?? 0n;
        return cost + Number(sum * (sum > 0n ? retail : feedIn)) / (WH * NANOS);
    }, 0);
}
