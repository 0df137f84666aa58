import { createHash } from 'node:crypto';
import type { AppInfo, EngineBlock, Finalized, OrderingApp, Proposal, Seat, Verdict } from '../../engine';
import { digestOf } from '../message-pool';

const MOST_IN_BLOCK = 100;

/** What a test sends to an application that remembers what was decided: `refused …` is refused, `powers …` changes them. */
export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** An ordering application without Fabric: it keeps the decided lists, in memory. */
export class RecordingApp implements OrderingApp {
    /** Every decided height, empty ones too. */
    readonly blocks: EngineBlock[] = [];
    readonly #ordered = new Set<string>();
    readonly #waiting = new Set<string>();
    #seats: readonly Seat[];
    #nextSeats: readonly Seat[] | undefined;
    #finalized: { readonly block: EngineBlock; readonly seats?: readonly Seat[] } | undefined;

    constructor(seats: readonly Seat[]) {
        this.#seats = seats;
    }

    get messages(): string[] {
        return this.blocks.flatMap(({ messages }) => messages.map(text));
    }

    info(): AppInfo {
        return {
            height: this.blocks.length,
            appHash: hashOf(this.#nextSeats ?? this.#seats),
            seats: this.#seats,
            ...(this.#nextSeats === undefined ? {} : { nextSeats: this.#nextSeats }),
            batch: { timeoutMs: 50, maxMessages: MOST_IN_BLOCK, preferredBytes: 1_000_000 },
        };
    }

    check(message: Uint8Array): Verdict {
        const digest = digestOf(message);
        if (this.#ordered.has(digest) || this.#waiting.has(digest)) {
            return { kind: 'known', ordered: this.#ordered.has(digest) };
        }
        if (text(message).startsWith('refused')) {
            return { kind: 'refused', refusal: { status: 'BAD_REQUEST', why: 'it says so itself' } };
        }
        this.#waiting.add(digest);
        return { kind: 'new' };
    }

    recheck(message: Uint8Array): boolean {
        return !this.#ordered.has(digestOf(message));
    }

    forgetWaiting(): void {
        this.#waiting.clear();
    }

    prepare(pending: readonly Uint8Array[]): Proposal {
        const considered = Math.min(pending.length, MOST_IN_BLOCK);
        const dropped = pending.slice(0, considered).flatMap((message, at) => (this.recheck(message) ? [] : [at]));
        return { considered, dropped };
    }

    process({ height, messages }: EngineBlock): string | undefined {
        if (height !== this.blocks.length + 1) {
            return `height ${height} does not follow ${this.blocks.length}`;
        }
        return messages.every((message) => this.recheck(message) && !text(message).startsWith('refused'))
            ? undefined
            : 'it may not be ordered';
    }

    finalize(block: EngineBlock): Finalized {
        const change = block.messages.map(text).find((message) => message.startsWith('powers '));
        const seats = change === undefined ? undefined : this.#withPowers(change.slice('powers '.length));
        this.#finalized = { block, ...(seats === undefined ? {} : { seats }) };
        return {
            appHash: hashOf(seats ?? this.#nextSeats ?? this.#seats),
            ...(seats === undefined ? {} : { seats }),
        };
    }

    commit(): Promise<void> {
        if (this.#finalized === undefined) {
            throw new Error('nothing was finalized');
        }
        const { block, seats } = this.#finalized;
        this.blocks.push(block);
        for (const message of block.messages) {
            this.#ordered.add(digestOf(message));
            this.#waiting.delete(digestOf(message));
        }
        this.#seats = this.#nextSeats ?? this.#seats;
        this.#nextSeats = seats;
        this.#finalized = undefined;
        return Promise.resolve();
    }

    #withPowers(list: string): readonly Seat[] {
        const powers = list.split(',').map(BigInt);
        const all = this.#nextSeats ?? this.#seats;
        return all.flatMap((seat, at) => ((powers[at] ?? 0n) > 0n ? [{ ...seat, power: powers[at] ?? 0n }] : []));
    }
}

function hashOf(seats: readonly Seat[]): Uint8Array {
    return createHash('sha256')
        .update(seats.map(({ id, power }) => `${id}=${power}`).join())
        .digest();
}
