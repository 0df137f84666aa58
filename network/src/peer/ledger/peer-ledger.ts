import type { common } from '@hyperledger/fabric-protos';

import { blockEnvelopes, decodeBlock } from '../../fabric/blocks';
import type { PvtRwSet } from '../../fabric/rwset';
import { decodePvtRwSet } from '../../fabric/rwset';
import type {
    CommitEvent,
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
import { BlockCommit } from './commit/block-commit';
import { outcomeOf, type BlockOutcome } from './commit/block-outcome';
import { reconciliation } from './commit/reconciliation';
import type { CollectionRules, ValidatedTransaction } from './commit/validated';
import { historyOf } from './history';
import { SnapshotReader } from './simulation/state-reader';
import type { CollectionNames } from './simulation/state-reader';
import { TransactionSimulator } from './simulation/transaction-simulator';
import { codesDigest, stateDigest } from './state-digest';
import { decodeMetadata } from './store/entries';
import { KEY, RANGE, heightAtEnd, hex, parseMissing } from './store/keys';
import { LedgerCorrupt, LedgerStore, type LedgerFailed } from './store/ledger-store';
import type { StateView, Tip } from './store/ledger-store';
import { TransientStore } from './store/transient-store';

interface TransactionIndex {
    readonly block: number;
    readonly tx: number;
    readonly code: number;
}

/** One peer's copy of one channel: blocks, indexes, state, private data and what endorsements left in transit. */
export class PeerLedger {
    readonly #store: LedgerStore;
    readonly #transient: TransientStore;
    readonly #collectionNames: CollectionNames;
    readonly #listeners = new Set<CommitListener>();
    #tip: Tip;

    private constructor(store: LedgerStore, transient: TransientStore, collectionNames: CollectionNames) {
        this.#store = store;
        this.#transient = transient;
        this.#collectionNames = collectionNames;
        this.#tip = store.tip();
    }

    /** `collectionNames` says which collections a simulation may name. */
    static async open(directory: string, collectionNames: CollectionNames): Promise<PeerLedger> {
        const store = await LedgerStore.open(directory);
        return new PeerLedger(store, await TransientStore.open(store), collectionNames);
    }

    /** Called once, when the disk fails: nothing more is written before the ledger is opened anew. */
    onFailure(listener: (failure: LedgerFailed) => void): void {
        this.#store.onFailure(listener);
    }

    /** Number of committed blocks. */
    get height(): number {
        return this.#tip.height;
    }

    /** Hash of the last block's header; empty before the genesis block. */
    get lastBlockHash(): Uint8Array {
        return this.#tip.lastBlockHash;
    }

    /** Fabric's commit hash: two peers with the same hash have the same codes and the same channel state. */
    get commitHash(): Uint8Array {
        return this.#tip.commitHash;
    }

    /** Number of the block that holds the configuration in force. */
    get configBlock(): number {
        return this.#tip.configBlock;
    }

    /** Committed state, for validation: read at once, of the last height. */
    get committed(): StateView {
        return this.#store.committed;
    }

    /** The same for the judgement of one block. */
    viewForBlock(): StateView {
        return this.#store.viewForBlock();
    }

    /** Undefined for blocks that are not there yet. */
    blockByNumber(number: number): Promise<common.Block | undefined> {
        const bytes = number >= 0 && number < this.height ? this.#store.get(KEY.block(number)) : undefined;
        return Promise.resolve(bytes && decodeBlock(bytes));
    }

    blockByHash(hash: Uint8Array): Promise<common.Block | undefined> {
        const number = this.#store.get(KEY.blockOfHash(hash));
        return number === undefined ? Promise.resolve(undefined) : this.blockByNumber(Number(number.toString()));
    }

    blockByTxId(txId: string): Promise<common.Block | undefined> {
        const index = this.#transactionIndex(txId);
        return index === undefined ? Promise.resolve(undefined) : this.blockByNumber(index.block);
    }

    /** A transaction with its validation code; of several with the same id, the first. */
    async transactionByTxId(txId: string): Promise<ProcessedTransaction | undefined> {
        const index = this.#transactionIndex(txId);
        if (index === undefined) {
            return undefined;
        }
        const block = await this.blockByNumber(index.block);
        const envelope = block && blockEnvelopes(block)[index.tx];
        if (envelope === undefined) {
            throw new LedgerCorrupt(`block ${index.block} has no transaction ${index.tx}, the index says ${txId}`);
        }
        return { envelope, code: index.code, blockNumber: index.block };
    }

    /** Whether a committed block holds a transaction with this id, whatever became of it. */
    hasTransaction(txId: string): boolean {
        return this.committed.hasTransaction(txId);
    }

    state(namespace: string, key: string): Promise<StateEntry | undefined> {
        const entry = this.committed.state(namespace, key);
        return Promise.resolve(entry && { ...entry, metadata: decodeMetadata(entry.metadata) });
    }

    privateState(namespace: string, collection: string, key: string): Promise<Uint8Array | undefined> {
        return Promise.resolve(this.committed.private(namespace, collection, key)?.value);
    }

    privateHash(namespace: string, collection: string, keyHash: Uint8Array): Promise<HashedEntry | undefined> {
        const entry = this.committed.hashed(namespace, collection, hex(keyHash));
        return Promise.resolve(
            entry && {
                valueHash: entry.value,
                version: entry.version,
                metadata: decodeMetadata(entry.metadata),
            },
        );
    }

    /** Modifications of a key by valid transactions, newest first. */
    history(namespace: string, key: string): AsyncIterable<KeyModification> {
        return historyOf(this.#store, namespace, key);
    }

    /** Plaintext that this peer stored with a block. */
    async privateDataOfBlock(number: number): Promise<readonly CommittedPrivateData[]> {
        const found: CommittedPrivateData[] = [];
        for await (const [key, value] of this.#store.entries(RANGE.privateSets(number))) {
            found.push({ tx: heightAtEnd(key).tx, rwset: decodePvtRwSet(value) });
        }
        return found;
    }

    /** Plaintext of valid transactions that this peer ought to have and has not. */
    async missingPrivateData(): Promise<readonly MissingPrivateData[]> {
        const found: MissingPrivateData[] = [];
        for await (const [key] of this.#store.entries(RANGE.allMissing)) {
            found.push(parseMissing(key));
        }
        return found;
    }

    /**
     * Takes in plaintext that was missing, KVRWSet bytes from another member. False where nothing is missing or the block says another hash.
     * Not while a block is being committed.
     */
    async reconcile(missing: MissingPrivateData, plaintext: Uint8Array): Promise<boolean> {
        const operations = reconciliation(this.#store, missing, plaintext);
        if (operations === undefined) {
            return false;
        }
        await this.#store.write(operations);
        return true;
    }

    /** Reads of the last committed height. */
    reader(): StateReader {
        return new SnapshotReader(this.#store.snapshot(), this.height, this.#collectionNames);
    }

    simulator(txId: string): Simulator {
        return new TransactionSimulator(txId, this.#store.snapshot(), this.height, this.#collectionNames);
    }

    /** On disk when it resolves: only then may the endorsement be returned. */
    persistTransient(txId: string, rwset: PvtRwSet): Promise<void> {
        return this.#transient.persist(txId, rwset, this.height);
    }

    /** Transactions whose plaintext waits for their commit. */
    get transientTransactions(): number {
        return this.#transient.size;
    }

    /** SHA-256 over all channel state (public and hashed), hex: for comparing peers. */
    stateDigest(): Promise<string> {
        return stateDigest(this.#store);
    }

    /** SHA-256 over the validation codes of all blocks, hex. */
    codesDigest(): Promise<string> {
        return codesDigest(this.#store);
    }

    /** What a block of validated transactions comes to. The caller has verified the block. */
    outcomeOf(
        block: common.Block,
        transactions: readonly ValidatedTransaction[],
        state: StateView = this.viewForBlock(),
    ): Promise<BlockOutcome> {
        return outcomeOf(block, transactions, state, this.#tip);
    }

    /**
     * Writes everything the block changes in one step. The outcome is this peer's own or that of another with the same state. The caller
     * calls once at a time.
     */
    async commit(
        outcome: BlockOutcome,
        collections: CollectionRules,
        state: StateView = this.viewForBlock(),
    ): Promise<CommitEvent> {
        const surroundings = { store: this.#store, state, transient: this.#transient, collections };
        const { operations, transientPurges } = await new BlockCommit(surroundings, outcome).prepare();
        await this.#store.write(operations);
        this.#transient.purged(transientPurges);
        const number = this.#tip.height;
        this.#tip = outcome.tip;
        const { block, transactions, tip, touchedNamespaces } = outcome;
        return { number, block, transactions, isConfig: tip.configBlock === number, touchedNamespaces };
    }

    /** Tells the listeners of a committed block. */
    announce(event: CommitEvent): void {
        for (const listener of this.#listeners) {
            listener(event);
        }
    }

    /** Calls the listener for every block committed from now on, in order. Returns the way to stop it. */
    onCommit(listener: CommitListener): () => void {
        this.#listeners.add(listener);
        return () => {
            this.#listeners.delete(listener);
        };
    }

    async close(): Promise<void> {
        this.#listeners.clear();
        await this.#store.close();
    }

    #transactionIndex(txId: string): TransactionIndex | undefined {
        const bytes = this.#store.get(KEY.transaction(txId));
        if (bytes === undefined) {
            return undefined;
        }
        const [block, tx, code] = JSON.parse(bytes.toString()) as [number, number, number];
        // The batch of a block is visible before the block is announced as committed.
        return block < this.height ? { block, tx, code } : undefined;
    }
}
