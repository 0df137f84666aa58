import type { common } from '@hyperledger/fabric-protos';
import {
    blockHeader,
    blockSignatures,
    blockSignaturesValue,
    decodeBlock,
    encodeBlock,
    setBlockSignatures,
    signHeader,
} from '../../fabric/blocks';
import { configuredSeats, type Bundle, type ConfiguredSeat } from '../../fabric/channel-config';
import { FormatError, MspError } from '../../fabric/errors';
import { headerOf } from '../app/block-header';
import type { UnsignedBlock } from '../app/ordering-app';
import type { BlockStore } from '../service/block-store';
import type { SeatKeys } from '../service/seat-keys';
import type { DecidedBlocks } from './decided-blocks';
import { SignatureExchange, type Effects, type Sealed, type Signatory } from './exchange';
import { decodeClusterMessage, encodeClusterMessage, type Ask, type ClusterMessage } from './messages';

export interface SeatSealerOptions {
    readonly channelId: string;
    readonly keys: SeatKeys;
    /** Blocks that are served. */
    readonly store: BlockStore;
    readonly decided: DecidedBlocks;
    /** To another seat; false where it did not go out. */
    readonly send: (to: string, message: Buffer) => boolean;
    readonly report: (what: { readonly status: string; readonly why: string }) => void;
    readonly onFailure: (why: unknown) => void;
    /** Told of each block that is served now. */
    readonly onSealed?: (number: number) => void;
    /** Milliseconds that only go forward. */
    readonly now: () => number;
}

const TICK_MS = 100;

/**
 * One seat's part in sealing blocks: signs what its own engine has decided, once it is kept and with the key that the configuration in force
 * names, and serves a block when the exchange says that enough seats have signed. A seat without power in the configuration in force signs
 * nothing and serves all the same.
 */
export class SeatSealer {
    readonly #options: SeatSealerOptions;
    readonly #exchange: SignatureExchange;
    /** Storing is done in order, one block after the other. */
    #storing: Promise<void> = Promise.resolve();
    readonly #answering = new Set<string>();
    readonly #timer: NodeJS.Timeout;

    constructor(options: SeatSealerOptions) {
        this.#options = options;
        this.#exchange = new SignatureExchange(options.keys.mspId, options.store.height);
        this.#timer = setInterval(() => {
            this.#apply(this.#exchange.tick(options.now()));
        }, TICK_MS);
    }

    /** Keeps a decided block before its signature leaves this seat. */
    async seal(unsigned: UnsignedBlock): Promise<void> {
        const number = headerOf(unsigned.block).getNumber();
        const own = this.#sign(unsigned);
        setBlockSignatures(unsigned.block, unsigned.value, own === undefined ? [] : [own]);
        await this.#options.decided.put(number, Buffer.from(encodeBlock(unsigned.block)));
        this.#decided(unsigned, own);
    }

    /** Takes up a block that was kept before the start. */
    resume(unsigned: UnsignedBlock): void {
        this.#decided(unsigned, this.#sign(unsigned));
    }

    /** From a seat, over a connection that proves it. */
    received(from: string, bytes: Buffer): void {
        try {
            const message = decodeClusterMessage(this.#options.channelId, bytes);
            this.#apply(this.#exchange.received(from, message, this.#options.now()));
        } catch (error) {
            if (!(error instanceof FormatError)) throw error;
            this.#options.report({ status: 'UNREADABLE', why: `${from}: ${error.message}` });
        }
    }

    /** Ends after what has begun to be stored. */
    async stop(): Promise<void> {
        clearInterval(this.#timer);
        await this.#storing;
    }

    #sign({ block, value, bundle }: UnsignedBlock): common.MetadataSignature | undefined {
        const { keys, report } = this.#options;
        const isSeat = signatoriesOf(bundle).some(({ mspId, power }) => mspId === keys.mspId && power > 0n);
        if (!isSeat) return undefined;
        const header = headerOf(block);
        const named = keys.named(bundle);
        if (named !== undefined) return signHeader(header, value, named.identity);
        const why = `block ${header.getNumber()} is not signed: the configuration names a certificate whose key is not here`;
        report({ status: 'NO_KEY', why });
        return undefined;
    }

    #decided({ block, value, bundle }: UnsignedBlock, own: common.MetadataSignature | undefined): void {
        const decided = { header: headerOf(block), value, signatories: signatoriesOf(bundle), ...(own && { own }) };
        this.#apply(this.#exchange.decided(decided, this.#options.now()));
    }

    #apply({ sends, sealed, answers, complaints }: Effects): void {
        for (const { to, message } of sends) this.#send(to, message);
        for (const { code, mspId, why } of complaints) this.#options.report({ status: code, why: `${mspId}: ${why}` });
        for (const { to, range } of answers) this.#answer(to, range);
        if (sealed.length === 0) return;
        this.#storing = this.#storing
            .then(() => this.#store(sealed))
            .catch((failure: unknown) => {
                this.#options.onFailure(failure);
            });
    }

    async #store(sealed: readonly Sealed[]): Promise<void> {
        const { store, decided, onSealed } = this.#options;
        for (const { number, signatures } of sealed) {
            const kept = await decided.get(number);
            if (kept === undefined) throw new Error(`block ${number} was decided and is not kept`);
            const block = decodeBlock(kept);
            setBlockSignatures(block, blockSignaturesValue(block), signatures);
            await store.append(number, Buffer.from(encodeBlock(block)));
            await decided.remove(number);
            onSealed?.(number);
        }
    }

    /** One answer to a seat at a time: who asks faster gets no more. */
    #answer(to: string, range: Ask): void {
        if (this.#answering.has(to)) return;
        this.#answering.add(to);
        void this.#tell(to, range)
            .catch((failure: unknown) => {
                this.#options.report({ status: 'INTERNAL', why: String(failure) });
            })
            .finally(() => this.#answering.delete(to));
    }

    async #tell(to: string, { from, to: last }: Ask): Promise<void> {
        const { store } = this.#options;
        for (let number = from; number <= last; number += 1) {
            const message =
                this.#exchange.known(number) ?? (number < store.height ? await this.#stored(number) : undefined);
            if (message !== undefined && !this.#send(to, message)) return;
        }
    }

    async #stored(number: number): Promise<ClusterMessage> {
        const block = decodeBlock(await this.#options.store.get(number));
        const [header, value] = [blockHeader(block), blockSignaturesValue(block)];
        return { kind: 'signed', header, value, signatures: blockSignatures(block) };
    }

    #send(to: string, message: ClusterMessage): boolean {
        return this.#options.send(to, encodeClusterMessage(this.#options.channelId, message));
    }
}

const kept = new WeakMap<Bundle, readonly Signatory[]>();

/** Throws Error for a channel that was not made for seats of their own. */
function signatoriesOf(bundle: Bundle): readonly Signatory[] {
    const known = kept.get(bundle);
    if (known !== undefined) return known;
    const seats = configuredSeats(bundle);
    if (seats === undefined) throw new Error('the configuration of the channel does not say which power each seat has');
    const made = seats.map((seat) => signatory(bundle, seat));
    kept.set(bundle, made);
    return made;
}

/** A seat whose certificate its own organisation has revoked signs nothing that counts. */
function signatory({ msps }: Bundle, { mspId, power, identity }: ConfiguredSeat): Signatory {
    try {
        const found = msps.identity(identity);
        return { mspId, power, identity, verify: (message, signature) => found.verify(message, signature) };
    } catch (error) {
        if (!(error instanceof MspError)) throw error;
        return { mspId, power, identity, verify: () => false };
    }
}
