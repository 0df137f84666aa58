import type { common } from '@hyperledger/fabric-protos';

import type { PvtRwSet } from '../../fabric/rwset';
import type {
    CommitListener,
    CommittedPrivateData,
    HashedEntry,
    KeyModification,
    MissingPrivateData,
    ProcessedTransaction,
    Simulator,
    StateEntry,
    StateReader,
} from './api';

/** One peer's copy of one channel: blocks, indexes, state, private data and what endorsements left in transit. */
export abstract class PeerLedger {
    /** Number of committed blocks. */
    abstract readonly height: number;
    /** Hash of the last block's header; empty before the genesis block. */
    abstract readonly lastBlockHash: Uint8Array;
    /** Fabric's commit hash: two peers with the same hash have the same codes and the same channel state. */
    abstract readonly commitHash: Uint8Array;

    abstract blockByNumber(number: number): Promise<common.Block | undefined>;
    abstract blockByHash(hash: Uint8Array): Promise<common.Block | undefined>;
    abstract blockByTxId(txId: string): Promise<common.Block | undefined>;
    abstract transactionByTxId(txId: string): Promise<ProcessedTransaction | undefined>;

    abstract state(namespace: string, key: string): Promise<StateEntry | undefined>;
    abstract privateState(namespace: string, collection: string, key: string): Promise<Uint8Array | undefined>;
    abstract privateHash(namespace: string, collection: string, keyHash: Uint8Array): Promise<HashedEntry | undefined>;
    /** Modifications of a key by valid transactions, newest first. */
    abstract history(namespace: string, key: string): AsyncIterable<KeyModification>;
    /** Plaintext that this peer stored with a block. */
    abstract privateDataOfBlock(number: number): Promise<readonly CommittedPrivateData[]>;
    abstract missingPrivateData(): Promise<readonly MissingPrivateData[]>;

    /** Reads of the last committed height. */
    abstract reader(): StateReader;
    abstract simulator(txId: string): Simulator;
    /** On disk when it resolves: only then may the endorsement be returned. */
    abstract persistTransient(txId: string, rwset: PvtRwSet): Promise<void>;
    /** Whether a committed block holds a transaction with this id, whatever became of it. */
    abstract hasTransaction(txId: string): boolean;

    /** SHA-256 over all channel state (public and hashed), hex: for comparing peers. */
    abstract stateDigest(): Promise<string>;
    /** SHA-256 over the validation codes of all blocks, hex. */
    abstract codesDigest(): Promise<string>;

    /** Calls the listener for every block committed from now on, in order. Returns the way to stop it. */
    abstract onCommit(listener: CommitListener): () => void;
    abstract close(): Promise<void>;
}
