import { ledger } from '@hyperledger/fabric-protos';
import type {
    CollectionHashedRwSet,
    MetadataEntry,
    NamespaceRwSet,
    PrivateCollectionRwSet,
    PvtRwSet,
    RangeQuery,
    Read,
    TxRwSet,
    Version,
    Write,
    MetadataWrite,
} from './model';

const { kvrwset } = ledger.rwset;
const { DataModel } = ledger.rwset.TxReadWriteSet;

/** Order of strings by their UTF-8 bytes, as Go compares them: not JavaScript's order beyond U+FFFF. */
export function compareKeys(a: string, b: string): number {
    const length = Math.min(a.length, b.length);
    for (let index = 0; index < length; index += 1) {
        const [first, second] = [a.charCodeAt(index), b.charCodeAt(index)];
        if (first !== second) return weightOf(first) - weightOf(second);
    }
    return a.length - b.length;
}

const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const PAST_ALL_UNITS = 0x10000;

/** Surrogates stand for code points beyond all others, so they weigh more than any other unit. */
function weightOf(unit: number): number {
    return unit >= FIRST_SURROGATE && unit <= LAST_SURROGATE ? unit + PAST_ALL_UNITS : unit;
}

function sorted<T>(items: readonly T[], nameOf: (item: T) => string): readonly T[] {
    return [...items].sort((a, b) => compareKeys(nameOf(a), nameOf(b)));
}

const byKey = ({ key }: { readonly key: string }): string => key;
const byName = ({ name }: { readonly name: string }): string => name;

function versionMessage(version: Version): ledger.rwset.kvrwset.Version {
    const message = new kvrwset.Version();
    message.setBlockNum(version.block);
    message.setTxNum(version.tx);
    return message;
}

function readMessage({ key, version }: Read): ledger.rwset.kvrwset.KVRead {
    const message = new kvrwset.KVRead();
    message.setKey(key);
    if (version !== undefined) message.setVersion(versionMessage(version));
    return message;
}

function writeMessage({ key, isDelete, value }: Write): ledger.rwset.kvrwset.KVWrite {
    const message = new kvrwset.KVWrite();
    message.setKey(key);
    message.setIsDelete(isDelete);
    message.setValue(value);
    return message;
}

function entryMessages(entries: readonly MetadataEntry[]): ledger.rwset.kvrwset.KVMetadataEntry[] {
    return sorted(entries, byName).map(({ name, value }) => {
        const message = new kvrwset.KVMetadataEntry();
        message.setName(name);
        message.setValue(value);
        return message;
    });
}

function metadataMessage({ key, entries }: MetadataWrite): ledger.rwset.kvrwset.KVMetadataWrite {
    const message = new kvrwset.KVMetadataWrite();
    message.setKey(key);
    message.setEntriesList(entryMessages(entries));
    return message;
}

/** A query that saw nothing carries neither reads nor summary, as Fabric's does. */
function rangeMessage(query: RangeQuery): ledger.rwset.kvrwset.RangeQueryInfo {
    const message = new kvrwset.RangeQueryInfo();
    message.setStartKey(query.startKey);
    message.setEndKey(query.endKey);
    message.setItrExhausted(query.itrExhausted);
    if (query.merkle !== undefined) {
        const summary = new kvrwset.QueryReadsMerkleSummary();
        summary.setMaxDegree(query.merkle.maxDegree);
        summary.setMaxLevel(query.merkle.maxLevel);
        summary.setMaxLevelHashesList([...query.merkle.maxLevelHashes]);
        message.setReadsMerkleHashes(summary);
    } else if (query.reads.length > 0) {
        const reads = new kvrwset.QueryReads();
        reads.setKvReadsList(query.reads.map(readMessage));
        message.setRawReads(reads);
    }
    return message;
}

function publicSet(set: NamespaceRwSet): ledger.rwset.kvrwset.KVRWSet {
    const message = new kvrwset.KVRWSet();
    message.setReadsList(sorted(set.reads, byKey).map(readMessage));
    message.setRangeQueriesInfoList(set.rangeQueries.map(rangeMessage));
    message.setWritesList(sorted(set.writes, byKey).map(writeMessage));
    message.setMetadataWritesList(sorted(set.metadataWrites, byKey).map(metadataMessage));
    return message;
}

function hashedSet(collection: CollectionHashedRwSet): ledger.rwset.kvrwset.HashedRWSet {
    const message = new kvrwset.HashedRWSet();
    message.setHashedReadsList(
        collection.hashedReads.map(({ keyHash, version }) => {
            const read = new kvrwset.KVReadHash();
            read.setKeyHash(keyHash);
            if (version !== undefined) read.setVersion(versionMessage(version));
            return read;
        }),
    );
    message.setHashedWritesList(
        collection.hashedWrites.map(({ keyHash, isDelete, valueHash, isPurge }) => {
            const write = new kvrwset.KVWriteHash();
            write.setKeyHash(keyHash);
            write.setIsDelete(isDelete);
            write.setValueHash(valueHash);
            write.setIsPurge(isPurge);
            return write;
        }),
    );
    message.setMetadataWritesList(
        collection.hashedMetadataWrites.map(({ keyHash, entries }) => {
            const write = new kvrwset.KVMetadataWriteHash();
            write.setKeyHash(keyHash);
            write.setEntriesList(entryMessages(entries));
            return write;
        }),
    );
    return message;
}

function namespaceMessage(namespace: NamespaceRwSet): ledger.rwset.NsReadWriteSet {
    const message = new ledger.rwset.NsReadWriteSet();
    message.setNamespace(namespace.name);
    message.setRwset(publicSet(namespace).serializeBinary());
    message.setCollectionHashedRwsetList(
        sorted(namespace.collections, byName).map((collection) => {
            const hashed = new ledger.rwset.CollectionHashedReadWriteSet();
            hashed.setCollectionName(collection.name);
            hashed.setHashedRwset(hashedSet(collection).serializeBinary());
            hashed.setPvtRwsetHash(collection.pvtRwSetHash);
            return hashed;
        }),
    );
    return message;
}

/**
 * TxReadWriteSet bytes in Fabric's order: namespaces, collections, public keys and metadata names are sorted here, range queries and
 * hashed entries stay as given.
 */
export function encodeRwSet(set: TxRwSet): Uint8Array {
    const message = new ledger.rwset.TxReadWriteSet();
    message.setDataModel(DataModel.KV);
    message.setNsRwsetList(sorted(set.namespaces, byName).map(namespaceMessage));
    return message.serializeBinary();
}

/** KVRWSet bytes of one collection's plaintext; their SHA-256 is the `pvtRwSetHash`. */
export function encodePrivateCollection(collection: PrivateCollectionRwSet): Uint8Array {
    const message = new kvrwset.KVRWSet();
    message.setReadsList(sorted(collection.reads, byKey).map(readMessage));
    message.setWritesList(sorted(collection.writes, byKey).map(writeMessage));
    message.setMetadataWritesList(sorted(collection.metadataWrites, byKey).map(metadataMessage));
    return message.serializeBinary();
}

/** TxPvtReadWriteSet bytes. */
export function encodePvtRwSet(set: PvtRwSet): Uint8Array {
    const message = new ledger.rwset.TxPvtReadWriteSet();
    message.setDataModel(DataModel.KV);
    message.setNsPvtRwsetList(
        sorted(set.namespaces, byName).map(({ name, collections }) => {
            const namespace = new ledger.rwset.NsPvtReadWriteSet();
            namespace.setNamespace(name);
            namespace.setCollectionPvtRwsetList(
                sorted(collections, byName).map((collection) => {
                    const plaintext = new ledger.rwset.CollectionPvtReadWriteSet();
                    plaintext.setCollectionName(collection.name);
                    plaintext.setRwset(encodePrivateCollection(collection));
                    return plaintext;
                }),
            );
            return namespace;
        }),
    );
    return message.serializeBinary();
}
