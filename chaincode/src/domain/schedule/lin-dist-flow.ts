// Baran and Wu, "Optimal sizing of capacitors placed on a radial distribution system" (1989), without losses: v² falls along a line by
// 2·(r·P + x·Q). In whole numbers: milliohms and volt-amperes give thousandths of V² exactly, so nothing is rounded.

/** A line of a radial feeder, named by the bus it feeds. */
export interface FeederLine {
    readonly bus: string;
    /** The bus it comes from: `ROOT`, or one that stands earlier in the list. */
    readonly from: string;
    readonly resistanceMilliohm: bigint;
    readonly reactanceMilliohm: bigint;
    /** Most active power in either direction, W. */
    readonly limitW: bigint;
}

/** The secondary side of the transformer. */
export const ROOT = 'root';

export interface Feeder {
    /** Voltage at the root, V. */
    readonly rootVolt: bigint;
    readonly leastVolt: bigint;
    readonly mostVolt: bigint;
    readonly transformerW: bigint;
    readonly lines: readonly FeederLine[];
}

/** What a bus takes; negative is fed in. */
export interface BusLoad {
    readonly activeW: bigint;
    readonly reactiveVar: bigint;
}

export interface BusState {
    readonly bus: string;
    /** Through the line that feeds the bus, away from the root. */
    readonly activeW: bigint;
    readonly reactiveVar: bigint;
    /** Thousandths of V². */
    readonly squaredMilliVolt: bigint;
}

export type FlowFlaw =
    | { readonly kind: 'transformer'; readonly activeW: bigint }
    | { readonly kind: 'line'; readonly bus: string; readonly activeW: bigint }
    | { readonly kind: 'voltage'; readonly bus: string; readonly squaredMilliVolt: bigint };

/** Why this is no radial feeder, or undefined. */
export function feederFlaw({ lines, leastVolt, rootVolt, mostVolt }: Feeder): string | undefined {
    const known = new Set([ROOT]);
    for (const { bus, from } of lines) {
        if (!known.has(from)) {
            return `the line to ${bus} comes from ${from}, which no line before it feeds`;
        }
        if (known.has(bus)) {
            return `${bus} is fed twice`;
        }
        known.add(bus);
    }
    return leastVolt <= rootVolt && rootVolt <= mostVolt
        ? undefined
        : `the root's ${rootVolt.toString()} V are not between ${leastVolt.toString()} and ${mostVolt.toString()} V`;
}

/** Power and voltage at every bus, in the feeder's order. Buses without a load take nothing. */
export function flow(feeder: Feeder, loads: ReadonlyMap<string, BusLoad>): BusState[] {
    const through = powerBehind(feeder, loads);
    const squared = new Map([[ROOT, 1000n * feeder.rootVolt * feeder.rootVolt]]);
    return feeder.lines.map(({ bus, from, resistanceMilliohm, reactanceMilliohm }) => {
        const { activeW, reactiveVar } = through.get(bus) ?? NOTHING;
        const drop = 2n * (resistanceMilliohm * activeW + reactanceMilliohm * reactiveVar);
        const squaredMilliVolt = (squared.get(from) ?? 0n) - drop;
        squared.set(bus, squaredMilliVolt);
        return { bus, activeW, reactiveVar, squaredMilliVolt };
    });
}

const NOTHING: BusLoad = { activeW: 0n, reactiveVar: 0n };

/** What each bus and all buses behind it take together, the root's among them. */
function powerBehind({ lines }: Feeder, loads: ReadonlyMap<string, BusLoad>): Map<string, BusLoad> {
    const behind = new Map(loads);
    for (const { bus, from } of [...lines].reverse()) {
        behind.set(from, together(behind.get(from) ?? NOTHING, behind.get(bus) ?? NOTHING));
    }
    return behind;
}

const together = (one: BusLoad, other: BusLoad): BusLoad => ({
    activeW: one.activeW + other.activeW,
    reactiveVar: one.reactiveVar + other.reactiveVar,
});

/** The first limit that the loads break: transformer, lines, then voltages, in the feeder's order. Undefined where they break none. */
export function flowFlaw(feeder: Feeder, loads: ReadonlyMap<string, BusLoad>): FlowFlaw | undefined {
    const states = flow(feeder, loads);
    const { activeW } = powerBehind(feeder, loads).get(ROOT) ?? NOTHING;
    if (size(activeW) > feeder.transformerW) {
        return { kind: 'transformer', activeW };
    }
    const line = states.find((state, i) => size(state.activeW) > (feeder.lines[i]?.limitW ?? 0n));
    if (line !== undefined) {
        return { kind: 'line', bus: line.bus, activeW: line.activeW };
    }
    const [least, most] = [1000n * feeder.leastVolt ** 2n, 1000n * feeder.mostVolt ** 2n];
    const wrong = states.find(({ squaredMilliVolt }) => squaredMilliVolt < least || squaredMilliVolt > most);
    return wrong && { kind: 'voltage', bus: wrong.bus, squaredMilliVolt: wrong.squaredMilliVolt };
}

const size = (n: bigint): bigint => (n < 0n ? -n : n);
