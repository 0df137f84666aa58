import type { CommitEvent } from '../../ledger/api';
import type { PeerLedger } from '../../ledger/peer-ledger';

export interface TransactionStatus {
    readonly code: number;
    readonly blockNumber: number;
}

type Waiter = (status: TransactionStatus) => void;

/** Tells whoever asks what became of a transaction: at once if it is committed, else when it is. */
export class CommitStatuses {
    private readonly waiting = new Map<string, Set<Waiter>>();

    constructor(private readonly ledger: PeerLedger) {}

    /** To be told of every block. */
    onCommit({ number, transactions }: CommitEvent): void {
        if (this.waiting.size === 0) return;
        for (const { txId, code } of transactions) {
            const waiters = this.waiting.get(txId);
            if (!waiters) continue;
            this.waiting.delete(txId);
            for (const waiter of waiters) waiter({ code, blockNumber: number });
        }
    }

    /** Undefined when the caller lost interest first. */
    async statusOf(txId: string, signal: AbortSignal): Promise<TransactionStatus | undefined> {
        let settle: Waiter = () => undefined;
        const committed = new Promise<TransactionStatus | undefined>((resolve) => {
            settle = resolve;
            signal.addEventListener(
                'abort',
                () => {
                    resolve(undefined);
                },
                { once: true },
            );
        });
        const waiters = this.waiting.get(txId) ?? new Set();
        this.waiting.set(txId, waiters.add(settle));
        try {
            const known = await this.ledger.transactionByTxId(txId);
            if (known) return { code: known.code, blockNumber: known.blockNumber };
            return await committed;
        } finally {
            waiters.delete(settle);
            if (waiters.size === 0 && this.waiting.get(txId) === waiters) this.waiting.delete(txId);
        }
    }
}
