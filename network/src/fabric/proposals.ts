import type { peer } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from './signing';
import type { common } from '@hyperledger/fabric-protos';

export interface ParsedProposal {
    /** What the client signed. */
    readonly proposalBytes: Uint8Array;
    readonly signature: Uint8Array;
    readonly type: number;
    readonly channelId: string;
    readonly txId: string;
    readonly timestamp: Date | undefined;
    readonly epoch: number;
    readonly creator: Uint8Array;
    readonly nonce: Uint8Array;
    readonly tlsCertHash: Uint8Array;
    readonly chaincode: { readonly name: string; readonly version: string };
    readonly args: readonly Uint8Array[];
    readonly isInit: boolean;
    readonly decorations: ReadonlyMap<string, Uint8Array>;
    readonly transient: ReadonlyMap<string, Uint8Array>;
    /** Proposal hash: covers headers and input, not the transient data. */
    readonly hash: Uint8Array;
}

/** Throws FormatError where Fabric's endorser refuses the structure; signature, creator and times are the caller's to check. */
export function parseSignedProposal(_signed: peer.SignedProposal): ParsedProposal {
    throw new Error('not yet');
}

/** SHA-256(channel header ‖ signature header ‖ chaincode proposal payload without transient data). */
export function proposalHash(
    _channelHeader: Uint8Array,
    _signatureHeader: Uint8Array,
    _chaincodeProposalPayload: Uint8Array,
): Uint8Array {
    throw new Error('not yet');
}

export interface Simulated {
    readonly proposalHash: Uint8Array;
    readonly response: { readonly status: number; readonly message: string; readonly payload: Uint8Array };
    /** Bytes of TxReadWriteSet. */
    readonly results: Uint8Array;
    /** Bytes of ChaincodeEvent, or empty. */
    readonly events: Uint8Array;
    readonly chaincode: { readonly name: string; readonly version: string };
}

/** Bytes of the ProposalResponsePayload: what endorsers sign, together with their identity. */
export function proposalResponsePayload(_simulated: Simulated): Uint8Array {
    throw new Error('not yet');
}

/** A response with this endorser's signature. */
export function endorsedResponse(_simulated: Simulated, _endorser: SigningIdentity): peer.ProposalResponse {
    throw new Error('not yet');
}

export interface ProposalRequest {
    readonly channelId: string;
    readonly chaincode: string;
    readonly args: readonly Uint8Array[];
    readonly transient?: ReadonlyMap<string, Uint8Array>;
    readonly isInit?: boolean;
    /** Now, if not given. */
    readonly timestamp?: Date;
    /** 24 random bytes, if not given. */
    readonly nonce?: Uint8Array;
}

export interface SignedProposalOfClient {
    readonly txId: string;
    readonly proposal: peer.Proposal;
    readonly signed: peer.SignedProposal;
}

/** A signed proposal, for our own tooling (deployment, tests). */
export function buildProposal(_request: ProposalRequest, _client: SigningIdentity): SignedProposalOfClient {
    throw new Error('not yet');
}

/** Payload bytes of the transaction made of these responses; throws FormatError when they differ or none is endorsed. */
export function transactionPayload(_proposal: peer.Proposal, _responses: readonly peer.ProposalResponse[]): Uint8Array {
    throw new Error('not yet');
}

/** The transaction's envelope, signed by the client who made the proposal. */
export function transactionEnvelope(
    _proposal: peer.Proposal,
    _responses: readonly peer.ProposalResponse[],
    _client: SigningIdentity,
): common.Envelope {
    throw new Error('not yet');
}
