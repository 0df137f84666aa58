import { createHash } from 'node:crypto';
import type { Refusal } from '../engine';

export interface PoolLimits {
    readonly maxMessages: number;
    readonly maxBytes: number;
}

/**
 * Beyond about 250 messages of 5 KB in a second four engines on two cores only get slower: two seconds' worth of messages may wait.
 * Measured, see docs/guides/measurements.md.
 */
export const POOL_LIMITS: PoolLimits = { maxMessages: 512, maxBytes: 16 * 1024 * 1024 };

export interface PooledMessage {
    readonly digest: string;
    readonly bytes: Uint8Array;
    /** Taken in by this seat, which answers for it until it is decided; otherwise other seats told of it. */
    isOwn: boolean;
    /** Of an own one: resolves when it is on the disk. */
    kept: Promise<void>;
    /** When it was handed to the engine the last time, on a clock that only moves on; undefined if it was not yet. */
    handedOver: number | undefined;
}

/**
 * What waits to be decided, as far as this seat knows, each message once. Whoever asks for the bytes of a message gets the same
 * object every time, so that what was found out about it need not be found out again.
 */
export class MessagePool {
    readonly #limits: PoolLimits;
    readonly #messages = new Map<string, PooledMessage>();
    #bytes = 0;

    constructor(limits: PoolLimits = POOL_LIMITS) {
        this.#limits = limits;
    }

    get size(): number {
        return this.#messages.size;
    }

    get bytes(): number {
        return this.#bytes;
    }

    /** Why no new message of this length is taken in now. One alone is, however long it is. */
    refuses(length: number): Refusal | undefined {
        const { maxMessages, maxBytes } = this.#limits;
        const isFull = this.size >= maxMessages || (this.size > 0 && this.#bytes + length > maxBytes);
        return isFull
            ? {
                  status: 'SERVICE_UNAVAILABLE',
                  why: `${this.size} transactions of ${this.#bytes} bytes wait to be ordered, try again`,
              }
            : undefined;
    }

    /** The entry of these bytes, if they wait. */
    find(message: Uint8Array): PooledMessage | undefined {
        return this.#messages.get(digestOf(message));
    }

    /** The same bytes as an object that stays the same while they wait. */
    known(message: Uint8Array): Uint8Array {
        return this.find(message)?.bytes ?? message;
    }

    /** Limits are for `submit` to ask: what other seats have taken in has to be held. */
    add(message: Uint8Array): PooledMessage {
        const digest = digestOf(message);
        const there = this.#messages.get(digest);
        if (there !== undefined) {
            return there;
        }
        // A copy: what came in may be a small part of a large buffer.
        const bytes = Uint8Array.from(message);
        const added: PooledMessage = { digest, bytes, isOwn: false, kept: Promise.resolve(), handedOver: undefined };
        this.#messages.set(digest, added);
        this.#bytes += bytes.length;
        return added;
    }

    remove(message: Uint8Array): PooledMessage | undefined {
        const entry = this.find(message);
        if (entry !== undefined) {
            this.#messages.delete(entry.digest);
            this.#bytes -= entry.bytes.length;
        }
        return entry;
    }

    /** What this seat answers for, the oldest first. */
    own(): PooledMessage[] {
        return [...this.#messages.values()].filter(({ isOwn }) => isOwn);
    }

    /** A fresh engine has none of them; those of other seats come again from there. */
    forgetForeign(): void {
        for (const entry of [...this.#messages.values()]) {
            if (entry.isOwn) {
                entry.handedOver = undefined;
            } else {
                this.remove(entry.bytes);
            }
        }
    }
}

export function digestOf(message: Uint8Array): string {
    return createHash('sha256').update(message).digest('base64');
}
