import { allocate, compareBigints, least, minus, plus, total, wattHours, type WattHours } from '../quantity';

/** Positions of whom a tie favours. */
export type Before = (one: number, other: number) => number;

/**
 * How much of a supply each consumer gets (Wh), given what it can use. The rules of collective self-consumption in use; each takes
 * the consumers' demands, their governed weights, and gives shares that never exceed a demand nor in sum the supply.
 */
export type AllocationKey = (
    supply: WattHours,
    demands: readonly WattHours[],
    weights: readonly bigint[],
    before: Before,
) => WattHours[];

const none = (demands: readonly WattHours[]): WattHours[] => demands.map(() => wattHours(0n));

/** The fixed share of each, as far as it can use it. What it cannot use goes to the grid, to nobody else. */
export const staticKey: AllocationKey = (supply, demands, weights, before) =>
    weights.every((weight) => weight === 0n)
        ? none(demands)
        : allocate(supply, weights, before).map((share, i) => least(share, demands[i] as WattHours));

/** The fixed shares again and again over what is left and those who can still use something. */
export const staticRounds: AllocationKey = (supply, demands, weights, before) => {
    const given = none(demands);
    let left = supply;
    let open = demands.map((_, i) => i).filter((i) => (demands[i] as bigint) > 0n && (weights[i] as bigint) > 0n);
    // Each round uses all that is left up, or ends with somebody who can use nothing more.
    while (left > 0n && open.length > 0) {
        const shares = allocate(
            left,
            open.map((at) => weights[at] as bigint),
            (one, other) => before(open[one] as number, open[other] as number),
        );
        for (const [i, at] of open.entries()) {
            const share = least(shares[i] as WattHours, minus(demands[at] as WattHours, given[at] as WattHours));
            given[at] = plus(given[at] as WattHours, share);
            left = minus(left, share);
        }
        open = open.filter((at) => (given[at] as bigint) < (demands[at] as bigint));
    }
    return given;
};

/** In proportion to what each uses in the slot. */
export const dynamicProRata: AllocationKey = (supply, demands, _, before) => {
    const wanted = total(demands);
    return wanted <= supply ? [...demands] : allocate(supply, demands, before);
};

/** The same for all, as far as each can use it; what somebody cannot use raises the level of the others (water filling). */
export const equalShares: AllocationKey = (supply, demands, _, before) =>
    waterFilled(least(supply, total(demands)), demands, before);

/**
 * Equal parts of `whole`, none above its capacity: what the small cannot take the others take. Odd watt-hours by rank. `whole` must not
 * be more than the capacities together.
 */
export function waterFilled(whole: WattHours, capacities: readonly WattHours[], before: Before): WattHours[] {
    const smallFirst = capacities
        .map((_, i) => i)
        .sort((a, b) => compareBigints(capacities[a] as bigint, capacities[b] as bigint));
    const parts = none(capacities);
    let left = whole;
    for (const [position, index] of smallFirst.entries()) {
        const capacity = capacities[index] as WattHours;
        if (capacity * BigInt(smallFirst.length - position) > left) {
            const open = smallFirst.slice(position);
            const equal = allocate(
                left,
                open.map(() => 1n),
                (one, other) => before(open[one] as number, open[other] as number),
            );
            open.forEach((at, i) => (parts[at] = equal[i] as WattHours));
            return parts;
        }
        parts[index] = capacity;
        left = minus(left, capacity);
    }
    return parts;
}

/** The fixed shares first, then what is left in proportion to what each can still use. */
export const hybridKey: AllocationKey = (supply, demands, weights, before) => {
    const first = staticKey(supply, demands, weights, before);
    const unmet = demands.map((demand, i) => minus(demand, first[i] as WattHours));
    const more = dynamicProRata(minus(supply, total(first)), unmet, weights, before);
    return first.map((share, i) => plus(share, more[i] as WattHours));
};

/** What a consumer has or gets of a producer; by their positions. */
export interface Pair<Q extends bigint> {
    readonly producer: number;
    readonly consumer: number;
    readonly share: Q;
}

/**
 * Shares of every consumer in every producer, of which those above zero are given, each pair once, by producer and then consumer. Each producer's
 * energy is shared by its weights; a consumer who is given more than it can use takes in proportion from each. The answer has the same pairs:
 * a pair without a weight gets nothing, so the work grows with the keys and not with the square of the members.
 */
export function fullMatrix(
    supplies: readonly WattHours[],
    demands: readonly WattHours[],
    weights: readonly Pair<bigint>[],
    producerBefore: Before,
    consumerBefore: Before,
): Pair<WattHours>[] {
    const offered = grouped(weights, ({ producer }) => producer).flatMap((row) => {
        const supply = supplies[row[0]?.producer ?? -1] ?? wattHours(0n);
        return sharedBy(row, supply, (one, other) => consumerBefore(one.consumer, other.consumer));
    });
    return grouped(offered, ({ consumer }) => consumer).flatMap((column) => {
        const demand = demands[column[0]?.consumer ?? -1] ?? wattHours(0n);
        return total(column.map(({ share }) => share)) <= demand
            ? column
            : sharedBy(column, demand, (one, other) => producerBefore(one.producer, other.producer));
    });
}

/** `whole` in proportion to the shares of the pairs. */
function sharedBy<Q extends bigint>(
    pairs: readonly Pair<Q>[],
    whole: WattHours,
    before: (one: Pair<Q>, other: Pair<Q>) => number,
): Pair<WattHours>[] {
    const parts = allocate(
        whole,
        pairs.map(({ share }) => share),
        (one, other) => before(pairs[one] as Pair<Q>, pairs[other] as Pair<Q>),
    );
    return pairs.map(({ producer, consumer }, i) => ({ producer, consumer, share: parts[i] as WattHours }));
}

/** In groups of one place, in the order in which the places first come. */
function grouped<T>(all: readonly T[], placeOf: (one: T) => number): T[][] {
    const groups = new Map<number, T[]>();
    for (const one of all) {
        const group = groups.get(placeOf(one)) ?? [];
        group.push(one);
        groups.set(placeOf(one), group);
    }
    return [...groups.values()];
}
