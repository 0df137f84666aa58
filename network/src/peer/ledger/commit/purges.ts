import type { PvtRwSet, TxRwSet, Version } from '../../../fabric/rwset';
import { decodePvtRwSet, encodePvtRwSet } from '../../../fabric/rwset';
import { KEY, RANGE, heightAtEnd, hex, sha256 } from '../store/keys';
import type { LedgerStore, Operation } from '../store/ledger-store';
import type { BlockUpdates } from './updates';
import { collectionSpace, splitSpace } from './updates';

function isOlder(one: Version, other: Version): boolean {
    return one.block < other.block || (one.block === other.block && one.tx <= other.tx);
}

/** What of a private write set is left when its key is purged. */
function without(set: PvtRwSet, isPurged: (space: string, key: string) => boolean): PvtRwSet {
    return {
        namespaces: set.namespaces.map((namespace) => ({
            ...namespace,
            collections: namespace.collections.map((collection) => {
                const space = collectionSpace(namespace.name, collection.name);
                return {
                    ...collection,
                    writes: collection.writes.filter(({ key }) => !isPurged(space, key)),
                    metadataWrites: collection.metadataWrites.filter(({ key }) => !isPurged(space, key)),
                };
            }),
        })),
    };
}

/** The private keys that a block's valid transactions purge: value and history leave the peer, the hash says so. */
export class Purges {
    /** By collection and hash of the key: the last purge. */
    readonly #versions = new Map<string, Map<string, Version>>();

    add(set: TxRwSet, version: Version): void {
        for (const { name, collections } of set.namespaces) {
            for (const collection of collections) {
                for (const { keyHash } of collection.hashedWrites.filter(({ isPurge }) => isPurge)) {
                    const space = collectionSpace(name, collection.name);
                    const keys = this.#versions.get(space) ?? new Map<string, Version>();
                    this.#versions.set(space, keys.set(hex(keyHash), version));
                }
            }
        }
    }

    get isEmpty(): boolean {
        return this.#versions.size === 0;
    }

    /** A write set of this block, written at `version`, as it may be stored. */
    strip(set: PvtRwSet, version: Version): PvtRwSet {
        return this.isEmpty
            ? set
            : without(set, (space, key) => {
                  const purged = this.#versions.get(space)?.get(hex(sha256(key)));
                  return purged !== undefined && isOlder(version, purged);
              });
    }

    /** Deletes values and rewrites the write sets of earlier blocks that hold a purged key. */
    async operations(store: LedgerStore, updates: BlockUpdates): Promise<Operation[]> {
        const operations: Operation[] = [];
        const rewritten = new Map<string, PvtRwSet>();
        for (const [space, keys] of this.#versions) {
            for (const [keyHash, version] of keys) {
                const { namespace, collection } = splitSpace(space);
                for await (const [index, value] of store.entries(RANGE.privateWrites(namespace, collection, keyHash))) {
                    operations.push({ type: 'del', key: index });
                    const key = value.toString();
                    this.#deleteValue(space, key, version, updates);
                    rewrite(store, rewritten, index, space, key);
                }
            }
        }
        for (const [key, set] of rewritten) {
            operations.push({ type: 'put', key, value: Buffer.from(encodePvtRwSet(set)) });
        }
        return operations;
    }

    #deleteValue(space: string, key: string, version: Version, updates: BlockUpdates): void {
        const latest = updates.private.get(space, key);
        if (latest === undefined || isOlder(latest.version, version)) {
            updates.private.set(space, key, { value: undefined, metadata: undefined, version });
        }
    }
}

function rewrite(
    store: LedgerStore,
    rewritten: Map<string, PvtRwSet>,
    index: string,
    space: string,
    key: string,
): void {
    const { block, tx } = heightAtEnd(index);
    const setKey = KEY.privateSet(block, tx);
    const stored = store.get(setKey);
    const set = rewritten.get(setKey) ?? (stored && decodePvtRwSet(stored));
    if (set !== undefined) {
        rewritten.set(
            setKey,
            without(set, (otherSpace, otherKey) => otherSpace === space && otherKey === key),
        );
    }
}
