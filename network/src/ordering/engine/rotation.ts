import { createHash } from 'node:crypto';
import type { Seat } from './engine';

/** Priorities may lie at most this many times the total power apart; CometBFT's `PriorityWindowSizeFactor`. */
const WINDOW = 2n;

/** A newcomer stands this far behind, in eighths of the total power, so that nobody leaves and comes back to be next. */
const NEWCOMER_EIGHTHS = 9n;
const ADDRESS_BYTES = 20;

interface Standing {
    readonly id: string;
    /** Tells seats apart, and ties go to the lower one. */
    readonly address: string;
    power: bigint;
    priority: bigint;
}

/**
 * Whose turn it is to produce the next block: the smooth weighted round robin that CometBFT calls proposer priority.
 *
 * Every turn each seat's priority grows by its power; the highest produces and pays the total power. Ties go to the lower
 * address of an engine key, or to the lower identifier where seats have no engine. Over any `total power` turns in a row with unchanged powers each seat produces exactly `power` times.
 */
export class ProposerRotation {
    #standings: readonly Standing[];
    #totalPower: bigint;

    constructor(seats: readonly Seat[]) {
        assertSound(seats);
        this.#standings = seats.map(standing);
        this.#totalPower = totalOf(seats);
    }

    /** The seats from the next turn on. Who stays keeps its priority; a seat with another engine key is another seat. */
    change(seats: readonly Seat[]): void {
        assertSound(seats);
        const before = new Map(this.#standings.map((each) => [each.address, each]));
        const after = seats.map(standing);
        const staying = new Set(after.map(({ address }) => address));
        const leaving = this.#standings.filter(({ address }) => !staying.has(address));
        const behind = ((totalOf(seats) + totalOf(leaving)) * NEWCOMER_EIGHTHS) / 8n;
        this.#standings = after.map((each) => ({
            ...each,
            priority: before.get(each.address)?.priority ?? -behind,
        }));
        this.#totalPower = totalOf(seats);
        this.#narrow();
        this.#centre();
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

function assertSound(seats: readonly Seat[]): void {
    if (seats.length === 0) {
        throw new Error('an ordering service needs at least one seat');
    }
    const ids = new Set(seats.map((seat) => seat.id));
    if (ids.size !== seats.length || seats.some((seat) => seat.power <= 0n)) {
        throw new Error('every seat needs an identifier of its own and a positive power');
    }
}

function standing({ id, power, engineKey }: Seat): Standing {
    return { id, power, priority: 0n, address: engineKey === undefined ? id : addressOf(engineKey) };
}

/** What CometBFT calls the address of a validator, in hex. */
function addressOf(engineKey: Uint8Array): string {
    return createHash('sha256').update(engineKey).digest().subarray(0, ADDRESS_BYTES).toString('hex');
}

function totalOf(seats: readonly { readonly power: bigint }[]): bigint {
    return seats.reduce((sum, { power }) => sum + power, 0n);
}

function isAhead(one: Standing, other: Standing): boolean {
    return one.priority === other.priority ? one.address < other.address : one.priority > other.priority;
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
