import { common, peer } from '@hyperledger/fabric-protos';

import { encodeBlock, headerHash, setCommitHash, setValidationFlags } from '../../../fabric/blocks';
import type { TxRwSet, Version } from '../../../fabric/rwset';
import type { CommittedTransaction } from '../api';
import { KEY } from '../store/keys';
import type { Operation, StateView, Tip } from '../store/ledger-store';
import { commitHash } from './commit-hash';
import { checkReads } from './mvcc';
import { BlockUpdates, storedUpdates } from './updates';
import type { ValidatedTransaction } from './validated';
import { applyWriteSet } from './write-set';

const { VALID } = peer.TxValidationCode;
const NOTHING = Buffer.alloc(0);
/** Where Fabric keeps the channel's configuration in the state. */
const CONFIG_NAMESPACE = '';
const CONFIG_KEY = 'CHANNEL_CONFIG_ENV_BYTES';

/** A valid transaction's writes with the place where it stands. */
export interface Applied {
    readonly txId: string;
    readonly rwset: TxRwSet;
    readonly version: Version;
}

/**
 * What a block comes to on every peer of the channel: a function of the block and of the channel's state before it, whosever copy of that
 * state it was worked out from. Not to be changed by those who share it.
 */
export interface BlockOutcome {
    /** With this channel's metadata: codes and commit hash. */
    readonly block: common.Block;
    readonly tip: Tip;
    /** As they were validated: among them the configuration, if there is one. */
    readonly validated: readonly ValidatedTransaction[];
    readonly transactions: readonly CommittedTransaction[];
    readonly applied: readonly Applied[];
    /** Public and hashed; private data are each peer's own. */
    readonly updates: BlockUpdates;
    /** The block, its indexes and the public state. */
    readonly operations: readonly Operation[];
    readonly touchedNamespaces: ReadonlySet<string>;
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

/** Judges the reads of a block's validated transactions, and works out what the valid ones write. Reads committed state, writes nothing. */
export async function outcomeOf(
    block: common.Block,
    validated: readonly ValidatedTransaction[],
    state: StateView,
    tip: Tip,
): Promise<BlockOutcome> {
    const working = new Working(state, tip.height);
    const transactions: CommittedTransaction[] = [];
    for (const [tx, transaction] of validated.entries()) {
        transactions.push(await working.add(transaction, tx));
    }
    const { updates, applied } = working;
    const codes = Uint8Array.from(transactions, ({ code }) => code);
    const hash = tip.height === 0 ? tip.commitHash : commitHash(codes, updates, tip.commitHash);
    const own = withOwnMetadata(block);
    setValidationFlags(own, codes);
    if (tip.height > 0) {
        setCommitHash(own, hash);
    }
    const next: Tip = {
        height: tip.height + 1,
        lastBlockHash: headerHash(block.getHeader() ?? new common.BlockHeader()),
        commitHash: hash,
        configBlock: updates.public.has(CONFIG_NAMESPACE, CONFIG_KEY) ? tip.height : tip.configBlock,
    };
    const operations: readonly Operation[] = [
        ...working.operations,
        ...storedUpdates(updates.public, KEY.state),
        { type: 'put', key: KEY.block(tip.height), value: Buffer.from(encodeBlock(own)) },
        { type: 'put', key: KEY.blockOfHash(next.lastBlockHash), value: Buffer.from(String(tip.height)) },
    ];
    const touchedNamespaces = new Set([...updates.public.spaces].map(([namespace]) => namespace));
    return { block: own, tip: next, validated, transactions, applied, updates, operations, touchedNamespaces };
}

/** A block's transactions so far. */
class Working {
    readonly updates = new BlockUpdates();
    readonly applied: Applied[] = [];
    readonly operations: Operation[] = [];
    readonly #state: StateView;
    readonly #number: number;
    readonly #indexed = new Set<string>();

    constructor(state: StateView, number: number) {
        this.#state = state;
        this.#number = number;
    }

    async add(transaction: ValidatedTransaction, tx: number): Promise<CommittedTransaction> {
        const { txId, type, chaincodeEvent } = transaction;
        const code = await this.#finalCode(transaction);
        if (code === VALID) {
            this.#apply(transaction, { block: this.#number, tx });
        }
        this.#index(txId, tx, code);
        return code === VALID && chaincodeEvent !== undefined
            ? { txId, type, code, chaincodeEvent }
            : { txId, type, code };
    }

    async #finalCode({ code, rwset }: ValidatedTransaction): Promise<number> {
        return code === VALID && rwset !== undefined ? checkReads(rwset, this.updates, this.#state) : code;
    }

    #apply({ txId, config, rwset }: ValidatedTransaction, version: Version): void {
        if (config !== undefined) {
            const update = { value: config, metadata: undefined, version };
            this.updates.public.set(CONFIG_NAMESPACE, CONFIG_KEY, update);
        }
        if (rwset !== undefined) {
            applyWriteSet(rwset, version, this.updates, this.#state);
            this.#noteHistory(rwset, version);
            this.applied.push({ txId, rwset, version });
        }
    }

    #noteHistory(rwset: TxRwSet, { block, tx }: Version): void {
        for (const { name, writes } of rwset.namespaces) {
            for (const { key } of writes) {
                this.operations.push({ type: 'put', key: KEY.history(name, key, block, tx), value: NOTHING });
            }
        }
    }

    /** The first transaction with an id keeps it; a later one is a duplicate or belongs to nobody. */
    #index(txId: string, tx: number, code: number): void {
        if (txId === '' || this.#indexed.has(txId) || this.#state.hasTransaction(txId)) {
            return;
        }
        this.#indexed.add(txId);
        const value = Buffer.from(JSON.stringify([this.#number, tx, code]));
        this.operations.push({ type: 'put', key: KEY.transaction(txId), value });
    }
}
