import { common } from '@hyperledger/fabric-protos';

import { blockEnvelopes, blockHeader, headerHash } from '../../fabric/blocks';
import { Bundle } from '../../fabric/channel-config';
import { ConfigUpdateRefused, acceptedConfig } from '../../fabric/config-update';
import { parseEnvelope } from '../../fabric/envelopes';
import { FormatError } from '../../fabric/errors';
import { digestOf } from '../../fabric/wire';
import type { CommitEvent, MissingPrivateData } from '../ledger/api';
import type { CollectionRules, ValidatedTransaction } from '../ledger/commit/validated';
import { PeerLedger } from '../ledger/peer-ledger';
import { hex } from '../ledger/store/keys';
import type { StateView } from '../ledger/store/ledger-store';
import { LIFECYCLE_NAMESPACE, LifecycleStateError } from '../lifecycle-state';
import type { ChaincodeDefinition } from '../lifecycle-state';
import { verifyBlock } from './block-verification';
import { BlockValidator } from './block-validator';
import { CODE } from './codes';
import { PeerCollections, definitionIn } from './collections';
import { BlockRefused, ChannelHalted } from './errors';
import { sharedOutcome } from './shared-outcomes';

export { BlockRefused, ChannelHalted };

export interface PeerChannelOptions {
    /** Directory of the database: one per peer and channel. */
    readonly directory: string;
    readonly mspId: string;
    /** SerializedIdentity bytes of the peer: decides membership in explicit collections. */
    readonly identity: Uint8Array;
}

/** The configuration in force, shared between channel and ledger: simulations ask for it too. */
interface Configured {
    bundle: Bundle;
}

const NO_COLLECTIONS: CollectionRules = { isMember: () => false, blocksToLive: () => 0 };

function genesisHash(block: common.Block): string {
    return hex(headerHash(blockHeader(block)));
}

/** The genesis block is taken on trust: whoever joins a channel has chosen it. */
function genesisTransactions(block: common.Block): ValidatedTransaction[] {
    return blockEnvelopes(block).map((bytes) => {
        const { txId, type, data } = parseEnvelope(bytes);
        return { txId, type, code: CODE.VALID, config: data };
    });
}

/** The configuration on disk, after committing the genesis block where there is nothing on disk yet. */
async function join(ledger: PeerLedger, genesis: common.Block | undefined): Promise<Bundle> {
    if (ledger.height === 0) {
        if (genesis === undefined) {
            throw new Error('there is no ledger yet and no genesis block to begin one with');
        }
        const bundle = Bundle.fromConfigBlock(genesis);
        await ledger.commit(await ledger.outcomeOf(genesis, genesisTransactions(genesis)), NO_COLLECTIONS);
        return bundle;
    }
    const first = (await ledger.blockByNumber(0)) ?? new common.Block();
    if (genesis !== undefined && genesisHash(first) !== genesisHash(genesis)) {
        throw new Error('the ledger on disk begins with another genesis block');
    }
    return Bundle.fromConfigBlock((await ledger.blockByNumber(ledger.configBlock)) ?? first);
}

/** A peer's membership in a channel: verifies, validates and commits blocks one after the other. */
export class PeerChannel {
    readonly ledger: PeerLedger;
    readonly #collections: PeerCollections;
    readonly #configured: Configured;
    readonly #definitions = new Map<string, ChaincodeDefinition | undefined>();
    readonly #collectionRules: CollectionRules = {
        isMember: (chaincode, collection) => this.isMemberOf(chaincode, collection),
        blocksToLive: (chaincode, collection) => this.#blocksToLive(chaincode, collection),
    };
    #queue: Promise<unknown> = Promise.resolve();
    #halted: ChannelHalted | undefined;

    private constructor(ledger: PeerLedger, collections: PeerCollections, configured: Configured) {
        this.ledger = ledger;
        this.#collections = collections;
        this.#configured = configured;
    }

    /** Opens what is on disk; a genesis block is committed when there is nothing yet, and compared when there is. */
    static async open(options: PeerChannelOptions, genesis?: common.Block): Promise<PeerChannel> {
        const collections = new PeerCollections(options.mspId, options.identity);
        let configured: Configured | undefined;
        const ledger = await PeerLedger.open(
            options.directory,
            (namespace, view) => configured && collections.names(namespace, view, configured.bundle),
        );
        try {
            configured = { bundle: await join(ledger, genesis) };
        } catch (error) {
            await ledger.close();
            throw error;
        }
        return new PeerChannel(ledger, collections, configured);
    }

    /** Configuration in force after the last committed block. */
    get bundle(): Bundle {
        return this.#configured.bundle;
    }

    get channelId(): string {
        return this.bundle.channelId;
    }

    /**
     * Checks hash chain and orderers' signatures, validates every transaction as Fabric does, commits, calls listeners.
     * Throws BlockRefused (nothing changed, ask another orderer) or ChannelHalted. Calls are queued.
     */
    commit(block: common.Block): Promise<CommitEvent> {
        const committed = this.#queue.then(() => this.#commit(block));
        this.#queue = committed.catch(() => undefined);
        return committed;
    }

    /** As `PeerLedger.reconcile`, between two blocks. */
    reconcile(missing: MissingPrivateData, plaintext: Uint8Array): Promise<boolean> {
        const done = this.#queue.then(() => this.ledger.reconcile(missing, plaintext));
        this.#queue = done.catch(() => undefined);
        return done;
    }

    /** Committed definition at the last height; undefined when there is none. */
    definition(chaincode: string): ChaincodeDefinition | undefined {
        if (!this.#definitions.has(chaincode)) {
            this.#definitions.set(chaincode, definitionIn(this.ledger.committed, chaincode));
        }
        return this.#definitions.get(chaincode);
    }

    /** Whether this peer keeps the collection's plaintext. */
    isMemberOf(chaincode: string, collection: string): boolean {
        return this.#collections.isMember(collection, () => this.definition(chaincode), this.bundle);
    }

    /** Waits for the commits that were asked for. */
    async close(): Promise<void> {
        await this.#queue;
        await this.ledger.close();
    }

    async #commit(block: common.Block): Promise<CommitEvent> {
        if (this.#halted !== undefined) {
            throw this.#halted;
        }
        try {
            verifyBlock(block, this.ledger, this.bundle);
            const state = this.ledger.viewForBlock();
            const outcome = await sharedOutcome(block, this.ledger.commitHash, () =>
                this.ledger.outcomeOf(block, this.#validate(block, state), state),
            );
            const next = this.#bundleAfter(outcome.validated);
            const event = await this.ledger.commit(outcome, this.#collectionRules, state);
            this.#configured.bundle = next;
            if (event.touchedNamespaces.has(LIFECYCLE_NAMESPACE)) {
                this.#definitions.clear();
            }
            this.ledger.announce(event);
            return event;
        } catch (error) {
            throw this.#remembered(error);
        }
    }

    /** Implicit collections live for ever. */
    #blocksToLive(chaincode: string, collection: string): number {
        const config = this.definition(chaincode)?.collections.find((one) => one.getName() === collection);
        return config?.getBlockToLive() ?? 0;
    }

    /** What halts the channel halts it for the next block too; a restart tries again. */
    #remembered(error: unknown): unknown {
        const halt = error instanceof LifecycleStateError ? new ChannelHalted(error.message) : error;
        if (halt instanceof ChannelHalted) {
            this.#halted = halt;
        }
        return halt;
    }

    #validate(block: common.Block, state: StateView): ValidatedTransaction[] {
        const validator = new BlockValidator(this.bundle, {
            state,
            definition: (chaincode) => this.definition(chaincode),
        });
        return validator.validate(blockEnvelopes(block));
    }

    /**
     * The configuration after a block. Throws ChannelHalted when a new one may not follow the present one: an orderer that lets that
     * through stops Fabric's peers, and another block at this height lets them go on.
     */
    #bundleAfter(transactions: readonly ValidatedTransaction[]): Bundle {
        const configured = transactions.find(({ config }) => config !== undefined);
        if (configured?.config === undefined) {
            return this.bundle;
        }
        if (transactions.length > 1) {
            throw new ChannelHalted('a configuration does not stand alone in its block');
        }
        return configurationAfter(this.bundle, configured.config);
    }
}

/** Configurations found acceptable, by the one before: peers of a process check an update once, and share what it leads to. */
const successors = new WeakMap<Bundle, Map<string, Bundle>>();

function configurationAfter(present: Bundle, config: Uint8Array): Bundle {
    const digest = digestOf(config);
    const known = successors.get(present)?.get(digest);
    if (known !== undefined) {
        return known;
    }
    try {
        const next = acceptedConfig(present, config);
        successors.set(present, new Map([[digest, next]]));
        return next;
    } catch (error) {
        if (error instanceof ConfigUpdateRefused || error instanceof FormatError) {
            throw new ChannelHalted(`the configuration of this block is not to be applied: ${error.message}`);
        }
        throw error;
    }
}
