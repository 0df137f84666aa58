import type { TxRwSet } from '../../fabric/rwset';

export interface BlockLimits {
    readonly maxMessageCount: number;
    readonly preferredMaxBytes: number;
}

/** The block that a proposer puts together, and what may still come into it. */
export class BlockDraft {
    readonly #limits: BlockLimits;
    readonly #txIds = new Set<string>();
    readonly #deletedKeys = new Set<string>();
    #bytes = 0;
    #isClosed = false;

    constructor(limits: BlockLimits) {
        this.#limits = limits;
    }

    has(txId: string): boolean {
        return this.#txIds.has(txId);
    }

    /** Whether this one comes into the block, which it always does as the first, or begins the next. */
    takes(length: number, rwSet: TxRwSet | 'alone'): boolean {
        const { maxMessageCount, preferredMaxBytes } = this.#limits;
        return (
            this.#txIds.size === 0 ||
            (rwSet !== 'alone' &&
                !this.#isClosed &&
                this.#txIds.size < maxMessageCount &&
                this.#bytes + length <= preferredMaxBytes &&
                !this.#setsMetadataOfDeleted(rwSet))
        );
    }

    add(txId: string, length: number, rwSet: TxRwSet | 'alone'): void {
        this.#txIds.add(txId);
        this.#bytes += length;
        if (rwSet === 'alone') {
            this.#isClosed = true;
            return;
        }
        for (const key of keysOf(rwSet, 'deleted')) {
            this.#deletedKeys.add(key);
        }
    }

    /**
     * Fabric's peers end when a transaction sets metadata of a key, without writing it, that an earlier one of the same
     * block deletes. In the next block the same transaction does nothing, and no harm.
     */
    #setsMetadataOfDeleted(rwSet: TxRwSet): boolean {
        return this.#deletedKeys.size > 0 && keysOf(rwSet, 'metadata').some((key) => this.#deletedKeys.has(key));
    }
}

function keysOf({ namespaces }: TxRwSet, which: 'deleted' | 'metadata'): string[] {
    return namespaces.flatMap(({ name, writes, metadataWrites, collections }) => [
        ...(which === 'deleted' ? writes.filter(deletes) : metadataWrites).map(({ key }) => `${name}\0\0${key}`),
        ...collections.flatMap((each) =>
            (which === 'deleted' ? each.hashedWrites.filter(deletes) : each.hashedMetadataWrites).map(
                ({ keyHash }) => `${name}\0${each.name}\0${Buffer.from(keyHash).toString('hex')}`,
            ),
        ),
    ]);
}

/** A write of nothing is a deletion too. */
function deletes(
    write: { isDelete: boolean; value: Uint8Array } | { isDelete: boolean; valueHash: Uint8Array },
): boolean {
    return write.isDelete || ('value' in write ? write.value : write.valueHash).length === 0;
}
