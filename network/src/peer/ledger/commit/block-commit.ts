import type { PvtRwSet, Version } from '../../../fabric/rwset';
import { encodePvtRwSet } from '../../../fabric/rwset';
import { KEY, hex, sha256 } from '../store/keys';
import { encodeTip } from '../store/ledger-store';
import type { LedgerStore, Operation, StateView } from '../store/ledger-store';
import type { TransientStore } from '../store/transient-store';
import type { Applied, BlockOutcome } from './block-outcome';
import { applyExpiries, scheduleExpiries } from './expiry';
import { PrivateMetadataWrites, applyPrivateData, gatherPrivateData } from './private-data';
import { Purges } from './purges';
import { splitSpace, storedUpdates } from './updates';
import type { BlockUpdates } from './updates';
import type { CollectionRules } from './validated';

const NOTHING = Buffer.alloc(0);

/** A block, ready to be written by one peer. */
export interface PreparedBlock {
    readonly operations: readonly Operation[];
    /** Those among the operations that empty the transient store. */
    readonly transientPurges: readonly Operation[];
}

interface Surroundings {
    readonly store: LedgerStore;
    /** State before the block. */
    readonly state: StateView;
    readonly transient: TransientStore;
    readonly collections: CollectionRules;
}

/** Adds to a block's outcome what it means for one peer: the private data that this peer has, ought to have, and gives up. */
export class BlockCommit {
    readonly #surroundings: Surroundings;
    readonly #outcome: BlockOutcome;
    readonly #updates: BlockUpdates;
    readonly #metadataWrites = new PrivateMetadataWrites();
    readonly #purges = new Purges();
    readonly #operations: Operation[] = [];
    readonly #privateSets: { readonly version: Version; readonly set: PvtRwSet }[] = [];

    constructor(surroundings: Surroundings, outcome: BlockOutcome) {
        this.#surroundings = surroundings;
        this.#outcome = outcome;
        this.#updates = outcome.updates.forOnePeer();
    }

    async prepare(): Promise<PreparedBlock> {
        const { applied, transactions, tip, operations } = this.#outcome;
        for (const each of applied) {
            this.#purges.add(each.rwset, each.version);
            this.#gather(each);
        }
        this.#metadataWrites.raiseVersions(this.#updates, this.#surroundings.state);
        await this.#removePrivateData(tip.height - 1);
        this.#storePrivateSets();
        this.#storeCollections();
        const txIds = transactions.map(({ txId }) => txId);
        const transientPurges = this.#surroundings.transient.purge(txIds, tip.height - 1);
        this.#put(...transientPurges, { type: 'put', key: KEY.tip, value: encodeTip(tip) });
        return { operations: [...operations, ...this.#operations], transientPurges };
    }

    async #removePrivateData(block: number): Promise<void> {
        const { store, state, collections } = this.#surroundings;
        this.#put(...(await this.#purges.operations(store, this.#updates)));
        this.#put(...scheduleExpiries(this.#updates, block, collections.blocksToLive));
        this.#put(...(await applyExpiries(store, state, this.#updates, block)));
    }

    #gather({ txId, rwset, version }: Applied): void {
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

    #storeCollections(): void {
        const key = (of: typeof KEY.hashed) => (space: string, name: string) => {
            const { namespace, collection } = splitSpace(space);
            return of(namespace, collection, name);
        };
        this.#put(...storedUpdates(this.#updates.hashed, key(KEY.hashed)));
        this.#put(...storedUpdates(this.#updates.private, key(KEY.private)));
    }

    #put(...operations: readonly Operation[]): void {
        this.#operations.push(...operations);
    }
}
