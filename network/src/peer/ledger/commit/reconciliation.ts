import { blockEnvelopes, decodeBlock } from '../../../fabric/blocks';
import { parseEnvelope } from '../../../fabric/envelopes';
import {
    decodePrivateCollection,
    decodePvtRwSet,
    encodePvtRwSet,
    type PrivateCollectionRwSet,
    type PvtRwSet,
    type Write,
} from '../../../fabric/rwset';
import type { MissingPrivateData } from '../api';
import { encodeEntry } from '../store/entries';
import { KEY, hex, sha256 } from '../store/keys';
import type { LedgerStore, Operation } from '../store/ledger-store';
import { isDeletion } from './write-set';

/** SHA-256 that the block says the collection's part of the transaction has. */
function expectedHash(
    store: LedgerStore,
    { block, tx, namespace, collection }: MissingPrivateData,
): string | undefined {
    const bytes = store.get(KEY.block(block));
    const envelope = bytes && blockEnvelopes(decodeBlock(bytes))[tx];
    const set = envelope && parseEnvelope(envelope).transaction().rwSet;
    const found = set?.namespaces
        .find(({ name }) => name === namespace)
        ?.collections.find(({ name }) => name === collection);
    return found && hex(found.pvtRwSetHash);
}

function withCollection(before: PvtRwSet, namespace: string, added: PrivateCollectionRwSet): PvtRwSet {
    const present = before.namespaces.find(({ name }) => name === namespace);
    const others = before.namespaces.filter(({ name }) => name !== namespace);
    return { namespaces: [...others, { name: namespace, collections: [...(present?.collections ?? []), added] }] };
}

/**
 * What to write when plaintext that was missing has come from another member, KVRWSet bytes. Undefined where nothing is missing or
 * it is not what the block says. Only what still stands is kept: not what was overwritten, deleted, purged or has expired since.
 */
export function reconciliation(
    store: LedgerStore,
    missing: MissingPrivateData,
    plaintext: Uint8Array,
): readonly Operation[] | undefined {
    const { block, tx, namespace, collection } = missing;
    const noted = KEY.missing(block, tx, namespace, collection);
    if (store.get(noted) === undefined || expectedHash(store, missing) !== hex(sha256(plaintext))) {
        return undefined;
    }
    const operations: Operation[] = [{ type: 'del', key: noted }];
    const set = decodePrivateCollection(collection, plaintext);
    const kept: Write[] = [];
    for (const write of set.writes) {
        const keyHash = hex(sha256(write.key));
        const hashed = store.committed.hashed(namespace, collection, keyHash);
        if (isDeletion(write) || hashed === undefined || hex(hashed.value) !== hex(sha256(write.value))) {
            continue;
        }
        kept.push(write);
        const entry = { value: write.value, metadata: undefined, version: hashed.version };
        operations.push(
            { type: 'put', key: KEY.private(namespace, collection, write.key), value: encodeEntry(entry) },
            {
                type: 'put',
                key: KEY.privateWrite(namespace, collection, keyHash, block, tx),
                value: Buffer.from(write.key),
            },
        );
    }
    const stored = store.get(KEY.privateSet(block, tx));
    const before = stored === undefined ? { namespaces: [] } : decodePvtRwSet(stored);
    const after = withCollection(before, namespace, { ...set, writes: kept });
    operations.push({ type: 'put', key: KEY.privateSet(block, tx), value: Buffer.from(encodePvtRwSet(after)) });
    return operations;
}
