import { poolEnergy, type PoolEnergy } from '@commonwatt/chaincode/domain/schedule/exchange';
import type { GridSlot } from '@commonwatt/chaincode/domain/schedule/grid-agent';
import { ROOT, type Feeder } from '@commonwatt/chaincode/domain/schedule/lin-dist-flow';
import {
    networkStep,
    WATTS_PER_WATT_HOUR,
    type BusPosition,
} from '@commonwatt/chaincode/domain/schedule/network-agent';
import {
    isBeyond,
    positionsIn,
    withReserve,
    type RunProblem,
    type RunState,
} from '@commonwatt/chaincode/domain/schedule/run';
import { Program, solved } from './solver/program';

// The solver sees kWh and the currency.
const WH = 1000;
const NANOS = 1e9;
const WATTS = Number(WATTS_PER_WATT_HOUR);

/**
 * The network's step where a line, the transformer or a voltage limits it: by bus and slot, or undefined where nothing limits it in any slot, for then
 * the ledger works it out by itself. In each slot where something does,
 *
 *     min  c(Σn) + Σ_b λ_b·n_b + ρ/2w_b·(n_b − z_b)²      with c the grid's tariffs, as in `networkStep`
 *     s.t. |Σ n behind a line| ≤ its limit,  least² ≤ v²(b) ≤ most² with LinDistFlow's v²,  Σn within transformer and connection
 *
 * is solved by HiGHS (QP), then rounded flow by flow from whole limits, so that the exact check of the ledger passes: what is left of a voltage by
 * half a Wh in every line is kept free.
 */
export async function networkAnswer(physical: RunProblem, state: RunState): Promise<PoolEnergy[][] | undefined> {
    const problem = withReserve(physical);
    const { feeder, buses, grid } = problem;
    if (feeder === undefined) {
        return undefined;
    }
    const bySlot: PoolEnergy[][] = [];
    let isLimited = false;
    for (const [slot, each] of grid.entries()) {
        const positions = positionsIn(problem, state, slot);
        const free = networkStep(each, positions, state.penalty);
        const isFree = !isBeyond(problem, slot, free);
        isLimited ||= !isFree;
        bySlot.push(isFree ? free : await limitedStep(feeder, each, positions, state.penalty));
    }
    return isLimited ? buses.map((_, bus) => bySlot.map((taken) => taken[bus] ?? poolEnergy(0n))) : undefined;
}

/** What flows towards the root through the line that feeds each bus, Wh; the root's own is what goes to the grid. */
async function limitedStep(
    feeder: Feeder,
    grid: GridSlot,
    buses: readonly BusPosition[],
    penalty: bigint,
): Promise<PoolEnergy[]> {
    const limits = flowLimits(feeder, grid);
    const { program, flows } = stepProgram(feeder, grid, { buses, penalty, limits });
    const { values } = await solved(program);
    const whole = new Map(
        [...flows].map(([bus, column]) => {
            const { least, most } = limits.get(bus) ?? { least: 0, most: 0 };
            return [bus, Math.min(most, Math.max(least, Math.round(WH * (values[column] ?? 0))))] as const;
        }),
    );
    return buses.map(({ bus }) => {
        const behind = feeder.lines.filter(({ from }) => from === bus);
        const own = (whole.get(bus) ?? 0) - behind.reduce((sum, line) => sum + (whole.get(line.bus) ?? 0), 0);
        return poolEnergy(BigInt(own));
    });
}

interface FlowLimit {
    readonly least: number;
    readonly most: number;
}

/** Whole Wh that may flow towards the root, by the bus whose line it is. */
function flowLimits(feeder: Feeder, { importLimit, exportLimit }: GridSlot): ReadonlyMap<string, FlowLimit> {
    const through = (watts: bigint): number => Number(watts / WATTS_PER_WATT_HOUR);
    const transformer = through(feeder.transformerW);
    const root = {
        least: -Math.min(transformer, Number(importLimit)),
        most: Math.min(transformer, Number(exportLimit)),
    };
    return new Map<string, FlowLimit>([
        [ROOT, root],
        ...feeder.lines.map(({ bus, limitW }) => [bus, { least: 0 - through(limitW), most: through(limitW) }] as const),
    ]);
}

interface Step {
    readonly buses: readonly BusPosition[];
    readonly penalty: bigint;
    readonly limits: ReadonlyMap<string, FlowLimit>;
}

function stepProgram(
    feeder: Feeder,
    { retail, feedIn, importLimit, exportLimit }: GridSlot,
    { buses, penalty, limits }: Step,
): { readonly program: Program; readonly flows: ReadonlyMap<string, number> } {
    const program = new Program();
    // At every bus: flow to the root − flows from behind − what the network takes there = 0.
    const balance = new Map(buses.map(({ bus }) => [bus, program.row(0)]));
    const voltages = voltageRows(program, feeder);
    const flows = new Map<string, number>();
    for (const { bus, price, scaled, agents, weight } of buses) {
        const quadratic = (Number(penalty) * WH) / (Number(weight) * NANOS);
        const reference = Number(scaled) / Number(agents) / WH;
        const cost = Number(price) / NANOS - quadratic * reference;
        program.column({ cost, quadratic, least: -Infinity, in: [[balance.get(bus) ?? 0, -1]] });
    }
    const root = program.row(0);
    for (const [bus, { least, most }] of limits) {
        const from = feeder.lines.find((line) => line.bus === bus)?.from;
        const behind = from === undefined ? ([root, -1] as const) : ([balance.get(from) ?? 0, -1] as const);
        const column = program.column({
            least: least / WH,
            most: most / WH,
            in: [[balance.get(bus) ?? 0, 1], behind, ...(voltages.get(bus) ?? [])],
        });
        flows.set(bus, column);
    }
    program.column({ cost: Number(retail) / NANOS, most: Number(importLimit) / WH, in: [[root, -1]] });
    program.column({ cost: -Number(feedIn) / NANOS, most: Number(exportLimit) / WH, in: [[root, 1]] });
    return { program, flows };
}

/** A row for the voltage of each bus, in 1000 V²; returns, by bus, in which of them the flow through its line stands, and with which coefficient. */
function voltageRows(program: Program, feeder: Feeder): ReadonlyMap<string, (readonly [number, number])[]> {
    const { lines, rootVolt, leastVolt, mostVolt } = feeder;
    const entries = new Map<string, (readonly [number, number])[]>(lines.map(({ bus }) => [bus, []]));
    const root = Number(rootVolt) ** 2;
    for (const { bus } of lines) {
        const path = pathTo(feeder, bus);
        // 2·r·P with r in milliohms and P in W is thousandths of V², of which this row counts millions: per kWh of flow 2·r·4·1000/10⁶.
        const rises = path.map((line) => (2 * Number(line.resistanceMilliohm) * WATTS * WH) / 1e6);
        const rounding = rises.reduce((sum, rise) => sum + rise / WH / 2, 0);
        const row = program.row(
            (Number(leastVolt) ** 2 - root) / 1000 + rounding,
            (Number(mostVolt) ** 2 - root) / 1000 - rounding,
        );
        path.forEach((line, i) => entries.get(line.bus)?.push([row, rises[i] ?? 0]));
    }
    return entries;
}

/** The lines between a bus and the root. */
function pathTo({ lines }: Feeder, bus: string): Feeder['lines'][number][] {
    const path: Feeder['lines'][number][] = [];
    let line = lines.find((each) => each.bus === bus);
    while (line !== undefined) {
        path.push(line);
        const { from } = line;
        line = lines.find((each) => each.bus === from);
    }
    return path;
}
