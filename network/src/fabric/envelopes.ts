import type { common, peer } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from './signing';

/** Hex of SHA-256(nonce ‖ creator). */
export function transactionId(_nonce: Uint8Array, _creator: Uint8Array): string {
    throw new Error('not yet');
}

export interface Endorsement {
    /** SerializedIdentity bytes. */
    readonly endorser: Uint8Array;
    readonly signature: Uint8Array;
}

/** An endorser transaction (its one action) with everything inside; bytes are as they stand in the envelope. */
export interface ParsedTransaction {
    /** Signature header of the action: has to equal the envelope's. */
    readonly actionSignatureHeader: Uint8Array;
    readonly proposalResponsePayload: Uint8Array;
    readonly proposalHash: Uint8Array;
    /** The hash the proposal hash has to equal: recomputed from header and proposal payload. */
    readonly expectedProposalHash: Uint8Array;
    /** Bytes of TxReadWriteSet. */
    readonly results: Uint8Array;
    /** Bytes of the ChaincodeEvent, empty if none. */
    readonly events: Uint8Array;
    readonly response: peer.Response | undefined;
    /** The chaincode the action says it ran. */
    readonly chaincodeId: { readonly name: string; readonly version: string };
    /** The chaincode the proposal asked for. */
    readonly invokedChaincode: string;
    readonly isInit: boolean;
    readonly args: readonly Uint8Array[];
    readonly endorsements: readonly Endorsement[];
}

/** What an envelope says, unsigned-for: nothing in here has been verified. */
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

/** Throws FormatError. Kept process-wide by digest. */
export function parseEnvelope(_bytes: Uint8Array): ParsedEnvelope {
    throw new Error('not yet');
}

/** False for envelopes that would come out as other bytes when a peer encodes them again: one of them spoils its whole block. */
export function reMarshalsToSameBytes(_bytes: Uint8Array): boolean {
    throw new Error('not yet');
}

/** An envelope of this type with a fresh nonce, signed. */
export function signedEnvelope(
    _type: common.HeaderTypeMap[keyof common.HeaderTypeMap],
    _channelId: string,
    _data: Uint8Array,
    _identity: SigningIdentity,
): common.Envelope {
    throw new Error('not yet');
}
