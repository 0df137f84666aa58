import type { common } from '@hyperledger/fabric-protos';

import type { PvtRwSet, TxRwSet, Version } from '../../fabric/rwset';

/** A key of the world state as a peer keeps it; the version is where it was last written (value or metadata). */
export interface StateEntry {
    readonly value: Uint8Array;
    readonly version: Version;
    readonly metadata: ReadonlyMap<string, Uint8Array>;
}

/** What the channel knows of a private key: the hash of its value. */
export interface HashedEntry {
    readonly valueHash: Uint8Array;
    readonly version: Version;
    readonly metadata: ReadonlyMap<string, Uint8Array>;
}

export interface KeyValue {
    readonly key: string;
    readonly value: Uint8Array;
}

/** The results of a range query, one page after the other; close it when it is not read to the end. */
export interface RangeIterator {
    /** The next result, or undefined when there is none left: only that call marks the range as exhausted in the read set. */
    next(): Promise<KeyValue | undefined>;
    /** Where the next page begins, '' after the last: for paginated queries only. */
    bookmark(): Promise<string>;
    close(): Promise<void>;
}

/** What a simulated transaction read and would write. */
export interface SimulationResults {
    readonly publicSet: TxRwSet;
    /** TxReadWriteSet as it goes into the chaincode action. */
    readonly publicBytes: Uint8Array;
    /** Plaintext of the private writes, absent when there are none. */
    readonly private: PvtRwSet | undefined;
    readonly privateBytes: Uint8Array | undefined;
    /** Keys written or whose metadata was written, with the policy they have in the state now ('' is the public set): for endorsement planning. */
    readonly keyPolicies: readonly {
        readonly namespace: string;
        readonly collection: string;
        readonly policy: Uint8Array;
    }[];
    /** Collections whose plaintext was read. */
    readonly privateReads: readonly { readonly namespace: string; readonly collection: string }[];
}

/** Reads of one committed height. Errors carry Fabric's texts where a client may see them. */
export interface StateReader {
    /** Number of blocks the state contains. */
    readonly height: number;
    getState(namespace: string, key: string): Promise<Uint8Array | undefined>;
    getStateMetadata(namespace: string, key: string): Promise<ReadonlyMap<string, Uint8Array>>;
    /** Start inclusive, end exclusive, '' is open; pageSize 0 or absent reads to the end. */
    getStateRange(namespace: string, startKey: string, endKey: string, pageSize?: number): RangeIterator;
    getPrivateData(namespace: string, collection: string, key: string): Promise<Uint8Array | undefined>;
    getPrivateDataHash(namespace: string, collection: string, key: string): Promise<Uint8Array | undefined>;
    getPrivateDataMetadata(
        namespace: string,
        collection: string,
        key: string,
    ): Promise<ReadonlyMap<string, Uint8Array>>;
    getPrivateDataRange(namespace: string, collection: string, startKey: string, endKey: string): RangeIterator;
    /** Gives the snapshot back; idempotent. */
    close(): Promise<void>;
}

/**
 * One transaction's simulation: it reads a snapshot, never its own writes, and collects the read-write set.
 * Writes throw at once what Fabric refuses (writes after private or paginated queries, unknown collections).
 */
export interface Simulator extends StateReader {
    readonly txId: string;
    putState(namespace: string, key: string, value: Uint8Array): void;
    deleteState(namespace: string, key: string): void;
    /** Replaces all metadata of the key; an empty map deletes it. */
    putStateMetadata(namespace: string, key: string, metadata: ReadonlyMap<string, Uint8Array>): void;
    putPrivateData(namespace: string, collection: string, key: string, value: Uint8Array): void;
    deletePrivateData(namespace: string, collection: string, key: string): void;
    purgePrivateData(namespace: string, collection: string, key: string): void;
    putPrivateDataMetadata(
        namespace: string,
        collection: string,
        key: string,
        metadata: ReadonlyMap<string, Uint8Array>,
    ): void;
    /** Once only; the snapshot stays open until close(). */
    done(): SimulationResults;
}

/** One modification of a key, newest first in a history. */
export interface KeyModification {
    readonly txId: string;
    readonly value: Uint8Array;
    readonly timestamp: { readonly seconds: number; readonly nanos: number };
    readonly isDelete: boolean;
}

export interface ChaincodeEvent {
    readonly chaincodeId: string;
    readonly txId: string;
    readonly eventName: string;
    readonly payload: Uint8Array;
}

/** What became of one transaction of a block. */
export interface CommittedTransaction {
    readonly txId: string;
    /** common.HeaderType: 3 is an endorser transaction, 1 a configuration. */
    readonly type: number;
    /** peer.TxValidationCode */
    readonly code: number;
    /** Only of valid transactions. */
    readonly chaincodeEvent?: ChaincodeEvent;
}

/** Sent to listeners after the block is on disk, in order. */
export interface CommitEvent {
    readonly number: number;
    readonly block: common.Block;
    readonly transactions: readonly CommittedTransaction[];
    /** Set when the block replaced the channel's configuration. */
    readonly isConfig: boolean;
    /** Namespaces whose public state the block changed. */
    readonly touchedNamespaces: ReadonlySet<string>;
}

/** Must not throw: the block is committed. */
export type CommitListener = (event: CommitEvent) => void;

/** A processed transaction as qscc returns it. */
export interface ProcessedTransaction {
    readonly envelope: Uint8Array;
    readonly code: number;
    readonly blockNumber: number;
}

/** A collection whose plaintext a valid transaction wrote, this peer may see, and has not got. */
export interface MissingPrivateData {
    readonly block: number;
    readonly tx: number;
    readonly namespace: string;
    readonly collection: string;
}

/** Plaintext of one committed transaction, for DeliverWithPrivateData. */
export interface CommittedPrivateData {
    readonly tx: number;
    readonly rwset: PvtRwSet;
}
