/** A transaction's height: block and position in it. */
export interface Version {
    readonly block: number;
    readonly tx: number;
}

export interface Read {
    readonly key: string;
    /** Absent when the key did not exist. */
    readonly version?: Version;
}

export interface Write {
    readonly key: string;
    readonly isDelete: boolean;
    readonly value: Uint8Array;
}

/** One range query; they stay in the order in which they were first asked. */
export interface RangeQuery {
    readonly startKey: string;
    readonly endKey: string;
    /** Whether the caller saw the range to its end. */
    readonly itrExhausted: boolean;
    readonly reads: readonly Read[];
    /** Present in sets of peers that summarise long ranges; ours never write it. */
    readonly merkle?: {
        readonly maxDegree: number;
        readonly maxLevel: number;
        readonly maxLevelHashes: readonly Uint8Array[];
    };
}

export interface MetadataEntry {
    readonly name: string;
    readonly value: Uint8Array;
}

export interface MetadataWrite {
    readonly key: string;
    /** None: the key's metadata are deleted. */
    readonly entries: readonly MetadataEntry[];
}

export interface HashedRead {
    readonly keyHash: Uint8Array;
    readonly version?: Version;
}

export interface HashedWrite {
    readonly keyHash: Uint8Array;
    readonly isDelete: boolean;
    readonly valueHash: Uint8Array;
    readonly isPurge: boolean;
}

export interface HashedMetadataWrite {
    readonly keyHash: Uint8Array;
    readonly entries: readonly MetadataEntry[];
}

/** Hashed entries stand in the order of the plaintext keys, which hashes do not show: encoding keeps the order it is given. */
export interface CollectionHashedRwSet {
    readonly name: string;
    readonly hashedReads: readonly HashedRead[];
    readonly hashedWrites: readonly HashedWrite[];
    readonly hashedMetadataWrites: readonly HashedMetadataWrite[];
    /** SHA-256 of the private rwset's bytes; empty when only hashes were read. */
    readonly pvtRwSetHash: Uint8Array;
}

export interface NamespaceRwSet {
    readonly name: string;
    readonly reads: readonly Read[];
    readonly writes: readonly Write[];
    readonly rangeQueries: readonly RangeQuery[];
    readonly metadataWrites: readonly MetadataWrite[];
    readonly collections: readonly CollectionHashedRwSet[];
}

export interface TxRwSet {
    readonly namespaces: readonly NamespaceRwSet[];
}

export interface PrivateCollectionRwSet {
    readonly name: string;
    readonly reads: readonly Read[];
    readonly writes: readonly Write[];
    readonly metadataWrites: readonly MetadataWrite[];
}

export interface PrivateNamespaceRwSet {
    readonly name: string;
    readonly collections: readonly PrivateCollectionRwSet[];
}

export interface PvtRwSet {
    readonly namespaces: readonly PrivateNamespaceRwSet[];
}
