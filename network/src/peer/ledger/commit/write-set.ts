import type { HashedWrite, MetadataEntry, TxRwSet, Version, Write } from '../../../fabric/rwset';
import { encodeMetadata } from '../store/entries';
import { hex, sha256 } from '../store/keys';
import type { StateView } from '../store/ledger-store';
import { collectionSpace, splitSpace } from './updates';
import type { BlockUpdates, SpaceUpdates, Update } from './updates';

/**
 * What a transaction does to a key. Fabric *adds* the flags up, so a write set that names a key twice (no endorser makes one)
 * ends as another operation; the same state needs the same arithmetic.
 */
const UPSERT = 1;
const METADATA_UPDATE = 2;
const METADATA_DELETE = 4;
const DELETE = 8;
const BYTE = 0xff;

const HASH_OF_NOTHING = hex(sha256(''));

interface KeyOperation {
    flags: number;
    value: Uint8Array | undefined;
    metadata: Uint8Array | undefined;
}

/** An empty value deletes, as does the hash of one. */
export function isDeletion(write: Write): boolean {
    return write.isDelete || write.value.length === 0;
}

export function isHashedDeletion(write: HashedWrite): boolean {
    return write.isDelete || write.valueHash.length === 0 || hex(write.valueHash) === HASH_OF_NOTHING;
}

class SpaceOperations {
    readonly #spaces = new Map<string, Map<string, KeyOperation>>();

    write(space: string, key: string, deletes: boolean, value: Uint8Array): void {
        const operation = this.#operation(space, key);
        if (deletes) {
            operation.flags += DELETE;
        } else {
            operation.flags += UPSERT;
            operation.value = value;
        }
        operation.flags &= BYTE;
    }

    metadata(space: string, key: string, entries: readonly MetadataEntry[]): void {
        const operation = this.#operation(space, key);
        const metadata = encodeMetadata(entries);
        operation.flags = (operation.flags + (metadata === undefined ? METADATA_DELETE : METADATA_UPDATE)) & BYTE;
        if (metadata !== undefined) {
            operation.metadata = metadata;
        }
    }

    *[Symbol.iterator](): Iterator<[string, string, KeyOperation]> {
        for (const [space, operations] of this.#spaces) {
            for (const [key, operation] of operations) {
                yield [space, key, operation];
            }
        }
    }

    #operation(space: string, key: string): KeyOperation {
        const keys = this.#spaces.get(space) ?? new Map<string, KeyOperation>();
        this.#spaces.set(space, keys);
        const operation = keys.get(key) ?? { flags: 0, value: undefined, metadata: undefined };
        keys.set(key, operation);
        return operation;
    }
}

function isComplete({ flags }: KeyOperation): boolean {
    const upserts = (flags & UPSERT) !== 0;
    return (flags & DELETE) !== 0 || (upserts && (flags & (METADATA_UPDATE | METADATA_DELETE)) !== 0);
}

type Latest = (space: string, key: string) => Pick<Update, 'value' | 'metadata'> | undefined;

/**
 * The update that an operation comes to: a value alone keeps the key's metadata, metadata alone keep its value and are nothing
 * where there is none. (Metadata of a key that was deleted earlier in the block crash Fabric's peer; here the key stays deleted.)
 */
function settle(operation: KeyOperation, version: Version, latest: () => ReturnType<Latest>): Update | undefined {
    if ((operation.flags & DELETE) !== 0) {
        return { value: undefined, metadata: undefined, version };
    }
    if (isComplete(operation)) {
        return { value: operation.value, metadata: operation.metadata, version };
    }
    const before = latest();
    if ((operation.flags | UPSERT) === UPSERT) {
        return { value: operation.value, metadata: before?.metadata, version };
    }
    return before?.value === undefined ? undefined : { value: before.value, metadata: operation.metadata, version };
}

function apply(operations: SpaceOperations, updates: SpaceUpdates, version: Version, committed: Latest): void {
    for (const [space, key, operation] of operations) {
        const update = settle(operation, version, () => updates.get(space, key) ?? committed(space, key));
        if (update !== undefined) {
            updates.set(space, key, update);
        }
    }
}

/** Adds a valid transaction's public and hashed writes to the block's updates. */
export function applyWriteSet(set: TxRwSet, version: Version, updates: BlockUpdates, state: StateView): void {
    const publicOperations = new SpaceOperations();
    const hashedOperations = new SpaceOperations();
    for (const { name, writes, metadataWrites, collections } of set.namespaces) {
        for (const write of writes) {
            publicOperations.write(name, write.key, isDeletion(write), write.value);
        }
        for (const { key, entries } of metadataWrites) {
            publicOperations.metadata(name, key, entries);
        }
        for (const collection of collections) {
            const space = collectionSpace(name, collection.name);
            for (const write of collection.hashedWrites) {
                hashedOperations.write(space, hex(write.keyHash), isHashedDeletion(write), write.valueHash);
            }
            for (const { keyHash, entries } of collection.hashedMetadataWrites) {
                hashedOperations.metadata(space, hex(keyHash), entries);
            }
        }
    }
    apply(publicOperations, updates.public, version, (namespace, key) => state.state(namespace, key));
    apply(hashedOperations, updates.hashed, version, (space, keyHash) => {
        const { namespace, collection } = splitSpace(space);
        return state.hashed(namespace, collection, keyHash);
    });
}
