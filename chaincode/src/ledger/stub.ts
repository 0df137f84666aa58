/** A key with its value, as range queries give it. */
export interface Entry {
    readonly key: string;
    readonly value: Uint8Array;
}

/** A write that waits for its batch. Public state has no collection. */
export type Write =
    | { readonly kind: 'value'; readonly collection?: string; readonly key: string; readonly value: Uint8Array }
    | { readonly kind: 'policy'; readonly key: string; readonly policy: Uint8Array };

/** What a peer takes in one message instead of in many, and how much of it; 0 where it does not. */
export interface Batches {
    readonly maxWrites: number;
    readonly maxReads: number;
    write(writes: readonly Write[]): Promise<void>;
    /** Values of public keys in their order; no bytes where there is none. */
    read(keys: readonly string[]): Promise<readonly Uint8Array[]>;
}

/**
 * The part of Fabric's stub that the ledger needs. Narrow, and without the contract API, so that a test can pass a ledger in
 * memory.
 */
export interface LedgerStub {
    createCompositeKey(objectType: string, attributes: string[]): string;
    splitCompositeKey(compositeKey: string): { readonly attributes: string[] };
    getState(key: string): Promise<Uint8Array>;
    putState(key: string, value: Uint8Array): Promise<void>;
    getStateByPartialCompositeKey(objectType: string, attributes: string[]): AsyncIterable<Entry>;
    /** Answers undefined or no bytes where the key has no policy of its own. */
    getStateValidationParameter(key: string): Promise<Uint8Array | undefined>;
    setStateValidationParameter(key: string, policy: Uint8Array): Promise<void>;
    getPrivateData(collection: string, key: string): Promise<Uint8Array>;
    putPrivateData(collection: string, key: string, value: Uint8Array): Promise<void>;
    /** Value and every trace of it leave the collection and its history; the hashes on the channel stay. Fabric from 2.5. */
    purgePrivateData(collection: string, key: string): Promise<void>;
    getPrivateDataByPartialCompositeKey(
        collection: string,
        objectType: string,
        attributes: string[],
    ): AsyncIterable<Entry>;
    invokeChaincode(
        chaincode: string,
        args: string[],
        channel: string,
    ): Promise<{ status: number; message?: string; payload?: Uint8Array }>;
    /** Not Fabric's stub's own: given to it where the peer takes batches. */
    readonly batches?: Batches | undefined;
}

/** The collection that every organisation has, without being defined: only its own peers hold it. */
export const implicitCollection = (mspId: string): string => `_implicit_org_${mspId}`;
