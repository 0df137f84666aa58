import { peer } from '@hyperledger/fabric-protos';

import type { CollectionHashedRwSet, NamespaceRwSet, TxRwSet } from '../../../fabric/rwset';
import { sameVersion } from '../store/entries';
import { hex } from '../store/keys';
import type { StateView } from '../store/ledger-store';
import { rangeIsUnchanged } from './phantom';
import { collectionSpace } from './updates';
import type { BlockUpdates } from './updates';

const { VALID, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT } = peer.TxValidationCode;

function readsAreCurrent(set: NamespaceRwSet, updates: BlockUpdates, state: StateView): boolean {
    return set.reads.every(
        ({ key, version }) =>
            !updates.public.has(set.name, key) && sameVersion(state.stateVersion(set.name, key), version),
    );
}

function hashedReadsAreCurrent(
    namespace: string,
    collection: CollectionHashedRwSet,
    updates: BlockUpdates,
    state: StateView,
): boolean {
    const space = collectionSpace(namespace, collection.name);
    return collection.hashedReads.every(({ keyHash, version }) => {
        const key = hex(keyHash);
        return (
            !updates.hashed.has(space, key) &&
            sameVersion(state.hashedVersion(namespace, collection.name, key), version)
        );
    });
}

async function rangesAreUnchanged(set: NamespaceRwSet, updates: BlockUpdates, state: StateView): Promise<boolean> {
    for (const range of set.rangeQueries) {
        if (!(await rangeIsUnchanged(set.name, range, updates.public, state))) {
            return false;
        }
    }
    return true;
}

/**
 * Whether everything the transaction read is still as it read it, in the state and in what earlier valid transactions of the
 * block write. Namespace by namespace: reads, ranges, hashed reads; the first conflict names the code.
 */
export async function checkReads(
    set: TxRwSet,
    updates: BlockUpdates,
    state: StateView,
): Promise<peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap]> {
    for (const namespace of set.namespaces) {
        if (!readsAreCurrent(namespace, updates, state)) {
            return MVCC_READ_CONFLICT;
        }
        if (namespace.rangeQueries.length > 0 && !(await rangesAreUnchanged(namespace, updates, state))) {
            return PHANTOM_READ_CONFLICT;
        }
        if (!namespace.collections.every((one) => hashedReadsAreCurrent(namespace.name, one, updates, state))) {
            return MVCC_READ_CONFLICT;
        }
    }
    return VALID;
}
