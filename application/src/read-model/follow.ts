import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { BlockSource, ReadModel } from './model';
import { PendingBlocks } from './pending-blocks';
import { isPassing } from './sql/passing';

/** Waits between attempts, in ms; the last one again and again. */
const WAITS: readonly number[] = [100, 200, 500, 1_000, 2_000, 5_000];

export interface FollowOptions {
    /** Ends once this block is in. */
    readonly upTo?: number;
    /** Told why blocks stopped coming, before they are asked for again. */
    readonly onInterruption?: (error: unknown) => void;
    readonly waits?: readonly number[];
}

/**
 * Keeps the model up with its source until it is told to stop. What has come while the model was busy is taken in together: far behind, in large
 * pieces; at the end, block by block. A source that fails or ends is asked again, with growing waits, for the last block that is known (to see that
 * it is the same chain) and those after it.
 *
 * @throws WrongChannel, ForkedChain: nothing of it is in the model
 */
export async function follow(
    source: BlockSource,
    model: ReadModel,
    signal: AbortSignal,
    { upTo = Infinity, onInterruption = () => undefined, waits = WAITS }: FollowOptions = {},
): Promise<void> {
    const attempts = new Attempts(waits, onInterruption);
    const unsubscribe = model.subscribe(() => {
        attempts.succeeded();
    });
    try {
        // A peer of another channel may have fewer blocks than the model: whoever asked it for the next would wait for ever.
        await attempts.until(signal, () => take(source, model, signal, { from: 0, upTo: 0 }));
        await attempts.until(signal, async () => {
            await take(source, model, signal, { from: Math.max(0, await lastOf(model)), upTo });
            return (await lastOf(model)) >= upTo;
        });
    } finally {
        unsubscribe();
    }
}

/** Tries, waits and tries again where a failure may pass. */
class Attempts {
    #failures = 0;

    constructor(
        private readonly waits: readonly number[],
        private readonly onInterruption: (error: unknown) => void,
    ) {}

    succeeded(): void {
        this.#failures = 0;
    }

    async until(signal: AbortSignal, attempt: () => Promise<boolean>): Promise<void> {
        while (!signal.aborted) {
            try {
                if (await attempt()) {
                    return;
                }
            } catch (error) {
                if (!isPassing(error)) {
                    throw error;
                }
                this.onInterruption(error);
            }
            await waited(this.waits[Math.min(this.#failures, this.waits.length - 1)] ?? 0, signal);
            this.#failures += 1;
        }
    }
}

async function lastOf(model: ReadModel): Promise<number> {
    return (await model.checkpoint())?.block ?? -1;
}

/** Takes blocks in until the last one asked for is there, the source ends or the signal is given. @returns true */
async function take(
    source: BlockSource,
    model: ReadModel,
    signal: AbortSignal,
    { from, upTo }: { readonly from: number; readonly upTo: number },
): Promise<true> {
    if (signal.aborted) {
        return true;
    }
    const pending = new PendingBlocks(await source.blocks(from), upTo);
    const stop = (): void => {
        pending.stop();
    };
    signal.addEventListener('abort', stop);
    try {
        for (let batch = await pending.next(); batch !== undefined; batch = await pending.next()) {
            await model.apply(batch);
            await turn(); // Of the blocks' connection, which has had none if the database needs none.
        }
        return true;
    } finally {
        signal.removeEventListener('abort', stop);
        pending.stop();
    }
}

async function waited(ms: number, signal: AbortSignal): Promise<void> {
    if (!signal.aborted) {
        await pause(ms, undefined, { signal }).catch(() => undefined); // It is told to stop.
    }
}
