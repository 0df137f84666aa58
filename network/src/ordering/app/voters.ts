import { createHash } from 'node:crypto';
import type { Seat } from '../engine/engine';

/**
 * Who votes on which height: a change that is decided at one height counts from the second one after it, as engines have it that need
 * the height between to agree on the change itself.
 */
export class Voters {
    #now: readonly Seat[];
    #next: readonly Seat[] | undefined;
    #appHash: Uint8Array;

    constructor(seats: readonly Seat[]) {
        this.#now = seats;
        this.#appHash = hashOf(seats);
    }

    /** Of the next height. */
    get now(): readonly Seat[] {
        return this.#now;
    }

    /** Of the height after the next, where others vote then; until they do, nothing is ordered. */
    get next(): readonly Seat[] | undefined {
        return this.#next;
    }

    /** Of the seats that were decided last. */
    get appHash(): Uint8Array {
        return this.#appHash;
    }

    /** A height is decided, maybe with other seats. */
    decided(seats: readonly Seat[] | undefined): void {
        this.#now = this.#next ?? this.#now;
        this.#next = seats;
        if (seats !== undefined) this.#appHash = hashOf(seats);
    }
}

export function isSameVote(one: readonly Seat[], other: readonly Seat[]): boolean {
    return Buffer.from(hashOf(one)).equals(hashOf(other));
}

/** SHA-256 of who has which power and votes with which key. */
export function hashOf(seats: readonly Seat[]): Uint8Array {
    const text = seats.map(({ id, power, engineKey }) => [
        id,
        power.toString(),
        Buffer.from(engineKey ?? []).toString('hex'),
    ]);
    return createHash('sha256').update(JSON.stringify(text)).digest();
}
