import { ledger } from '@hyperledger/fabric-protos';
import { LEDGER_KEYS, type KeyType } from '@commonwatt/chaincode/api/catalogue/keys';
import { readable, readableText } from './readable';

const { kvrwset } = ledger.rwset;

/** What a transaction writes, as far as the channel shows it. */
export type DecodedWrite = PublicWriteOf | PrivateWriteOf;

export interface PublicWriteOf {
    readonly isPrivate: false;
    readonly namespace: string;
    /** Of our catalogue, and with as many parts as it says. */
    readonly kind: KeyType | undefined;
    /** After the kind; of other keys the key itself. */
    readonly parts: readonly string[];
    /** Undefined where the record is deleted. */
    readonly value: string | undefined;
    readonly setsPolicy: boolean;
}

export interface PrivateWriteOf {
    readonly isPrivate: true;
    readonly namespace: string;
    readonly collection: string;
    readonly keyHash: string;
    /** Undefined where the record is deleted. */
    readonly valueHash: string | undefined;
}

/** What stands between the parts of a composite key, as Fabric joins them. */
const SEPARATOR = '\u0000';

/** Ours have less than half. What a stranger has written under a longer one is shown and no record: PostgreSQL's indexes take no more than about 2,700 bytes. */
const LONGEST_KEY_BYTES = 512;

const kinds: ReadonlyMap<string, KeyType> = new Map(
    (Object.keys(LEDGER_KEYS) as KeyType[]).map((kind) => [
        `${LEDGER_KEYS[kind].chaincode}/${LEDGER_KEYS[kind].type}`,
        kind,
    ]),
);

/** Of TxReadWriteSet bytes, in the order they have there. @throws Error where they are none */
export function decodeWrites(bytes: Uint8Array): DecodedWrite[] {
    const set = ledger.rwset.TxReadWriteSet.deserializeBinary(bytes);
    return set.getNsRwsetList().flatMap((space) => {
        const namespace = readableText(space.getNamespace());
        return [
            ...publicWrites(namespace, kvrwset.KVRWSet.deserializeBinary(space.getRwset_asU8())),
            ...space.getCollectionHashedRwsetList().flatMap((collection) => privateWrites(namespace, collection)),
        ];
    });
}

function publicWrites(namespace: string, set: ledger.rwset.kvrwset.KVRWSet): PublicWriteOf[] {
    const governed = new Set(set.getMetadataWritesList().map((metadata) => metadata.getKey()));
    return set.getWritesList().map((write) => ({
        isPrivate: false,
        namespace,
        ...placeOf(namespace, write.getKey()),
        value: write.getIsDelete() ? undefined : readable(write.getValue_asU8()),
        setsPolicy: governed.has(write.getKey()),
    }));
}

/** A key by its kind and parts, where the catalogue knows it in this chaincode. */
function placeOf(namespace: string, key: string): Pick<PublicWriteOf, 'kind' | 'parts'> {
    if (key.startsWith(SEPARATOR) && key.endsWith(SEPARATOR) && Buffer.byteLength(key) <= LONGEST_KEY_BYTES) {
        const [type = '', ...parts] = key.slice(1, -1).split(SEPARATOR);
        const kind = kinds.get(`${namespace}/${type}`);
        if (kind !== undefined && parts.length === LEDGER_KEYS[kind].parts.length) {
            return { kind, parts: parts.map(readableText) };
        }
    }
    return { kind: undefined, parts: [readableText(key)] };
}

function privateWrites(namespace: string, collection: ledger.rwset.CollectionHashedReadWriteSet): PrivateWriteOf[] {
    const name = readableText(collection.getCollectionName());
    const hashed = kvrwset.HashedRWSet.deserializeBinary(collection.getHashedRwset_asU8());
    return hashed.getHashedWritesList().map((write) => ({
        isPrivate: true,
        namespace,
        collection: name,
        keyHash: Buffer.from(write.getKeyHash_asU8()).toString('hex'),
        valueHash: write.getIsDelete() ? undefined : Buffer.from(write.getValueHash_asU8()).toString('hex'),
    }));
}
