import { common } from '@hyperledger/fabric-protos';
import { blockEnvelopes, blockSignaturesValue, headerHash, newBlock, signaturesValue } from '../../fabric/blocks';
import { Bundle, configuredSeats } from '../../fabric/channel-config';
import { parseEnvelope, transactionId, type ParsedEnvelope } from '../../fabric/envelopes';
import { digestOf, sameBytes } from '../../fabric/wire';
import type { AppInfo, EngineBlock, Finalized, OrderingApp, Proposal, Refusal, Seat, Verdict } from '../engine/engine';
import { BlockDraft } from './block-draft';
import { headerOf } from './block-header';
import { ChaincodeDirectory } from './chaincode-directory';
import { checkEnvelope, type Checked, type Sound } from './checks';
import { isOfConfiguration, nextConfiguration } from './config-messages';
import { producerMetadata, producerOf } from './producer';
import { Voters, hashOf, isSameVote } from './voters';

/** A block as decided: what its seats are to sign, and nothing of theirs yet. */
export interface UnsignedBlock {
    readonly block: common.Block;
    /** The value that goes under the signatures: last configuration and producer. */
    readonly value: Uint8Array;
    /** In force for this block: by it peers judge who signed. */
    readonly bundle: Bundle;
}

/** Where decided blocks go; called once per block and again for each of them after a restart, in order. */
export type BlockSink = (decided: UnsignedBlock) => Promise<void>;

export interface OrderingAppOptions {
    readonly sink: BlockSink;
    /** Identities of all seats, where their keys are all in this process: a configuration that those cannot sign under is refused. */
    readonly held?: () => readonly Uint8Array[];
    /** Who votes while the channel's configuration has no powers, as before they stood there. */
    readonly founding?: readonly Seat[];
    /** So many blocks are signed and kept: a configuration among them is made again after a restart, by whichever seats there are now. */
    readonly stored?: number;
    /** Told of each configuration when it comes into force. */
    readonly configured?: (bundle: Bundle) => void;
}

interface Next {
    readonly height: number;
    /** Undefined for a height without messages. */
    readonly made?: Made;
    /** Of a block with a configuration that changes who votes. */
    readonly seats?: readonly Seat[];
}

interface Made {
    readonly decided: UnsignedBlock;
    readonly envelopes: readonly ParsedEnvelope[];
    /** Of a block with a configuration: what is in force after it. */
    readonly bundle?: Bundle;
}

/**
 * Turns decided lists of envelopes into Fabric's blocks: an engine block with messages is one block, in which every transaction id that
 * was ever ordered occurs once, or one configuration. State: the configuration, who votes, the last header's hash, the ids ordered so
 * far, and the chaincodes that were defined; all of it follows from the blocks, so it is restored from them.
 */
export class FabricOrderingApp implements OrderingApp {
    #bundle: Bundle;
    /** Number of the block that the configuration in force came with. */
    #lastConfig = 0;
    readonly #voters: Voters;
    readonly #held: (() => readonly Uint8Array[]) | undefined;
    readonly #stored: number;
    readonly #founding: readonly Seat[];
    readonly #sink: BlockSink;
    readonly #configured: (bundle: Bundle) => void;
    #height = 0;
    #nextNumber = 1;
    #previousHash: Uint8Array;
    #next: Next | undefined;
    /** Transaction ids in blocks, and digests of the envelopes that they are the ids of. */
    readonly #ordered = new Set<string>();
    readonly #orderedDigests = new Set<string>();
    /** What is in no block yet: ids by digest, and the ids alone. */
    readonly #taken = new Map<string, string>();
    readonly #waiting = new Set<string>();
    /** Each message is asked for at Broadcast, at the proposal and at the decision; the answer depends on nothing else. */
    #checks = new WeakMap<Uint8Array, Checked>();
    /** Transaction id of a configuration that is to be ordered: another one would be made for versions that are gone by then. */
    #waitingConfiguration: string | undefined;
    readonly #chaincodes = new ChaincodeDirectory();

    constructor(genesis: common.Block, { sink, held, founding = [], configured, stored = 0 }: OrderingAppOptions) {
        this.#bundle = Bundle.fromConfigBlock(genesis);
        this.#previousHash = headerHash(headerOf(genesis));
        this.#held = held;
        this.#stored = stored;
        this.#founding = founding;
        this.#sink = sink;
        this.#configured = configured ?? (() => undefined);
        this.#voters = new Voters(this.#seatsIn(this.#bundle));
    }

    /** The configuration in force. */
    get bundle(): Bundle {
        return this.#bundle;
    }

    /** Number that the next block gets. */
    get nextNumber(): number {
        return this.#nextNumber;
    }

    info(): AppInfo {
        const { timeoutMilliseconds, maxMessageCount, preferredMaxBytes } = this.#bundle.batch;
        return {
            height: this.#height,
            appHash: this.#voters.appHash,
            seats: this.#voters.now,
            ...(this.#voters.next === undefined ? {} : { nextSeats: this.#voters.next }),
            batch: {
                timeoutMs: timeoutMilliseconds,
                maxMessages: maxMessageCount,
                preferredBytes: preferredMaxBytes,
            },
        };
    }

    check(message: Uint8Array): Verdict {
        // Gateways send each envelope to every seat: its copies are the common case.
        const digest = digestOf(message);
        if (this.#orderedDigests.has(digest) || this.#taken.has(digest)) {
            return { kind: 'known', ordered: this.#orderedDigests.has(digest) };
        }
        const checked = this.#check(message);
        if ('refusal' in checked) {
            return { kind: 'refused', refusal: checked.refusal };
        }
        const txId = idOf(checked.envelope);
        if (this.#ordered.has(txId) || this.#waiting.has(txId)) {
            return { kind: 'refused', refusal: duplicate(txId) };
        }
        if ('next' in checked) {
            if (this.#waitingConfiguration !== undefined) {
                return { kind: 'refused', refusal: ONE_AT_A_TIME };
            }
            this.#waitingConfiguration = txId;
        }
        this.#waiting.add(txId);
        this.#taken.set(digest, txId);
        return { kind: 'new' };
    }

    recheck(message: Uint8Array): boolean {
        const checked = this.#check(message);
        if ('refusal' in checked) {
            this.#forget(message);
            return false;
        }
        return !this.#ordered.has(idOf(checked.envelope));
    }

    forgetWaiting(): void {
        this.#taken.clear();
        this.#waiting.clear();
        this.#waitingConfiguration = undefined;
    }

    prepare(pending: readonly Uint8Array[]): Proposal {
        if (this.#voters.next !== undefined) {
            return { considered: 0, dropped: [] };
        }
        const draft = new BlockDraft(this.#bundle.batch);
        const dropped: number[] = [];
        let considered = 0;
        for (const message of pending) {
            const checked = this.#check(message);
            if ('refusal' in checked) {
                this.#forget(message);
                dropped.push(considered);
            } else if (this.#isTaken(idOf(checked.envelope), draft)) {
                dropped.push(considered);
            } else if (!take(checked, message, draft)) {
                break;
            }
            considered += 1;
        }
        return { considered, dropped };
    }

    process(block: EngineBlock): string | undefined {
        if (block.height !== this.#height + 1) {
            return `height ${block.height} does not follow ${this.#height}`;
        }
        if (!this.#voters.now.some((seat) => seat.id === block.proposer)) {
            return `${block.proposer} has no seat`;
        }
        if (this.#voters.next !== undefined && block.messages.length > 0) {
            return 'messages wait until those vote who were chosen last';
        }
        const { considered, dropped } = this.prepare(block.messages);
        if (dropped.length > 0) {
            return `messages ${dropped.join(', ')} may not be ordered`;
        }
        if (considered < block.messages.length) {
            return `${block.messages.length} messages are more than a block takes`;
        }
        return undefined;
    }

    finalize({ height, proposer, messages }: EngineBlock): Finalized {
        if (messages.length === 0) {
            this.#next = { height };
            return { appHash: this.#voters.appHash };
        }
        const block = newBlock(this.#nextNumber, this.#previousHash, messages);
        const envelopes = messages.map((message) => parseEnvelope(message));
        const bundle = this.#configurationIn(envelopes);
        const lastConfig = bundle === undefined ? this.#lastConfig : this.#nextNumber;
        const value = signaturesValue(lastConfig, producerMetadata(height, proposer));
        const made = {
            decided: { block, value, bundle: this.#bundle },
            envelopes,
            ...(bundle === undefined ? {} : { bundle }),
        };
        const seats = this.#changedSeats(bundle);
        this.#next = { height, made, ...(seats && { seats }) };
        return seats === undefined ? { appHash: this.#voters.appHash } : { appHash: hashOf(seats), seats };
    }

    async commit(): Promise<void> {
        if (this.#next === undefined) {
            throw new Error('nothing was finalized');
        }
        const { height, made, seats } = this.#next;
        if (made !== undefined) {
            await this.#sink(made.decided);
            this.#remember(made);
        }
        this.#voters.decided(seats);
        this.#height = height;
        this.#next = undefined;
    }

    /**
     * Takes a block that was stored before the start, as it was decided then; all of them in order, before anything else. Throws Error
     * where it does not follow.
     *
     * @returns what its seats sign.
     */
    restore(block: common.Block): UnsignedBlock {
        const header = headerOf(block);
        if (header.getNumber() !== this.#nextNumber || !sameBytes(header.getPreviousHash_asU8(), this.#previousHash)) {
            throw new Error(`stored block ${header.getNumber()} does not follow block ${this.#nextNumber - 1}`);
        }
        const { height } = producerOf(block);
        if (height <= this.#height) {
            throw new Error(`stored block ${header.getNumber()} is of height ${height}, after height ${this.#height}`);
        }
        if (height > this.#height + 1) {
            this.#voters.decided(undefined);
        }
        const envelopes = blockEnvelopes(block).map((message) => parseEnvelope(message));
        const bundle = this.#configurationIn(envelopes);
        const seats = this.#changedSeats(bundle);
        const decided = { block, value: blockSignaturesValue(block), bundle: this.#bundle };
        this.#remember({ decided, envelopes, ...(bundle === undefined ? {} : { bundle }) });
        this.#voters.decided(seats);
        this.#height = height;
        return decided;
    }

    #remember({ decided: { block }, envelopes, bundle }: Made): void {
        for (const envelope of envelopes) {
            const txId = idOf(envelope);
            this.#ordered.add(txId);
            this.#waiting.delete(txId);
            this.#taken.delete(envelope.digest);
            this.#orderedDigests.add(envelope.digest);
            if (!isOfConfiguration(envelope)) {
                this.#chaincodes.observe(envelope, this.#bundle);
            }
        }
        if (bundle !== undefined) {
            this.#configure(bundle);
        }
        this.#previousHash = headerHash(headerOf(block));
        this.#nextNumber += 1;
    }

    /** The configuration passes by the rules before it; from the next block on, everything is judged by its own. */
    #configure(bundle: Bundle): void {
        this.#bundle = bundle;
        this.#lastConfig = this.#nextNumber;
        this.#checks = new WeakMap();
        this.#waitingConfiguration = undefined;
        this.#configured(bundle);
    }

    #configurationIn(envelopes: readonly ParsedEnvelope[]): Bundle | undefined {
        const configuration = envelopes.find(isOfConfiguration);
        if (configuration === undefined) return undefined;
        const held = this.#nextNumber < this.#stored ? 'sealed' : this.#held?.();
        return nextConfiguration(configuration, this.#bundle, held);
    }

    #seatsIn(bundle: Bundle): readonly Seat[] {
        return (
            configuredSeats(bundle)?.map(({ mspId, power, engine }) => ({
                id: mspId,
                power,
                ...(engine && { engineKey: engine.publicKey }),
            })) ?? this.#founding
        );
    }

    #changedSeats(bundle: Bundle | undefined): readonly Seat[] | undefined {
        const seats = bundle === undefined ? undefined : this.#seatsIn(bundle);
        return seats === undefined || isSameVote(seats, this.#seatsIn(this.#bundle)) ? undefined : seats;
    }

    /** What was taken in and may not be ordered any more, because the configuration changed, may be sent again. */
    #forget(message: Uint8Array): void {
        const digest = digestOf(message);
        const txId = this.#taken.get(digest);
        if (txId === undefined) {
            return;
        }
        this.#taken.delete(digest);
        this.#waiting.delete(txId);
        if (this.#waitingConfiguration === txId) {
            this.#waitingConfiguration = undefined;
        }
    }

    #isTaken(txId: string, draft: BlockDraft): boolean {
        return this.#ordered.has(txId) || draft.has(txId);
    }

    /** What the bytes say under this configuration, and then whether this state knows the chaincodes they name. */
    #check(message: Uint8Array): Checked {
        const checked = this.#checkBytes(message);
        const why = 'rwSet' in checked ? this.#unknownName(checked) : undefined;
        return why === undefined ? checked : { refusal: { status: 'BAD_REQUEST', why } };
    }

    #unknownName({ rwSet, chaincodes }: Sound): string | undefined {
        const collection = this.#chaincodes.unknownCollection(rwSet);
        if (collection !== undefined) {
            return `no chaincode on the channel has the collection ${collection}`;
        }
        const chaincode = this.#chaincodes.unknownAmong(chaincodes);
        return chaincode === undefined ? undefined : `it concerns ${chaincode}, which is no chaincode on the channel`;
    }

    #checkBytes(message: Uint8Array): Checked {
        const known = this.#checks.get(message);
        if (known !== undefined) {
            return known;
        }
        const checked = checkEnvelope(message, this.#bundle, this.#held);
        this.#checks.set(message, checked);
        return checked;
    }
}

const ONE_AT_A_TIME: Refusal = {
    status: 'SERVICE_UNAVAILABLE',
    why: 'another configuration update is being ordered: look at its outcome, then try again',
};

/** A configuration stands alone: before others it ends the block, after others it begins the next. */
function take(checked: Exclude<Checked, { refusal: Refusal }>, message: Uint8Array, draft: BlockDraft): boolean {
    const rwSet = 'rwSet' in checked ? checked.rwSet : 'alone';
    if (!draft.takes(message.length, rwSet)) {
        return false;
    }
    draft.add(idOf(checked.envelope), message.length, rwSet);
    return true;
}

/** Orderers give configurations no id; peers work out the same one. */
function idOf({ txId, nonce, creator }: ParsedEnvelope): string {
    return txId === '' ? transactionId(nonce, creator) : txId;
}

function duplicate(txId: string): Refusal {
    return { status: 'BAD_REQUEST', why: `transaction id ${txId} was used before, with other content` };
}
