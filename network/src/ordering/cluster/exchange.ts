import { common } from '@hyperledger/fabric-protos';
import { headerBytes } from '../../fabric/blocks';
import { FormatError } from '../../fabric/errors';
import { concat, decode, sameBytes } from '../../fabric/wire';
import type { Ask, ClusterMessage, SignedHeader } from './messages';

/** Who may sign a block: its power, its serialised identity, and whether a signature is its own. */
export interface Signatory {
    readonly mspId: string;
    readonly power: bigint;
    readonly identity: Uint8Array;
    verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** A block as this seat's own engine decided it. */
export interface DecidedHeader {
    readonly header: common.BlockHeader;
    readonly value: Uint8Array;
    /** Of the configuration that is in force for the block. */
    readonly signatories: readonly Signatory[];
    /** Of this seat; none where it has no seat in that configuration. */
    readonly own?: common.MetadataSignature;
}

/** A block that enough have signed. */
export interface Sealed {
    readonly number: number;
    /** In the order of the seats, so that what is served does not depend on who was faster. */
    readonly signatures: readonly common.MetadataSignature[];
}

/** Why a message of a seat does not count; begins the line in the log. */
export type Misbehaviour = 'WRONG_SIGNATURE' | 'WRONG_HEADER' | 'NOT_A_SEAT' | 'UNREADABLE' | 'SIGNATURES_WITHHELD';

export interface Complaint {
    readonly code: Misbehaviour;
    readonly mspId: string;
    readonly why: string;
}

/** What follows from an event: everything the outside has to do. */
export interface Effects {
    readonly sends: readonly { readonly to: string; readonly message: ClusterMessage }[];
    readonly sealed: readonly Sealed[];
    /** Ranges to be answered from what is stored. */
    readonly answers: readonly { readonly to: string; readonly range: Ask }[];
    readonly complaints: readonly Complaint[];
}

/** So many blocks are asked for at once. */
export const LONGEST_RANGE = 200;
/** Signatures that come before this seat has decided: kept for so many blocks ahead. */
const AHEAD = 1_000;
const MOST_SIGNATURES = 16;
const LONGEST_SIGNATURE_HEADER = 16 * 1024;
const LONGEST_SIGNATURE = 256;
/** Signatures are pushed: what has not come by then is asked for, and again after this. */
const ASK_AFTER_MS = 300;
const ASK_AGAIN_MS = 1_000;
const WITHHELD_AFTER_MS = 10_000;
/** With more blocks waiting for signatures, this seat is behind. */
const LIVE = 3;

interface Pending extends DecidedHeader {
    readonly number: number;
    readonly bytes: Uint8Array;
    readonly since: number;
    readonly signatures: Map<string, common.MetadataSignature>;
}

/**
 * Collects the seats' signatures of decided blocks: a state machine without clock, key or socket.
 *
 * A signature counts if it is of a seat of the configuration in force, by the certificate that the configuration names, over exactly the
 * header and value that this seat's own engine has decided. Blocks are sealed in order, as soon as more than two thirds of the power
 * have signed. Nothing that others send makes this seat sign or seal anything else; what they send ahead is bounded.
 */
export class SignatureExchange {
    readonly #own: string;
    readonly #pending = new Map<number, Pending>();
    /** Received before this seat had decided: by number and sender, the last of each. */
    readonly #early = new Map<number, Map<string, SignedHeader>>();
    /** Number of the newest block that a seat is known to have signed. */
    readonly #lastSeen = new Map<string, number>();
    readonly #silent = new Set<string>();
    /** Blocks that were decided lately, and the newest of those that everybody should have signed by now. */
    readonly #recent: { readonly number: number; readonly at: number }[] = [];
    #due = -1;
    readonly #first: number;
    #nextSealed: number;
    #nextDecided: number;
    #others: readonly string[] = [];
    #asked = { at: 0, to: -1 };
    #turn = 0;

    /** @param nextNumber of the first block that is not sealed. */
    constructor(own: string, nextNumber: number) {
        this.#own = own;
        this.#nextSealed = nextNumber;
        this.#nextDecided = nextNumber;
        this.#first = nextNumber;
    }

    /** Blocks that are decided and not sealed. */
    get pending(): number {
        return this.#pending.size;
    }

    /** The own engine has decided; each block once, in order. */
    decided(block: DecidedHeader, now: number): Effects {
        const number = block.header.getNumber();
        if (number !== this.#nextDecided) {
            throw new Error(`block ${number} was decided where block ${this.#nextDecided} follows`);
        }
        this.#nextDecided += 1;
        const pending = { ...block, number, bytes: headerBytes(block.header), since: now, signatures: new Map() };
        this.#pending.set(number, pending);
        this.#others = block.signatories.map(({ mspId }) => mspId).filter((mspId) => mspId !== this.#own);
        // A seat that catches up hears nothing of what others signed long ago.
        if (this.#pending.size <= LIVE) this.#recent.push({ number, at: now });
        const sends = this.#countOwn(pending);
        const complaints: Complaint[] = [];
        for (const [from, message] of this.#early.get(number) ?? []) {
            complaints.push(...this.#count(from, message));
        }
        this.#early.delete(number);
        return { sends, sealed: this.#seal(), answers: [], complaints };
    }

    /** From a seat whose connection proves that it is that seat. */
    received(from: string, message: ClusterMessage, now: number): Effects {
        if (message.kind === 'ask') {
            const to = Math.min(message.to, message.from + LONGEST_RANGE - 1, this.#nextDecided - 1);
            const answers = to < message.from ? [] : [{ to: from, range: { ...message, to } }];
            return { sends: [], sealed: [], answers, complaints: [] };
        }
        const complaints = this.#take(from, message);
        const sealed = this.#seal();
        return { sends: this.#askOn(now), sealed, answers: [], complaints };
    }

    /** Asks for what is missing; to be called several times a second. */
    tick(now: number): Effects {
        const lowest = this.#pending.get(this.#nextSealed);
        const isDue =
            lowest !== undefined && now - lowest.since >= ASK_AFTER_MS && now - this.#asked.at >= ASK_AGAIN_MS;
        return { sends: isDue ? this.#ask(now) : [], sealed: [], answers: [], complaints: this.#withheld(now) };
    }

    /** What this seat can tell of a block that is not sealed; undefined for others. */
    known(number: number): SignedHeader | undefined {
        const pending = this.#pending.get(number);
        return pending && signed(pending, [...pending.signatures.values()]);
    }

    #countOwn(pending: Pending): Effects['sends'] {
        const { own } = pending;
        if (own === undefined) return [];
        pending.signatures.set(this.#own, own);
        return this.#others.map((to) => ({ to, message: signed(pending, [own]) }));
    }

    #take(from: string, message: SignedHeader): readonly Complaint[] {
        const number = message.header.getNumber();
        if (message.signatures.length > MOST_SIGNATURES) {
            return [{ code: 'UNREADABLE', mspId: from, why: `${message.signatures.length} signatures of one block` }];
        }
        if (number < this.#nextDecided) return this.#count(from, message);
        if (number < this.#nextDecided + AHEAD) {
            const early = this.#early.get(number) ?? new Map<string, SignedHeader>();
            early.set(from, message);
            this.#early.set(number, early);
        }
        return [];
    }

    #count(from: string, message: SignedHeader): readonly Complaint[] {
        const number = message.header.getNumber();
        const pending = this.#pending.get(number);
        if (pending === undefined) {
            this.#saw(from, number);
            return [];
        }
        if (!sameBytes(headerBytes(message.header), pending.bytes) || !sameBytes(message.value, pending.value)) {
            const why = `another block ${number} than the one that was decided`;
            return [{ code: 'WRONG_HEADER', mspId: from, why }];
        }
        return message.signatures.flatMap((signature) => this.#countOne(from, signature, pending) ?? []);
    }

    #countOne(from: string, signature: common.MetadataSignature, pending: Pending): Complaint | undefined {
        const header = signature.getSignatureHeader_asU8();
        const isBounded =
            header.length <= LONGEST_SIGNATURE_HEADER && signature.getSignature_asU8().length <= LONGEST_SIGNATURE;
        const creator = isBounded ? creatorOf(header) : undefined;
        if (creator === undefined) {
            return { code: 'UNREADABLE', mspId: from, why: `a signature of block ${pending.number} cannot be read` };
        }
        const signatory = pending.signatories.find(({ identity }) => sameBytes(identity, creator));
        if (signatory === undefined) {
            return { code: 'NOT_A_SEAT', mspId: from, why: `a signature of block ${pending.number} is of no seat` };
        }
        if (pending.signatures.has(signatory.mspId)) return undefined;
        const message = concat(pending.value, header, pending.bytes);
        if (!signatory.verify(message, signature.getSignature_asU8())) {
            const why = `the signature of block ${pending.number} that is said to be ${signatory.mspId}'s does not verify`;
            return { code: 'WRONG_SIGNATURE', mspId: from, why };
        }
        pending.signatures.set(signatory.mspId, signature);
        this.#saw(signatory.mspId, pending.number);
        return undefined;
    }

    #saw(mspId: string, number: number): void {
        this.#lastSeen.set(mspId, Math.max(number, this.#lastSeen.get(mspId) ?? -1));
    }

    #seal(): readonly Sealed[] {
        const sealed: Sealed[] = [];
        for (;;) {
            const pending = this.#pending.get(this.#nextSealed);
            if (pending === undefined || !isEnough(pending)) return sealed;
            const signatures = pending.signatories.flatMap(({ mspId }) => pending.signatures.get(mspId) ?? []);
            sealed.push({ number: pending.number, signatures });
            this.#pending.delete(this.#nextSealed);
            this.#nextSealed += 1;
        }
    }

    /** While a seat catches up, the end of one answer is the moment to ask on. */
    #askOn(now: number): Effects['sends'] {
        return this.#asked.to >= 0 && this.#nextSealed > this.#asked.to && this.#pending.has(this.#nextSealed)
            ? this.#ask(now)
            : [];
    }

    /** One seat after the other: any of them may have all that is missing. */
    #ask(now: number): Effects['sends'] {
        const from = this.#nextSealed;
        const to = Math.min(from + LONGEST_RANGE, this.#nextDecided) - 1;
        this.#asked = { at: now, to };
        const asked = this.#others[this.#turn % Math.max(1, this.#others.length)];
        this.#turn += 1;
        return asked === undefined ? [] : [{ to: asked, message: { kind: 'ask', from, to } }];
    }

    /** Each silent seat is named once, and again after it has been heard of. */
    #withheld(now: number): readonly Complaint[] {
        while (this.#recent[0] !== undefined && now - this.#recent[0].at >= WITHHELD_AFTER_MS) {
            this.#due = this.#recent.shift()?.number ?? this.#due;
        }
        return this.#others.flatMap((mspId): readonly Complaint[] => {
            const seen = this.#lastSeen.get(mspId) ?? this.#first - 1;
            if (seen >= this.#due) {
                this.#silent.delete(mspId);
                return [];
            }
            if (this.#silent.has(mspId)) return [];
            this.#silent.add(mspId);
            const why = `no signature after block ${seen}, block ${this.#due} was decided ${WITHHELD_AFTER_MS / 1000} s ago: it is down or withholds them`;
            return [{ code: 'SIGNATURES_WITHHELD', mspId, why }];
        });
    }
}

function isEnough({ signatories, signatures }: Pending): boolean {
    const total = signatories.reduce((sum, { power }) => sum + power, 0n);
    const signed = signatories.reduce((sum, { mspId, power }) => (signatures.has(mspId) ? sum + power : sum), 0n);
    return signed * 3n > total * 2n;
}

function signed({ header, value }: DecidedHeader, signatures: readonly common.MetadataSignature[]): SignedHeader {
    return { kind: 'signed', header, value, signatures };
}

/** Undefined for what is no signature header. */
function creatorOf(header: Uint8Array): Uint8Array | undefined {
    try {
        return decode(common.SignatureHeader, header, 'signature header').getCreator_asU8();
    } catch (error) {
        if (error instanceof FormatError) return undefined;
        throw error;
    }
}
