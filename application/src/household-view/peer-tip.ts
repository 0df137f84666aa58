import { setTimeout as pause } from 'node:timers/promises';
import type { FilteredBlock, FilteredBlocks } from '../gateway/filtered-blocks';

/** What is asked of a member's gateway: its own peer's height, and blocks as they come. */
export interface BlockTeller {
    height(): Promise<number>;
    filteredBlocks(from?: number): Promise<FilteredBlocks>;
}

export type OnBlock = (block: FilteredBlock) => void;

/** Between attempts to follow a peer that does not answer. */
const WAITS_MS = [100, 300, 1_000, 3_000, 10_000];

/**
 * How many blocks a household's own peer has, without asking each time: the peer tells of each block as it commits it. While it does not, it is
 * asked, so nothing old is shown as new.
 */
export class PeerTip {
    readonly #peer: BlockTeller;
    readonly #stopped = new AbortController();
    readonly #listeners = new Set<OnBlock>();
    #height: number | undefined;
    #asked: Promise<number> | undefined;
    #blocks: FilteredBlocks | undefined;

    constructor(peer: BlockTeller) {
        this.#peer = peer;
        void this.#follow();
    }

    async height(): Promise<number> {
        if (this.#height !== undefined) {
            return this.#height;
        }
        this.#asked ??= this.#peer.height().finally(() => {
            this.#asked = undefined;
        });
        return this.#asked;
    }

    /** @returns how to end it. */
    onBlock(listener: OnBlock): () => void {
        this.#listeners.add(listener);
        return () => {
            this.#listeners.delete(listener);
        };
    }

    close(): void {
        this.#stopped.abort();
        this.#blocks?.close();
    }

    async #follow(): Promise<void> {
        for (let failures = 0; !this.#stopped.signal.aborted; failures += 1) {
            try {
                await this.#listen(() => (failures = 0));
            } catch {
                // The peer is down or restarts: its height is asked for until it tells again.
            }
            this.#height = undefined;
            const wait = WAITS_MS[Math.min(failures, WAITS_MS.length - 1)];
            await pause(wait, undefined, { signal: this.#stopped.signal, ref: false }).catch(() => undefined);
        }
    }

    async #listen(heard: () => void): Promise<void> {
        const height = await this.#peer.height();
        const from = Math.max(0, height - 1);
        this.#blocks = await this.#peer.filteredBlocks(from);
        try {
            for await (const block of this.#blocks) {
                if (this.#stopped.signal.aborted) {
                    return;
                }
                heard();
                this.#height = block.number + 1;
                if (block.number >= height) {
                    this.#listeners.forEach((listener) => {
                        listener(block);
                    });
                }
            }
        } finally {
            this.#blocks.close();
        }
    }
}
