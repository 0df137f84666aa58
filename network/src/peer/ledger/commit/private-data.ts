import type {
    CollectionHashedRwSet,
    PrivateCollectionRwSet,
    PrivateNamespaceRwSet,
    PvtRwSet,
    TxRwSet,
    Version,
} from '../../../fabric/rwset';
import { encodePrivateCollection } from '../../../fabric/rwset';
import { hex, sha256 } from '../store/keys';
import type { StateView } from '../store/ledger-store';
import type { BlockUpdates } from './updates';
import { collectionSpace, splitSpace } from './updates';
import type { Membership } from './validated';
import { isDeletion } from './write-set';

interface CollectionName {
    readonly namespace: string;
    readonly collection: string;
}

/** A transaction's plaintext that this peer has, and what it ought to have and has not. */
export interface GatheredPrivateData {
    readonly rwset: PvtRwSet | undefined;
    readonly missing: readonly CollectionName[];
}

const NOTHING: GatheredPrivateData = { rwset: undefined, missing: [] };

function findPlaintext(
    held: readonly PvtRwSet[],
    namespace: string,
    { name, pvtRwSetHash }: CollectionHashedRwSet,
): PrivateCollectionRwSet | undefined {
    const expected = hex(pvtRwSetHash);
    return held
        .flatMap(({ namespaces }) => namespaces.filter((one) => one.name === namespace))
        .flatMap(({ collections }) => collections.filter((one) => one.name === name))
        .find((collection) => hex(sha256(encodePrivateCollection(collection))) === expected);
}

/** Finds the plaintext that belongs to a transaction's hashes, of the collections that this peer is a member of. */
export function gatherPrivateData(
    set: TxRwSet,
    isMember: Membership,
    held: () => readonly PvtRwSet[],
): GatheredPrivateData {
    const wanted = set.namespaces.flatMap(({ name, collections }) =>
        collections
            .filter((one) => one.hashedWrites.length > 0 || one.hashedMetadataWrites.length > 0)
            .filter((one) => isMember(name, one.name))
            .map((collection) => ({ namespace: name, collection })),
    );
    if (wanted.length === 0) {
        return NOTHING;
    }
    const sets = held();
    const missing: CollectionName[] = [];
    const namespaces = new Map<string, PrivateCollectionRwSet[]>();
    for (const { namespace, collection } of wanted) {
        const plaintext = findPlaintext(sets, namespace, collection);
        if (plaintext === undefined) {
            missing.push({ namespace, collection: collection.name });
        } else {
            namespaces.set(namespace, [...(namespaces.get(namespace) ?? []), plaintext]);
        }
    }
    const found = [...namespaces].map(([name, collections]): PrivateNamespaceRwSet => ({ name, collections }));
    return { rwset: found.length === 0 ? undefined : { namespaces: found }, missing };
}

/** Keys whose metadata alone may have changed: the versions of their plaintext have to follow the hashes'. */
export class PrivateMetadataWrites {
    readonly #keys = new Map<string, Set<string>>();

    add(space: string, key: string): void {
        const keys = this.#keys.get(space) ?? new Set();
        this.#keys.set(space, keys.add(key));
    }

    /** After all transactions of the block: raises the version of plaintext that is still the one the hash stands for. */
    raiseVersions(updates: BlockUpdates, state: StateView): void {
        for (const [space, keys] of this.#keys) {
            for (const key of keys) {
                raiseVersion(space, key, updates, state);
            }
        }
    }
}

function raiseVersion(space: string, key: string, updates: BlockUpdates, state: StateView): void {
    const hashed = updates.hashed.get(space, hex(sha256(key)));
    const { namespace, collection } = splitSpace(space);
    const latest = updates.private.get(space, key) ?? state.private(namespace, collection, key);
    if (hashed?.value === undefined || latest?.value === undefined) {
        return;
    }
    if (hex(sha256(latest.value)) === hex(hashed.value)) {
        updates.private.set(space, key, { value: latest.value, metadata: undefined, version: hashed.version });
    }
}

/** Adds a valid transaction's plaintext to the block's updates. */
export function applyPrivateData(
    set: PvtRwSet,
    version: Version,
    updates: BlockUpdates,
    metadataWrites: PrivateMetadataWrites,
): void {
    for (const { name, collections } of set.namespaces) {
        for (const collection of collections) {
            const space = collectionSpace(name, collection.name);
            for (const write of collection.writes) {
                const value = isDeletion(write) ? undefined : write.value;
                updates.private.set(space, write.key, { value, metadata: undefined, version });
            }
            for (const { key } of collection.metadataWrites) {
                metadataWrites.add(space, key);
            }
        }
    }
}
