import type { common } from '@hyperledger/fabric-protos';

import type { PeerLedger } from '../ledger/peer-ledger';

/**
 * The committed blocks from a number on, and every later one as it is committed, until the signal. A reader that falls behind
 * reads from disk: nothing is queued for it.
 */
export async function* blocksFrom(
    ledger: PeerLedger,
    start: number,
    signal: AbortSignal,
): AsyncGenerator<common.Block, void, undefined> {
    let wake: () => void = () => undefined;
    const unsubscribe = ledger.onCommit(() => {
        wake();
    });
    const onAbort = (): void => {
        wake();
    };
    signal.addEventListener('abort', onAbort);
    try {
        for (let number = start; !signal.aborted;) {
            if (number < ledger.height) {
                const block = await ledger.blockByNumber(number);
                if (!block) throw new Error(`block ${number} of ${ledger.height} is not in the ledger`);
                yield block;
                number += 1;
                continue;
            }
            await new Promise<void>((resolve) => {
                wake = resolve;
                if (number < ledger.height || signal.aborted) resolve();
            });
        }
    } finally {
        signal.removeEventListener('abort', onAbort);
        unsubscribe();
    }
}
