import { dividedHalfEven } from '../quantity';
import { nanosPerKwh, poolEnergy, type NanosPerKwh, type PoolEnergy } from './exchange';
import type { GridSlot } from './grid-agent';
import { flow, flowFlaw, type BusLoad, type BusState, type Feeder, type FlowFlaw } from './lin-dist-flow';

// The network takes part in the exchange of every bus: it takes energy where there is too much of it and gives it where there is too
// little, over its lines, and what is left over goes to the grid at its root.

/** A quarter of an hour: a Wh within it is four watts. */
export const WATTS_PER_WATT_HOUR = 4n;

/** A bus as the network meets it in a slot of an iteration. */
export interface BusPosition {
    readonly bus: string;
    readonly price: NanosPerKwh;
    /** N times the network's reference point there. */
    readonly scaled: bigint;
    /** N: homes at the bus, and the network as often as it counts. */
    readonly agents: bigint;
    /** As how many agents the network counts there: its penalty is ρ/weight. */
    readonly weight: bigint;
}

/**
 * The network's step where none of its lines binds: argmin c(Σn) + Σ(λn + ρ/2w·(n − z)²) over the buses, c as in `gridStep`: every bus gives what it
 * would at the grid's price, and all change in proportion to w to fit a limit. Rounded half to even at each bus; with one bus it is `gridStep`.
 */
export function networkStep(grid: GridSlot, buses: readonly BusPosition[], penalty: bigint): PoolEnergy[] {
    const weights = buses.reduce((sum, { weight }) => sum + weight, 0n);
    const l = buses.reduce((product, { agents }) => product * agents, 1n);
    // All over ρ·l: what each bus would give at a tariff of zero.
    const free = buses.map(({ price, scaled, agents, weight }) => penalty * scaled * (l / agents) - weight * price * l);
    const sum = free.reduce((total, each) => total + each, 0n);
    const [taken, given] = [sum + weights * l * grid.feedIn, sum + weights * l * grid.retail];
    const wanted = taken > 0n ? taken : given < 0n ? given : 0n;
    const total = between(-grid.importLimit * penalty * l, wanted, grid.exportLimit * penalty * l);
    const rounded = buses.map(({ weight }, i) =>
        dividedHalfEven(weights * (free[i] ?? 0n) + weight * (total - sum), weights * penalty * l),
    );
    // Rounding bus by bus may pass the grid's limit by a few Wh: the root takes them back.
    const together = rounded.reduce((all, each) => all + each, 0n);
    const over = together - between(-grid.importLimit, together, grid.exportLimit);
    return rounded.map((each, i) => poolEnergy(i === 0 ? each - over : each));
}

const between = (least: bigint, x: bigint, most: bigint): bigint => (x < least ? least : x > most ? most : x);

/**
 * What the network would have to be paid at each bus to take exactly this and no other energy, rounded half to even: λ + ρ/w·(n − z). An answer is
 * the network's step if these are prices that its limits explain: `networkPriceFlaw`.
 */
export const impliedPrices = (
    buses: readonly BusPosition[],
    answer: readonly PoolEnergy[],
    penalty: bigint,
): NanosPerKwh[] =>
    buses.map(({ price, scaled, agents, weight }, i) =>
        nanosPerKwh(price + dividedHalfEven(penalty * (agents * (answer[i] ?? 0n) - scaled), agents * weight)),
    );

/** What buses take when the network takes `taken` from each pool; active power only, nothing is known of reactive. */
export function loadsOf(buses: readonly string[], taken: readonly PoolEnergy[]): Map<string, BusLoad> {
    return new Map(buses.map((bus, i) => [bus, { activeW: -WATTS_PER_WATT_HOUR * (taken[i] ?? 0n), reactiveVar: 0n }]));
}

/** The first limit of the feeder that is broken, if any. */
export const limitFlaw = (
    feeder: Feeder,
    buses: readonly string[],
    taken: readonly PoolEnergy[],
): FlowFlaw | undefined => flowFlaw(feeder, loadsOf(buses, taken));

/** How exactly prices are looked at. */
export interface Tolerance {
    /** Prices that differ by no more are the same, nanos/kWh. */
    readonly price: bigint;
    /** A limit binds if so many Wh more at every bus would break it: energies are whole, limits seldom reached exactly. */
    readonly energy: bigint;
}

/**
 * The bus whose price no limit explains, or undefined: complementary slackness of lines and voltages. A bus is dearer than the one that
 * feeds it only if the line between them carries all it can towards it, or the voltage there or further out is as low as it may be; and cheaper only
 * the other way round. `prices` and `taken` as `buses`, the root first.
 */
export function networkPriceFlaw(
    feeder: Feeder,
    buses: readonly string[],
    { prices, taken }: { readonly prices: readonly NanosPerKwh[]; readonly taken: readonly PoolEnergy[] },
    tolerance: Tolerance,
): string | undefined {
    const priceAt = new Map(buses.map((bus, i) => [bus, prices[i] ?? 0n]));
    const { rises, falls } = explainedDifferences(feeder, buses, taken, tolerance.energy);
    return feeder.lines.find(({ bus, from }) => {
        const difference = (priceAt.get(bus) ?? 0n) - (priceAt.get(from) ?? 0n);
        return (difference > tolerance.price && !rises.has(bus)) || (difference < -tolerance.price && !falls.has(bus));
    })?.bus;
}

/** Which buses may be dearer, and which cheaper, than the one that feeds them, because a limit between them binds: see `networkPriceFlaw`. */
export function explainedDifferences(
    feeder: Feeder,
    buses: readonly string[],
    taken: readonly PoolEnergy[],
    tolerance: bigint,
): { readonly rises: ReadonlySet<string>; readonly falls: ReadonlySet<string> } {
    const states = flow(feeder, loadsOf(buses, taken));
    const everywhere = buses.map(() => poolEnergy(-tolerance));
    const more = flow(feeder, loadsOf(buses, everywhere));
    return { rises: towards(feeder, states, more, 'least'), falls: towards(feeder, states, more, 'most') };
}

/** Buses that may be dearer (`least`) or cheaper (`most`) than the one that feeds them. */
function towards(
    { lines, rootVolt, leastVolt, mostVolt }: Feeder,
    states: readonly BusState[],
    more: readonly BusState[],
    limit: 'least' | 'most',
): ReadonlySet<string> {
    const [sign, volt] = limit === 'least' ? [1n, leastVolt] : [-1n, mostVolt];
    const root = 1000n * rootVolt ** 2n;
    const [explained, atVoltage] = [new Set<string>(), new Set<string>()];
    for (const [i, { bus, from, limitW }] of [...lines.entries()].reverse()) {
        const [state, slack] = [states[i] ?? atRoot(bus, root), more[i] ?? atRoot(bus, root)];
        const distance = sign * (state.squaredMilliVolt - 1000n * volt ** 2n);
        if (atVoltage.has(bus) || distance <= root - slack.squaredMilliVolt) {
            atVoltage.add(bus).add(from);
        }
        if (atVoltage.has(bus) || sign * state.activeW >= limitW - slack.activeW) {
            explained.add(bus);
        }
    }
    return explained;
}

const atRoot = (bus: string, squaredMilliVolt: bigint): BusState => ({
    bus,
    activeW: 0n,
    reactiveVar: 0n,
    squaredMilliVolt,
});
