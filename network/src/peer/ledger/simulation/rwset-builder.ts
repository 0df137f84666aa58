import type {
    CollectionHashedRwSet,
    HashedMetadataWrite,
    HashedRead,
    HashedWrite,
    MetadataEntry,
    MetadataWrite,
    NamespaceRwSet,
    PrivateCollectionRwSet,
    PrivateNamespaceRwSet,
    PvtRwSet,
    RangeQuery,
    Read,
    TxRwSet,
    Version,
    Write,
} from '../../../fabric/rwset';
import { encodePrivateCollection } from '../../../fabric/rwset';
import { sortedEntries } from '../store/key-order';
import { sha256 } from '../store/keys';

const NOTHING = new Uint8Array();

interface CollectionSets {
    readonly reads: Map<string, HashedRead>;
    readonly hashedWrites: Map<string, HashedWrite>;
    readonly hashedMetadata: Map<string, HashedMetadataWrite>;
    readonly writes: Map<string, Write>;
    readonly metadata: Map<string, MetadataWrite>;
}

interface NamespaceSets {
    readonly reads: Map<string, Read>;
    readonly writes: Map<string, Write>;
    readonly metadata: Map<string, MetadataWrite>;
    readonly ranges: Map<string, RangeQuery>;
    readonly collections: Map<string, CollectionSets>;
}

function getOrMake<V>(map: Map<string, V>, key: string, make: () => V): V {
    const found = map.get(key);
    if (found !== undefined) {
        return found;
    }
    const made = make();
    map.set(key, made);
    return made;
}

const emptyNamespace = (): NamespaceSets => ({
    reads: new Map(),
    writes: new Map(),
    metadata: new Map(),
    ranges: new Map(),
    collections: new Map(),
});

const emptyCollection = (): CollectionSets => ({
    reads: new Map(),
    hashedWrites: new Map(),
    hashedMetadata: new Map(),
    writes: new Map(),
    metadata: new Map(),
});

const read = (key: string, version: Version | undefined): Read => (version === undefined ? { key } : { key, version });

/** Entries as Fabric writes them: by name. */
function metadataEntries(metadata: ReadonlyMap<string, Uint8Array>): readonly MetadataEntry[] {
    return sortedEntries(metadata).map(([name, value]) => ({ name, value }));
}

/** Collects what one transaction reads and writes. The last write of a key counts; an empty value deletes. */
export class RwSetBuilder {
    readonly #namespaces = new Map<string, NamespaceSets>();

    addRead(namespace: string, key: string, version: Version | undefined): void {
        this.#namespace(namespace).reads.set(key, read(key, version));
    }

    /** A range that was read twice in the same way is kept once, as it was the first time. */
    addRange(namespace: string, range: RangeQuery): void {
        const id = JSON.stringify([range.startKey, range.endKey, range.itrExhausted]);
        getOrMake(this.#namespace(namespace).ranges, id, () => range);
    }

    addWrite(namespace: string, key: string, value: Uint8Array): void {
        this.#namespace(namespace).writes.set(key, { key, isDelete: value.length === 0, value });
    }

    addMetadata(namespace: string, key: string, metadata: ReadonlyMap<string, Uint8Array>): void {
        this.#namespace(namespace).metadata.set(key, { key, entries: metadataEntries(metadata) });
    }

    addHashedRead(namespace: string, collection: string, key: string, version: Version | undefined): void {
        const keyHash = sha256(key);
        this.#collection(namespace, collection).reads.set(
            key,
            version === undefined ? { keyHash } : { keyHash, version },
        );
    }

    addPrivateWrite(namespace: string, collection: string, key: string, value: Uint8Array, isPurge = false): void {
        const isDelete = value.length === 0;
        const sets = this.#collection(namespace, collection);
        sets.writes.set(key, { key, isDelete, value });
        sets.hashedWrites.set(key, {
            keyHash: sha256(key),
            isDelete,
            valueHash: isDelete ? NOTHING : sha256(value),
            isPurge,
        });
    }

    /** The private set names the key alone: whoever has its value has to raise its version with the hash's. */
    addPrivateMetadata(
        namespace: string,
        collection: string,
        key: string,
        metadata: ReadonlyMap<string, Uint8Array>,
    ): void {
        const sets = this.#collection(namespace, collection);
        sets.metadata.set(key, { key, entries: [] });
        sets.hashedMetadata.set(key, { keyHash: sha256(key), entries: metadataEntries(metadata) });
    }

    /** Keys with a write or a metadata write: ['' or the collection, key]. */
    *writtenKeys(): Iterable<{ namespace: string; collection: string; key: string }> {
        for (const [namespace, sets] of this.#namespaces) {
            for (const key of new Set([...sets.writes.keys(), ...sets.metadata.keys()])) {
                yield { namespace, collection: '', key };
            }
            for (const [collection, { writes, metadata }] of sets.collections) {
                for (const key of new Set([...writes.keys(), ...metadata.keys()])) {
                    yield { namespace, collection, key };
                }
            }
        }
    }

    build(): { readonly publicSet: TxRwSet; readonly private: PvtRwSet | undefined } {
        const names = sortedEntries(this.#namespaces);
        const privateNamespaces = names.map(([name, sets]) => privateNamespace(name, sets));
        const written = privateNamespaces.filter(({ collections }) => collections.length > 0);
        return {
            publicSet: { namespaces: names.map(([name, sets]) => publicNamespace(name, sets)) },
            private: written.length === 0 ? undefined : { namespaces: written },
        };
    }

    #namespace(name: string): NamespaceSets {
        return getOrMake(this.#namespaces, name, emptyNamespace);
    }

    #collection(namespace: string, name: string): CollectionSets {
        return getOrMake(this.#namespace(namespace).collections, name, emptyCollection);
    }
}

/** Values by the order of their keys' bytes. */
function inOrder<V>(map: ReadonlyMap<string, V>): V[] {
    return sortedEntries(map).map(([, value]) => value);
}

function privateCollection(name: string, sets: CollectionSets): PrivateCollectionRwSet | undefined {
    return sets.writes.size === 0 && sets.metadata.size === 0
        ? undefined
        : { name, reads: [], writes: inOrder(sets.writes), metadataWrites: inOrder(sets.metadata) };
}

function privateNamespace(name: string, sets: NamespaceSets): PrivateNamespaceRwSet {
    const collections = sortedEntries(sets.collections)
        .map(([collection, collectionSets]) => privateCollection(collection, collectionSets))
        .filter((collection) => collection !== undefined);
    return { name, collections };
}

function hashedCollection(name: string, sets: CollectionSets): CollectionHashedRwSet {
    const plaintext = privateCollection(name, sets);
    return {
        name,
        hashedReads: inOrder(sets.reads),
        hashedWrites: inOrder(sets.hashedWrites),
        hashedMetadataWrites: inOrder(sets.hashedMetadata),
        pvtRwSetHash: plaintext === undefined ? NOTHING : sha256(encodePrivateCollection(plaintext)),
    };
}

function publicNamespace(name: string, sets: NamespaceSets): NamespaceRwSet {
    return {
        name,
        reads: inOrder(sets.reads),
        writes: inOrder(sets.writes),
        rangeQueries: [...sets.ranges.values()],
        metadataWrites: inOrder(sets.metadata),
        collections: sortedEntries(sets.collections).map(([collection, collectionSets]) =>
            hashedCollection(collection, collectionSets),
        ),
    };
}
