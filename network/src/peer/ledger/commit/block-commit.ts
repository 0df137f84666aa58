import { common, peer } from '@hyperledger/fabric-protos';

import { headerHash, setCommitHash, setValidationFlags } from '../../../fabric/blocks';
import { encodeBlock } from '../../../fabric/blocks';
import type { PvtRwSet, TxRwSet, Version } from '../../../fabric/rwset';
import { encodePvtRwSet } from '../../../fabric/rwset';
import type { CommittedTransaction } from '../api';
import { encodeEntry } from '../store/entries';
import { KEY, hex, sha256 } from '../store/keys';
import { encodeTip } from '../store/ledger-store';
import type { LedgerStore, Operation, StateView, Tip } from '../store/ledger-store';
import type { TransientStore } from '../store/transient-store';
import { commitHash } from './commit-hash';
import { applyExpiries, scheduleExpiries } from './expiry';
import { checkReads } from './mvcc';
import { PrivateMetadataWrites, applyPrivateData, gatherPrivateData } from './private-data';
import { Purges } from './purges';
import { BlockUpdates, splitSpace } from './updates';
import type { SpaceUpdates } from './updates';
import type { CollectionRules, ValidatedTransaction } from './validated';
import { applyWriteSet } from './write-set';

const { VALID } = peer.TxValidationCode;
const NOTHING = Buffer.alloc(0);
/** Where Fabric keeps the channel's configuration in the state. */
const CONFIG_NAMESPACE = '';
const CONFIG_KEY = 'CHANNEL_CONFIG_ENV_BYTES';

/** A block's outcome, ready to be written. */
export interface PreparedBlock {
    readonly block: common.Block;
    readonly tip: Tip;
    readonly transactions: readonly CommittedTransaction[];
    readonly operations: readonly Operation[];
    /** Those among the operations that empty the transient store. */
    readonly transientPurges: readonly Operation[];
    readonly touchedNamespaces: ReadonlySet<string>;
}

interface Surroundings {
    readonly store: LedgerStore;
    /** State before the block. */
    readonly state: StateView;
    readonly transient: TransientStore;
    readonly tip: Tip;
    readonly collections: CollectionRules;
}

/** Header and data are shared with the block that came, which stays as it was; metadata are this peer's own. */
function withOwnMetadata(block: common.Block): common.Block {
    const own = new common.Block();
    own.setHeader(block.getHeader());
    own.setData(block.getData());
    const metadata = new common.BlockMetadata();
    metadata.setMetadataList([...(block.getMetadata()?.getMetadataList() ?? [])]);
    own.setMetadata(metadata);
    return own;
}

/** Works out what a block of validated transactions changes. Reads committed state, writes nothing. */
export class BlockCommit {
    readonly #surroundings: Surroundings;
    readonly #number: number;
    readonly #updates = new BlockUpdates();
    readonly #metadataWrites = new PrivateMetadataWrites();
    readonly #purges = new Purges();
    readonly #operations: Operation[] = [];
    readonly #privateSets: { readonly version: Version; readonly set: PvtRwSet }[] = [];
    readonly #indexed = new Set<string>();

    constructor(surroundings: Surroundings) {
        this.#surroundings = surroundings;
        this.#number = surroundings.tip.height;
    }

    async prepare(block: common.Block, transactions: readonly ValidatedTransaction[]): Promise<PreparedBlock> {
        const committed: CommittedTransaction[] = [];
        for (const [tx, transaction] of transactions.entries()) {
            const code = await this.#finalCode(transaction);
            if (code === VALID) {
                this.#apply(transaction, { block: this.#number, tx });
            }
            this.#index(transaction, tx, code);
            committed.push(outcome(transaction, code));
        }
        this.#metadataWrites.raiseVersions(this.#updates, this.#surroundings.state);
        const codes = Uint8Array.from(committed, ({ code }) => code);
        const { tip } = this.#surroundings;
        const hash = this.#number === 0 ? tip.commitHash : commitHash(codes, this.#updates, tip.commitHash);
        await this.#removePrivateData();
        this.#storePrivateSets();
        this.#storeState();
        return this.#finish(block, committed, codes, hash);
    }

    async #removePrivateData(): Promise<void> {
        const { store, state, collections } = this.#surroundings;
        this.#put(...(await this.#purges.operations(store, this.#updates)));
        this.#put(...scheduleExpiries(this.#updates, this.#number, collections.blocksToLive));
        this.#put(...(await applyExpiries(store, state, this.#updates, this.#number)));
    }

    async #finalCode({ code, rwset }: ValidatedTransaction): Promise<number> {
        return code === VALID && rwset !== undefined
            ? checkReads(rwset, this.#updates, this.#surroundings.state)
            : code;
    }

    #apply(transaction: ValidatedTransaction, version: Version): void {
        if (transaction.config !== undefined) {
            this.#updates.public.set(CONFIG_NAMESPACE, CONFIG_KEY, {
                value: transaction.config,
                metadata: undefined,
                version,
            });
        }
        const { rwset } = transaction;
        if (rwset === undefined) {
            return;
        }
        applyWriteSet(rwset, version, this.#updates, this.#surroundings.state);
        this.#purges.add(rwset, version);
        this.#noteHistory(rwset, version);
        this.#gather(transaction.txId, rwset, version);
    }

    #gather(txId: string, rwset: TxRwSet, version: Version): void {
        const { collections, transient } = this.#surroundings;
        const { rwset: set, missing } = gatherPrivateData(rwset, collections.isMember, () =>
            transient.ofTransaction(txId),
        );
        for (const { namespace, collection } of missing) {
            const key = KEY.missing(version.block, version.tx, namespace, collection);
            this.#put({ type: 'put', key, value: NOTHING });
        }
        if (set !== undefined) {
            applyPrivateData(set, version, this.#updates, this.#metadataWrites);
            this.#privateSets.push({ version, set });
        }
    }

    #noteHistory(rwset: TxRwSet, { block, tx }: Version): void {
        for (const { name, writes } of rwset.namespaces) {
            for (const { key } of writes) {
                this.#put({ type: 'put', key: KEY.history(name, key, block, tx), value: NOTHING });
            }
        }
    }

    /** The first transaction with an id keeps it; a later one is a duplicate or belongs to nobody. */
    #index({ txId }: ValidatedTransaction, tx: number, code: number): void {
        if (txId === '' || this.#indexed.has(txId) || this.#surroundings.state.hasTransaction(txId)) {
            return;
        }
        this.#indexed.add(txId);
        const value = Buffer.from(JSON.stringify([this.#number, tx, code]));
        this.#put({ type: 'put', key: KEY.transaction(txId), value });
    }

    #storePrivateSets(): void {
        for (const { version, set } of this.#privateSets) {
            const stored = this.#purges.strip(set, version);
            const key = KEY.privateSet(version.block, version.tx);
            this.#put({ type: 'put', key, value: Buffer.from(encodePvtRwSet(stored)) });
            for (const { name, collections } of stored.namespaces) {
                for (const collection of collections) {
                    this.#notePrivateWrites(name, collection.name, collection.writes, version);
                }
            }
        }
    }

    #notePrivateWrites(
        namespace: string,
        collection: string,
        writes: readonly { readonly key: string }[],
        { block, tx }: Version,
    ): void {
        for (const { key } of writes) {
            const index = KEY.privateWrite(namespace, collection, hex(sha256(key)), block, tx);
            this.#put({ type: 'put', key: index, value: Buffer.from(key) });
        }
    }

    #storeState(): void {
        this.#storeSpaces(this.#updates.public, KEY.state);
        this.#storeSpaces(this.#updates.hashed, (space, keyHash) => {
            const { namespace, collection } = splitSpace(space);
            return KEY.hashed(namespace, collection, keyHash);
        });
        this.#storeSpaces(this.#updates.private, (space, key) => {
            const { namespace, collection } = splitSpace(space);
            return KEY.private(namespace, collection, key);
        });
    }

    #storeSpaces(updates: SpaceUpdates, databaseKey: (space: string, key: string) => string): void {
        for (const [space, keys] of updates.spaces) {
            for (const [name, { value, metadata, version }] of keys) {
                const key = databaseKey(space, name);
                this.#put(
                    value === undefined
                        ? { type: 'del', key }
                        : { type: 'put', key, value: encodeEntry({ value, metadata, version }) },
                );
            }
        }
    }

    #finish(
        block: common.Block,
        transactions: readonly CommittedTransaction[],
        codes: Uint8Array,
        hash: Uint8Array,
    ): PreparedBlock {
        const { tip, transient } = this.#surroundings;
        const own = withOwnMetadata(block);
        setValidationFlags(own, codes);
        if (this.#number > 0) {
            setCommitHash(own, hash);
        }
        const header = block.getHeader() ?? new common.BlockHeader();
        const next: Tip = {
            height: this.#number + 1,
            lastBlockHash: headerHash(header),
            commitHash: hash,
            configBlock: this.#updates.public.has(CONFIG_NAMESPACE, CONFIG_KEY) ? this.#number : tip.configBlock,
        };
        const txIds = transactions.map(({ txId }) => txId);
        const transientPurges = transient.purge(txIds, this.#number);
        this.#put(
            { type: 'put', key: KEY.block(this.#number), value: Buffer.from(encodeBlock(own)) },
            { type: 'put', key: KEY.blockOfHash(next.lastBlockHash), value: Buffer.from(String(this.#number)) },
            ...transientPurges,
            { type: 'put', key: KEY.tip, value: encodeTip(next) },
        );
        return {
            block: own,
            tip: next,
            transactions,
            operations: this.#operations,
            transientPurges,
            touchedNamespaces: new Set([...this.#updates.public.spaces].map(([namespace]) => namespace)),
        };
    }

    #put(...operations: readonly Operation[]): void {
        this.#operations.push(...operations);
    }
}

function outcome({ txId, type, chaincodeEvent }: ValidatedTransaction, code: number): CommittedTransaction {
    return code === VALID && chaincodeEvent !== undefined ? { txId, type, code, chaincodeEvent } : { txId, type, code };
}
