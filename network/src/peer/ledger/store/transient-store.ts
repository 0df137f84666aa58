import type { PvtRwSet } from '../../../fabric/rwset';
import { decodePvtRwSet, encodePvtRwSet } from '../../../fabric/rwset';
import { KEY, RANGE, parseTransient } from './keys';
import type { LedgerStore, Operation } from './ledger-store';

/** Fabric's default: what is not committed within this many blocks is forgotten. */
export const RETENTION_BLOCKS = 1000;
const HEIGHT_BYTES = 6;

interface Held {
    readonly position: number;
    readonly height: number;
}

interface Waiting {
    readonly operation: Operation;
    readonly resolve: () => void;
    readonly reject: (why: unknown) => void;
}

/** Plaintext of private writes between endorsement and commit. */
export class TransientStore {
    readonly #store: LedgerStore;
    /** What the database holds, so that transactions without private writes cost no look-up. */
    readonly #held = new Map<string, readonly Held[]>();
    /** Endorsements that came while the disk was busy: they share the next write. */
    #waiting: Waiting[] = [];
    #isWriting = false;

    private constructor(store: LedgerStore) {
        this.#store = store;
    }

    static async open(store: LedgerStore): Promise<TransientStore> {
        const transient = new TransientStore(store);
        for await (const [key, value] of store.entries(RANGE.allTransient)) {
            const { txId, position } = parseTransient(key);
            transient.#hold(txId, { position, height: value.readUIntBE(0, HEIGHT_BYTES) });
        }
        return transient;
    }

    /** Keeps an endorsement's private writes; a transaction may be endorsed more than once. */
    async persist(txId: string, rwset: PvtRwSet, height: number): Promise<void> {
        const position = (this.#held.get(txId)?.at(-1)?.position ?? -1) + 1;
        this.#hold(txId, { position, height });
        const value = Buffer.alloc(HEIGHT_BYTES);
        value.writeUIntBE(height, 0, HEIGHT_BYTES);
        await this.#write({
            type: 'put',
            key: KEY.transient(txId, position),
            value: Buffer.concat([value, encodePvtRwSet(rwset)]),
        });
    }

    ofTransaction(txId: string): PvtRwSet[] {
        return (this.#held.get(txId) ?? [])
            .map(({ position }) => this.#store.get(KEY.transient(txId, position)))
            .filter((value) => value !== undefined)
            .map((value) => decodePvtRwSet(value.subarray(HEIGHT_BYTES)));
    }

    /** What to delete with a block: its transactions' writes, and now and then those that never came. */
    purge(txIds: readonly string[], block: number): Operation[] {
        const gone = txIds.filter((txId) => this.#held.has(txId));
        if (block % RETENTION_BLOCKS === 0 && block > RETENTION_BLOCKS) {
            gone.push(...this.#heldBelow(block - RETENTION_BLOCKS));
        }
        return [...new Set(gone)].flatMap((txId) =>
            (this.#held.get(txId) ?? []).map(({ position }): Operation => ({
                type: 'del',
                key: KEY.transient(txId, position),
            })),
        );
    }

    /** To be called when the operations of `purge` are on disk. */
    purged(operations: readonly Operation[]): void {
        for (const { key } of operations) {
            this.#held.delete(parseTransient(key).txId);
        }
    }

    get size(): number {
        return this.#held.size;
    }

    #write(operation: Operation): Promise<void> {
        return new Promise((resolve, reject) => {
            this.#waiting.push({ operation, resolve, reject });
            if (!this.#isWriting) {
                void this.#writeWaiting();
            }
        });
    }

    async #writeWaiting(): Promise<void> {
        this.#isWriting = true;
        while (this.#waiting.length > 0) {
            const group = this.#waiting;
            this.#waiting = [];
            try {
                await this.#store.write(group.map(({ operation }) => operation));
                group.forEach(({ resolve }) => {
                    resolve();
                });
            } catch (failure) {
                group.forEach(({ reject }) => {
                    reject(failure);
                });
            }
        }
        this.#isWriting = false;
    }

    #heldBelow(height: number): string[] {
        return [...this.#held].filter(([, held]) => held.every((one) => one.height < height)).map(([txId]) => txId);
    }

    #hold(txId: string, held: Held): void {
        this.#held.set(txId, [...(this.#held.get(txId) ?? []), held]);
    }
}
