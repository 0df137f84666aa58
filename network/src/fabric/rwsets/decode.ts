import { ledger } from '@hyperledger/fabric-protos';
import { decode } from '../wire';
import type {
    CollectionHashedRwSet,
    MetadataEntry,
    MetadataWrite,
    NamespaceRwSet,
    PrivateCollectionRwSet,
    PvtRwSet,
    RangeQuery,
    Read,
    TxRwSet,
    Version,
    Write,
} from './model';

const { kvrwset } = ledger.rwset;

function versionOf(message: ledger.rwset.kvrwset.Version | undefined): { version?: Version } {
    return message === undefined ? {} : { version: { block: message.getBlockNum(), tx: message.getTxNum() } };
}

function readOf(message: ledger.rwset.kvrwset.KVRead): Read {
    return { key: message.getKey(), ...versionOf(message.getVersion()) };
}

function writeOf(message: ledger.rwset.kvrwset.KVWrite): Write {
    return { key: message.getKey(), isDelete: message.getIsDelete(), value: message.getValue_asU8() };
}

function entryOf(message: ledger.rwset.kvrwset.KVMetadataEntry): MetadataEntry {
    return { name: message.getName(), value: message.getValue_asU8() };
}

function metadataOf(message: ledger.rwset.kvrwset.KVMetadataWrite): MetadataWrite {
    return { key: message.getKey(), entries: message.getEntriesList().map(entryOf) };
}

function rangeOf(message: ledger.rwset.kvrwset.RangeQueryInfo): RangeQuery {
    const summary = message.getReadsMerkleHashes();
    const range = {
        startKey: message.getStartKey(),
        endKey: message.getEndKey(),
        itrExhausted: message.getItrExhausted(),
        reads: message.getRawReads()?.getKvReadsList().map(readOf) ?? [],
    };
    if (summary === undefined) return range;
    const maxLevelHashes = summary.getMaxLevelHashesList_asU8();
    return { ...range, merkle: { maxDegree: summary.getMaxDegree(), maxLevel: summary.getMaxLevel(), maxLevelHashes } };
}

function collectionOf(message: ledger.rwset.CollectionHashedReadWriteSet): CollectionHashedRwSet {
    const name = message.getCollectionName();
    const hashed = decode(kvrwset.HashedRWSet, message.getHashedRwset_asU8(), `read-write set of collection ${name}`);
    return {
        name,
        hashedReads: hashed
            .getHashedReadsList()
            .map((read) => ({ keyHash: read.getKeyHash_asU8(), ...versionOf(read.getVersion()) })),
        hashedWrites: hashed.getHashedWritesList().map((write) => ({
            keyHash: write.getKeyHash_asU8(),
            isDelete: write.getIsDelete(),
            valueHash: write.getValueHash_asU8(),
            isPurge: write.getIsPurge(),
        })),
        hashedMetadataWrites: hashed
            .getMetadataWritesList()
            .map((write) => ({ keyHash: write.getKeyHash_asU8(), entries: write.getEntriesList().map(entryOf) })),
        pvtRwSetHash: message.getPvtRwsetHash_asU8(),
    };
}

function namespaceOf(message: ledger.rwset.NsReadWriteSet): NamespaceRwSet {
    const name = message.getNamespace();
    const set = decode(kvrwset.KVRWSet, message.getRwset_asU8(), `read-write set of namespace ${name}`);
    return {
        name,
        reads: set.getReadsList().map(readOf),
        writes: set.getWritesList().map(writeOf),
        rangeQueries: set.getRangeQueriesInfoList().map(rangeOf),
        metadataWrites: set.getMetadataWritesList().map(metadataOf),
        collections: message.getCollectionHashedRwsetList().map(collectionOf),
    };
}

/** From TxReadWriteSet bytes, in the order they have there. Throws FormatError. */
export function decodeRwSet(bytes: Uint8Array): TxRwSet {
    const message = decode(ledger.rwset.TxReadWriteSet, bytes, 'read-write set');
    return { namespaces: message.getNsRwsetList().map(namespaceOf) };
}

/** From KVRWSet bytes of one collection's plaintext. Throws FormatError. */
export function decodePrivateCollection(name: string, bytes: Uint8Array): PrivateCollectionRwSet {
    const set = decode(kvrwset.KVRWSet, bytes, `private read-write set of collection ${name}`);
    return {
        name,
        reads: set.getReadsList().map(readOf),
        writes: set.getWritesList().map(writeOf),
        metadataWrites: set.getMetadataWritesList().map(metadataOf),
    };
}

/** From TxPvtReadWriteSet bytes. Throws FormatError. */
export function decodePvtRwSet(bytes: Uint8Array): PvtRwSet {
    const message = decode(ledger.rwset.TxPvtReadWriteSet, bytes, 'private read-write set');
    const namespaces = message.getNsPvtRwsetList().map((namespace) => ({
        name: namespace.getNamespace(),
        collections: namespace
            .getCollectionPvtRwsetList()
            .map((plaintext) => decodePrivateCollection(plaintext.getCollectionName(), plaintext.getRwset_asU8())),
    }));
    return { namespaces };
}
