/**
 * Whose turn it is to produce a block, worked out a second time and without the ordering service's code. CometBFT calls it
 * proposer priority: in every turn each seat's priority grows by its power, the highest produces and pays the sum of all powers;
 * ties go to the lower identifier.
 */
export interface PlainSeat {
    readonly id: string;
    /** Ties are broken by it, and a seat with another one is another seat. */
    readonly tieBreak: string;
    readonly power: bigint;
}

/** Seats from a height of the engine on. */
export interface PlainEra {
    readonly fromHeight: number;
    readonly seats: readonly PlainSeat[];
}

interface Priority extends PlainSeat {
    readonly priority: bigint;
}

/** The producers of the heights from 1 up to `heights`. Eras are in order; the first begins at height 1. */
export function plainRotation(eras: readonly PlainEra[], heights: number): string[] {
    let priorities: readonly Priority[] = [];
    const producers: string[] = [];
    for (let height = 1; height <= heights; height += 1) {
        const begun = eras.find(({ fromHeight }) => fromHeight === height);
        if (begun !== undefined) {
            priorities = height === 1 ? begun.seats.map(atZero) : succeeding(priorities, begun.seats);
        }
        const [producer, after] = turn(settled(priorities));
        producers.push(producer);
        priorities = after;
    }
    return producers;
}

const atZero = (seat: PlainSeat): Priority => ({ ...seat, priority: 0n });

function turn(priorities: readonly Priority[]): [string, Priority[]] {
    const grown = priorities.map((each) => ({ ...each, priority: each.priority + each.power }));
    const [first] = grown.toSorted(
        (one, other) => compare(other.priority, one.priority) || (one.tieBreak < other.tieBreak ? -1 : 1),
    );
    const total = powerOf(grown);
    const after = grown.map((each) => (each === first ? { ...each, priority: each.priority - total } : each));
    return [first?.id ?? '', after];
}

/**
 * Other seats or powers: who stays keeps its priority, a newcomer begins nine eighths of all power behind (those that leave counted),
 * so that leaving and coming back gains nothing.
 */
function succeeding(before: readonly Priority[], seats: readonly PlainSeat[]): Priority[] {
    const known = new Map(before.map(({ tieBreak, priority }) => [tieBreak, priority]));
    const leaving = before.filter(({ tieBreak }) => !seats.some((seat) => seat.tieBreak === tieBreak));
    const together = powerOf(seats) + powerOf(leaving);
    const behind = -(together + together / 8n);
    return settled(seats.map((seat) => ({ ...seat, priority: known.get(seat.tieBreak) ?? behind })));
}

/** Priorities lie at most twice the power apart, and average zero. */
function settled(priorities: readonly Priority[]): Priority[] {
    const values = priorities.map(({ priority }) => priority);
    const window = 2n * powerOf(priorities);
    const apart = most(values) + most(values.map((value) => -value));
    const ratio = apart > window ? (apart + window - 1n) / window : 1n;
    const narrowed = values.map((value) => value / ratio);
    const sum = narrowed.reduce((total, value) => total + value, 0n);
    const count = BigInt(priorities.length);
    const remainder = ((sum % count) + count) % count;
    const average = (sum - remainder) / count;
    return priorities.map((each, at) => ({ ...each, priority: (narrowed[at] ?? 0n) - average }));
}

const powerOf = (seats: readonly PlainSeat[]): bigint => seats.reduce((total, { power }) => total + power, 0n);
const most = (values: readonly bigint[]): bigint => values.reduce((best, value) => (value > best ? value : best));
const compare = (one: bigint, other: bigint): number => (one < other ? -1 : one > other ? 1 : 0);
