import type { Seat } from './engine';

/** Priorities may lie at most this many times the total power apart; CometBFT's `PriorityWindowSizeFactor`. */
const WINDOW = 2n;

interface Standing {
    readonly id: string;
    readonly power: bigint;
    priority: bigint;
}

/**
 * Whose turn it is to produce the next block: the smooth weighted round robin that CometBFT calls proposer priority.
 *
 * Every turn each seat's priority grows by its power; the highest produces and pays the total power. Ties go to the lower
 * identifier. Over any `total power` turns in a row with unchanged powers each seat produces exactly `power` times.
 */
export class ProposerRotation {
    readonly #standings: Standing[];
    readonly #totalPower: bigint;

    constructor(seats: readonly Seat[]) {
        if (seats.length === 0) {
            throw new Error('an ordering service needs at least one seat');
        }
        const ids = new Set(seats.map((seat) => seat.id));
        if (ids.size !== seats.length || seats.some((seat) => seat.power <= 0n)) {
            throw new Error('every seat needs an identifier of its own and a positive power');
        }
        this.#standings = seats.map(({ id, power }) => ({ id, power, priority: 0n }));
        this.#totalPower = seats.reduce((sum, seat) => sum + seat.power, 0n);
    }

    /** The producer of the next block; each call is one turn. */
    next(): string {
        this.#narrow();
        this.#centre();
        for (const standing of this.#standings) {
            standing.priority += standing.power;
        }
        const chosen = this.#standings.reduce((best, one) => (isAhead(one, best) ? one : best));
        chosen.priority -= this.#totalPower;
        return chosen.id;
    }

    /** Keeps the spread of priorities within the window, as the engine does after changes of power. */
    #narrow(): void {
        const priorities = this.#standings.map((standing) => standing.priority);
        const window = WINDOW * this.#totalPower;
        const spread = highest(priorities) - lowest(priorities);
        if (spread <= window) {
            return;
        }
        const ratio = (spread + window - 1n) / window;
        for (const standing of this.#standings) {
            standing.priority /= ratio;
        }
    }

    /** Shifts all priorities so that they average zero; the average is rounded down, as the engine does it. */
    #centre(): void {
        const sum = this.#standings.reduce((total, standing) => total + standing.priority, 0n);
        const average = divideRoundedDown(sum, BigInt(this.#standings.length));
        for (const standing of this.#standings) {
            standing.priority -= average;
        }
    }
}

function isAhead(one: Standing, other: Standing): boolean {
    return one.priority === other.priority ? one.id < other.id : one.priority > other.priority;
}

function highest(values: readonly bigint[]): bigint {
    return values.reduce((best, value) => (value > best ? value : best));
}

function lowest(values: readonly bigint[]): bigint {
    return values.reduce((best, value) => (value < best ? value : best));
}

function divideRoundedDown(dividend: bigint, divisor: bigint): bigint {
    const quotient = dividend / divisor;
    return dividend % divisor < 0n ? quotient - 1n : quotient;
}
