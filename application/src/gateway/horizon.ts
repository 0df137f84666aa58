import { setTimeout as pause } from 'node:timers/promises';

/** Asks a peer how many blocks it has. */
export type AskHeight = () => Promise<number>;

/** How a peer stands to what was committed from here: it has it, it stays behind, or it does not answer. */
export type Reached =
    { readonly how: 'there' | 'silent' } | { readonly how: 'behind'; readonly height: number; readonly needed: number };

/** Between two questions to a peer that is behind, in ms: mostly it is by a moment, else its machine is busy. About 30 s in all. */
const WAITS = [5, 10, 20, 40, ...new Array<number>(300).fill(100)];

/**
 * How far this process has come on the channel. What it had committed through one member it sees through every other: each peer commits a block
 * when it gets it, so that a member that acts upon what another did might else ask a peer that has not heard of it. Peers are asked only where it is
 * not known that they have the block, and never before the first transaction.
 */
export class Horizon {
    /** The newest block in which a transaction from here is, counted from 0. */
    #block = -1;
    readonly #peers = new Map<string, AskHeight>();
    /** The newest block that a peer is known to have. */
    readonly #known = new Map<string, number>();
    readonly #asked = new Map<string, Promise<number>>();

    constructor(private readonly waits: readonly number[] = WAITS) {}

    /** How the peer of a member is asked that acts from here. */
    join(mspId: string, ask: AskHeight): void {
        this.#peers.set(mspId, ask);
    }

    /** A transaction from here is in this block, says the member's peer. */
    note(mspId: string, block: bigint): void {
        this.#block = Math.max(this.#block, Number(block));
        this.#know(mspId, Number(block));
    }

    /**
     * Waits until the peer has what was committed from here so far. Of peers of which nobody here is a member nothing is known, and they are not
     * waited for unless it is said how to ask them.
     */
    async reach(mspId: string, ask = this.#peers.get(mspId)): Promise<Reached> {
        const needed = this.#block;
        if (ask === undefined || this.#has(mspId, needed)) {
            return { how: 'there' };
        }
        for (const wait of [0, ...this.waits]) {
            await (wait === 0 ? undefined : pause(wait));
            const isSilent = await this.#ask(mspId, ask).then(
                (height) => {
                    this.#know(mspId, height - 1);
                    return false;
                },
                () => true,
            );
            if (isSilent) {
                return { how: 'silent' };
            }
            if (this.#has(mspId, needed)) {
                return { how: 'there' };
            }
        }
        return { how: 'behind', height: (this.#known.get(mspId) ?? -1) + 1, needed };
    }

    /**
     * Waits until the peers of all these organisations have what was committed from here, all at once.
     *
     * @param ask asks a peer of which nobody here is a member.
     * @returns those that do not have it, and why, in words.
     */
    async shared(mspIds: readonly string[], ask: (mspId: string) => Promise<number>): Promise<string[]> {
        if (this.#block < 0) {
            return [];
        }
        const found = await Promise.all(
            mspIds.map(async (mspId) => {
                const reached = await this.reach(mspId, this.#peers.get(mspId) ?? (() => ask(mspId)));
                return reached.how === 'there' ? [] : [lateness(mspId, reached)];
            }),
        );
        return found.flat();
    }

    /** Many wait for the same peer at once: it is asked one question at a time. */
    #ask(mspId: string, ask: AskHeight): Promise<number> {
        const asked = this.#asked.get(mspId) ?? ask().finally(() => this.#asked.delete(mspId));
        this.#asked.set(mspId, asked);
        return asked;
    }

    #has(mspId: string, block: number): boolean {
        return (this.#known.get(mspId) ?? -1) >= block;
    }

    #know(mspId: string, block: number): void {
        this.#known.set(mspId, Math.max(this.#known.get(mspId) ?? -1, block));
    }
}

/** In words, for whoever waited in vain. */
export function lateness(mspId: string, reached: Reached): string {
    return reached.how === 'behind'
        ? `the peer of ${mspId} has ${reached.height} blocks and not the one of what was done here, number ${reached.needed}`
        : `the peer of ${mspId} does not answer`;
}
