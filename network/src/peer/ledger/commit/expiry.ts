import type { PvtRwSet, Version } from '../../../fabric/rwset';
import { decodePvtRwSet, encodePvtRwSet } from '../../../fabric/rwset';
import { KEY, RANGE, hex, parseExpiry, sha256 } from '../store/keys';
import type { LedgerStore, Operation, StateView } from '../store/ledger-store';
import type { BlockUpdates } from './updates';
import { collectionSpace, splitSpace } from './updates';
import type { BlocksToLive } from './validated';

/** Raw keys of the private updates of a block, by collection and hash. */
function rawKeys(updates: BlockUpdates): Map<string, string> {
    const found = new Map<string, string>();
    for (const [space, keys] of updates.private.spaces) {
        for (const key of keys.keys()) {
            found.set(collectionSpace(space, hex(sha256(key))), key);
        }
    }
    return found;
}

/** Notes when the private keys that a block writes will expire: so many blocks after it, and one more. */
export function scheduleExpiries(updates: BlockUpdates, block: number, blocksToLive: BlocksToLive): Operation[] {
    const operations: Operation[] = [];
    let raw: Map<string, string> | undefined;
    for (const [space, keys] of updates.hashed.spaces) {
        const { namespace, collection } = splitSpace(space);
        const lives = blocksToLive(namespace, collection);
        if (lives === 0) {
            continue;
        }
        raw ??= rawKeys(updates);
        for (const [keyHash, { value }] of keys) {
            if (value !== undefined) {
                const key = KEY.expiry(block + lives + 1, block, namespace, collection, keyHash);
                const rawKey = raw.get(collectionSpace(space, keyHash)) ?? '';
                operations.push({ type: 'put', key, value: Buffer.from(rawKey) });
            }
        }
    }
    return operations;
}

/**
 * Deletes what expires with a block: keys that were not written since. To be called when the commit hash is made: Fabric expires
 * keys after it, in secret as it were.
 */
export async function applyExpiries(
    store: LedgerStore,
    state: StateView,
    updates: BlockUpdates,
    block: number,
): Promise<Operation[]> {
    if (!store.holdsExpiries) {
        return [];
    }
    const operations: Operation[] = [];
    const expired = new Map<number, Set<string>>();
    for await (const [index, value] of store.entries(RANGE.expiries(block))) {
        operations.push({ type: 'del', key: index });
        const entry = { ...parseExpiry(index), key: value.toString() };
        const space = collectionSpace(entry.namespace, entry.collection);
        expired.set(entry.written, (expired.get(entry.written) ?? new Set()).add(space));
        expire(entry, space, state, updates, { block, tx: 0 });
    }
    for (const [written, spaces] of expired) {
        operations.push(...(await withoutCollections(store, written, spaces)));
    }
    return operations;
}

interface Expiring {
    /** The block that wrote it. */
    readonly written: number;
    readonly namespace: string;
    readonly collection: string;
    readonly keyHash: string;
    /** Empty where the peer had no plaintext. */
    readonly key: string;
}

function expire(
    { written, namespace, collection, keyHash, key }: Expiring,
    space: string,
    state: StateView,
    updates: BlockUpdates,
    version: Version,
): void {
    const gone = { value: undefined, metadata: undefined, version };
    const hashIsOld = state.hashedVersion(namespace, collection, keyHash)?.block === written;
    if (hashIsOld && !updates.hashed.has(space, keyHash)) {
        updates.hashed.set(space, keyHash, gone);
    }
    if (key === '' || updates.private.has(space, key)) {
        return;
    }
    if (hashIsOld || state.private(namespace, collection, key)?.version.block === written) {
        updates.private.set(space, key, gone);
    }
}

/** Stored write sets of a block without those of expired collections. */
async function withoutCollections(
    store: LedgerStore,
    block: number,
    spaces: ReadonlySet<string>,
): Promise<Operation[]> {
    const operations: Operation[] = [];
    for await (const [key, value] of store.entries(RANGE.privateSets(block))) {
        const set: PvtRwSet = {
            namespaces: decodePvtRwSet(value).namespaces.map(({ name, collections }) => ({
                name,
                collections: collections.filter((one) => !spaces.has(collectionSpace(name, one.name))),
            })),
        };
        operations.push({ type: 'put', key, value: Buffer.from(encodePvtRwSet(set)) });
    }
    return operations;
}
