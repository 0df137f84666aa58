import { createHash, randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { BoundedCache } from './bounded-cache';
import { FormatError } from './errors';
import type { SigningIdentity } from './signing';
import { dateOf, timestampOf } from './encoding/timestamp';
import { parseTransaction, type ParsedTransaction } from './transactions/parse';
import { decode, digestOf } from './wire';

export type { Endorsement, ParsedTransaction } from './transactions/parse';
export { assertCanonicalEnvelope, reMarshalsToSameBytes } from './transactions/canonical';

const NONCE_BYTES = 24;

/** Hex of SHA-256(nonce ‖ creator). */
export function transactionId(nonce: Uint8Array, creator: Uint8Array): string {
    return createHash('sha256').update(nonce).update(creator).digest('hex');
}

/** Which part of an envelope cannot be read: peers give the transaction another code for each. */
export class EnvelopeError extends FormatError {
    override readonly name = 'EnvelopeError';
    readonly part: 'envelope' | 'payload' | 'header';

    constructor(part: 'envelope' | 'payload' | 'header', message: string) {
        super(message);
        this.part = part;
    }
}

/** What an envelope says; nothing in here has been verified. Shared between peers: not to be changed. */
export interface ParsedEnvelope {
    readonly bytes: Uint8Array;
    /** Hex SHA-256 of the bytes. */
    readonly digest: string;
    /** common.HeaderType */
    readonly type: number;
    readonly channelId: string;
    readonly txId: string;
    readonly timestamp: Date | undefined;
    readonly epoch: number;
    readonly version: number;
    readonly tlsCertHash: Uint8Array;
    readonly creator: Uint8Array;
    readonly nonce: Uint8Array;
    readonly signature: Uint8Array;
    /** What the creator signed. */
    readonly payload: Uint8Array;
    readonly channelHeader: Uint8Array;
    readonly signatureHeader: Uint8Array;
    /** Of the channel header: bytes of ChaincodeHeaderExtension for endorser transactions. */
    readonly extension: Uint8Array;
    readonly data: Uint8Array;
    /** Parsed when first asked for; throws FormatError each time if the data is no transaction of exactly one action. */
    transaction(): ParsedTransaction;
}

/** As many as peers that follow each other closely have in flight; an entry is a few times the envelope. */
const ENVELOPES_KEPT = 2_000;
const envelopes = new BoundedCache<string, ParsedEnvelope>(ENVELOPES_KEPT);

/** Throws EnvelopeError. Kept process-wide by digest. */
export function parseEnvelope(bytes: Uint8Array): ParsedEnvelope {
    const digest = digestOf(bytes);
    return envelopes.remember(digest, () => parse(bytes, digest));
}

function reading<T>(part: EnvelopeError['part'], read: () => T): T {
    try {
        return read();
    } catch (error) {
        throw new EnvelopeError(part, error instanceof Error ? error.message : String(error));
    }
}

function parse(bytes: Uint8Array, digest: string): ParsedEnvelope {
    const envelope = reading('envelope', () => decode(common.Envelope, bytes, 'envelope'));
    const payloadBytes = envelope.getPayload_asU8();
    const payload = reading('payload', () => decode(common.Payload, payloadBytes, 'payload'));
    const header = payload.getHeader();
    if (header === undefined) throw new EnvelopeError('header', 'payload has no header');
    const { channel, signature } = reading('header', () => readHeader(header));
    const channelHeader = header.getChannelHeader_asU8();
    const extension = channel.getExtension_asU8();
    const data = payload.getData_asU8();
    let transaction: ParsedTransaction | undefined;
    return {
        bytes,
        digest,
        type: channel.getType(),
        channelId: channel.getChannelId(),
        txId: channel.getTxId(),
        timestamp: dateOf(channel.getTimestamp()),
        epoch: channel.getEpoch(),
        version: channel.getVersion(),
        tlsCertHash: channel.getTlsCertHash_asU8(),
        creator: signature.getCreator_asU8(),
        nonce: signature.getNonce_asU8(),
        signature: envelope.getSignature_asU8(),
        payload: payloadBytes,
        channelHeader,
        signatureHeader: header.getSignatureHeader_asU8(),
        extension,
        data,
        transaction: () => (transaction ??= parseTransaction(data, channelHeader, extension)),
    };
}

/** Bytes that are no UTF-8 come out as this; other decoders refuse them, so it is not let through here. */
const REPLACEMENT = '\uFFFD';

function readHeader(header: common.Header): { channel: common.ChannelHeader; signature: common.SignatureHeader } {
    const channel = decode(common.ChannelHeader, header.getChannelHeader_asU8(), 'channel header');
    const signature = decode(common.SignatureHeader, header.getSignatureHeader_asU8(), 'signature header');
    if (channel.getChannelId().includes(REPLACEMENT) || channel.getTxId().includes(REPLACEMENT)) {
        throw new FormatError('channel header is no UTF-8');
    }
    return { channel, signature };
}

/**
 * An envelope of this type with a fresh nonce, signed now.
 *
 * @param tlsCertHash of the TLS certificate over which it is sent, for nodes that ask for one.
 */
export function signedEnvelope(
    type: common.HeaderTypeMap[keyof common.HeaderTypeMap],
    channelId: string,
    data: Uint8Array,
    identity: SigningIdentity,
    tlsCertHash: Uint8Array = new Uint8Array(),
): common.Envelope {
    const nonce = randomBytes(NONCE_BYTES);
    const channelHeader = new common.ChannelHeader();
    channelHeader.setType(type);
    channelHeader.setTimestamp(timestampOf(new Date()));
    channelHeader.setChannelId(channelId);
    channelHeader.setTxId(transactionId(nonce, identity.serialized));
    channelHeader.setTlsCertHash(tlsCertHash);
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(identity.serialized);
    signatureHeader.setNonce(nonce);
    const header = new common.Header();
    header.setChannelHeader(channelHeader.serializeBinary());
    header.setSignatureHeader(signatureHeader.serializeBinary());
    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(data);
    return signPayload(payload.serializeBinary(), identity);
}

export function signPayload(payload: Uint8Array, identity: SigningIdentity): common.Envelope {
    const envelope = new common.Envelope();
    envelope.setPayload(payload);
    envelope.setSignature(identity.sign(payload));
    return envelope;
}
