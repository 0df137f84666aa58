import { setTimeout as sleep } from 'node:timers/promises';

/** A member's view of the channel. */
export interface Ledger {
    /** How many blocks its peer has. */
    height(): Promise<number>;
}

export interface Stillness {
    /** So long no peer gets a block. */
    readonly quietMs: number;
    /** After that what follows has to bear it. */
    readonly limitMs: number;
    readonly pollMs: number;
}

/** A block is cut at most 200 ms after its first transaction; peers that were started anew fetch what they missed within a moment. */
const STILL: Stillness = { quietMs: 1_000, limitMs: 15_000, pollMs: 100 };

/**
 * Waits until all peers have the same blocks and no more come: what was sent before, by whoever broke off since, has then been committed. Without it an
 * agent that goes on does not see its own order that is still on its way, sends it again, and one of the two is committed as a phantom
 * conflict: harmless, but in vain. Returns whether it became still.
 */
export async function untilStill(
    ledgers: readonly Ledger[],
    { quietMs, limitMs, pollMs }: Stillness = STILL,
): Promise<boolean> {
    const end = performance.now() + limitMs;
    let [seen, since] = ['', performance.now()];
    while (performance.now() < end) {
        const heights = await Promise.all(ledgers.map((ledger) => ledger.height().catch(() => -1)));
        const now = heights.join();
        if (now !== seen) [seen, since] = [now, performance.now()];
        const isEven = new Set(heights).size <= 1 && !heights.includes(-1);
        if (isEven && performance.now() - since >= quietMs) return true;
        await sleep(pollMs);
    }
    return false;
}
