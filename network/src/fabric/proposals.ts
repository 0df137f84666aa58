import { randomBytes } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { signPayload, transactionId } from './envelopes';
import { FormatError } from './errors';
import type { SigningIdentity } from './signing';
import { dateOf, timestampOf } from './encoding/timestamp';
import { hashProposal } from './transactions/parse';
import { concat, decode, mapEntries, sameBytes } from './wire';

const NONCE_BYTES = 24;
const RESPONSE_VERSION = 1;
/** From this status on a chaincode's response is an error, and is not endorsed. */
const ERROR_STATUS = 400;
const OK_STATUS = 200;

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

function bytesMap(map: Parameters<typeof mapEntries<string, Uint8Array | string>>[0]): ReadonlyMap<string, Uint8Array> {
    return new Map(
        mapEntries(map).map(([name, value]) => [
            name,
            typeof value === 'string' ? Buffer.from(value, 'base64') : value,
        ]),
    );
}

function withoutTransient(payload: peer.ChaincodeProposalPayload): Uint8Array {
    const visible = new peer.ChaincodeProposalPayload();
    visible.setInput(payload.getInput_asU8());
    return visible.serializeBinary();
}

function inputOf(payload: peer.ChaincodeProposalPayload): peer.ChaincodeInput {
    const bytes = payload.getInput_asU8();
    const specification = decode(peer.ChaincodeInvocationSpec, bytes, 'ChaincodeInvocationSpec').getChaincodeSpec();
    if (specification === undefined) throw new FormatError('chaincode invocation spec did not contain chaincode spec');
    const input = specification.getInput();
    if (input === undefined) throw new FormatError('chaincode input did not contain any input');
    return input;
}

function chaincodeOf(channelHeader: common.ChannelHeader): { name: string; version: string } {
    const extension = decode(
        peer.ChaincodeHeaderExtension,
        channelHeader.getExtension_asU8(),
        'ChaincodeHeaderExtension',
    );
    const id = extension.getChaincodeId();
    if (id === undefined) throw new FormatError('ChaincodeHeaderExtension.ChaincodeId is nil');
    if (id.getName() === '') throw new FormatError('ChaincodeHeaderExtension.ChaincodeId.Name is empty');
    return { name: id.getName(), version: id.getVersion() };
}

/** Throws FormatError where Fabric's endorser refuses the structure; signature, creator and times are the caller's to check. */
export function parseSignedProposal(signed: peer.SignedProposal): ParsedProposal {
    const proposalBytes = signed.getProposalBytes_asU8();
    const proposal = decode(peer.Proposal, proposalBytes, 'proposal');
    const header = decode(common.Header, proposal.getHeader_asU8(), 'header');
    const channelHeader = decode(common.ChannelHeader, header.getChannelHeader_asU8(), 'channel header');
    const signatureHeader = decode(common.SignatureHeader, header.getSignatureHeader_asU8(), 'signature header');
    const chaincode = chaincodeOf(channelHeader);
    const payload = decode(peer.ChaincodeProposalPayload, proposal.getPayload_asU8(), 'ChaincodeProposalPayload');
    const input = inputOf(payload);
    return {
        proposalBytes,
        signature: signed.getSignature_asU8(),
        type: channelHeader.getType(),
        channelId: channelHeader.getChannelId(),
        txId: channelHeader.getTxId(),
        timestamp: dateOf(channelHeader.getTimestamp()),
        epoch: channelHeader.getEpoch(),
        creator: signatureHeader.getCreator_asU8(),
        nonce: signatureHeader.getNonce_asU8(),
        tlsCertHash: channelHeader.getTlsCertHash_asU8(),
        chaincode,
        args: input.getArgsList_asU8(),
        isInit: input.getIsInit(),
        decorations: bytesMap(input.getDecorationsMap()),
        transient: bytesMap(payload.getTransientmapMap()),
        hash: hashProposal(header.getChannelHeader_asU8(), header.getSignatureHeader_asU8(), withoutTransient(payload)),
    };
}

/** SHA-256(channel header ‖ signature header ‖ chaincode proposal payload without transient data). Throws FormatError. */
export function proposalHash(
    channelHeader: Uint8Array,
    signatureHeader: Uint8Array,
    chaincodeProposalPayload: Uint8Array,
): Uint8Array {
    const payload = decode(peer.ChaincodeProposalPayload, chaincodeProposalPayload, 'ChaincodeProposalPayload');
    return hashProposal(channelHeader, signatureHeader, withoutTransient(payload));
}

export interface ChaincodeResponse {
    readonly status: number;
    readonly message: string;
    readonly payload: Uint8Array;
}

export interface Simulated {
    readonly proposalHash: Uint8Array;
    readonly response: ChaincodeResponse;
    /** Bytes of TxReadWriteSet. */
    readonly results: Uint8Array;
    /** Bytes of ChaincodeEvent, or empty. */
    readonly events: Uint8Array;
    readonly chaincode: { readonly name: string; readonly version: string };
}

export function responseMessage({ status, message, payload }: ChaincodeResponse): peer.Response {
    const response = new peer.Response();
    response.setStatus(status);
    response.setMessage(message);
    response.setPayload(payload);
    return response;
}

/** Bytes of the ProposalResponsePayload: what endorsers sign, together with their identity. */
export function proposalResponsePayload(simulated: Simulated): Uint8Array {
    const chaincode = new peer.ChaincodeID();
    chaincode.setName(simulated.chaincode.name);
    chaincode.setVersion(simulated.chaincode.version);
    const action = new peer.ChaincodeAction();
    action.setResults(simulated.results);
    action.setEvents(simulated.events);
    action.setResponse(responseMessage(simulated.response));
    action.setChaincodeId(chaincode);
    const payload = new peer.ProposalResponsePayload();
    payload.setProposalHash(simulated.proposalHash);
    payload.setExtension$(action.serializeBinary());
    return payload.serializeBinary();
}

/** A response with this endorser's signature over payload ‖ identity. */
export function endorsedResponse(simulated: Simulated, endorser: SigningIdentity): peer.ProposalResponse {
    const payload = proposalResponsePayload(simulated);
    const endorsement = new peer.Endorsement();
    endorsement.setEndorser(endorser.serialized);
    endorsement.setSignature(endorser.sign(concat(payload, endorser.serialized)));
    const response = new peer.ProposalResponse();
    response.setVersion(RESPONSE_VERSION);
    response.setResponse(responseMessage(simulated.response));
    response.setPayload(payload);
    response.setEndorsement(endorsement);
    return response;
}

export interface ProposalRequest {
    /** Empty for what concerns the peer and no channel. */
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

function invocation(request: ProposalRequest, chaincode: peer.ChaincodeID): peer.ChaincodeProposalPayload {
    const input = new peer.ChaincodeInput();
    input.setArgsList([...request.args]);
    input.setIsInit(request.isInit ?? false);
    const specification = new peer.ChaincodeSpec();
    specification.setType(peer.ChaincodeSpec.Type.NODE);
    specification.setChaincodeId(chaincode);
    specification.setInput(input);
    const invoked = new peer.ChaincodeInvocationSpec();
    invoked.setChaincodeSpec(specification);
    const payload = new peer.ChaincodeProposalPayload();
    payload.setInput(invoked.serializeBinary());
    for (const [name, value] of request.transient ?? []) payload.getTransientmapMap().set(name, value);
    return payload;
}

/** A signed proposal, for our own tooling (deployment, tests). */
export function buildProposal(request: ProposalRequest, client: SigningIdentity): SignedProposalOfClient {
    const nonce = request.nonce ?? randomBytes(NONCE_BYTES);
    const txId = transactionId(nonce, client.serialized);
    const chaincode = new peer.ChaincodeID();
    chaincode.setName(request.chaincode);
    const extension = new peer.ChaincodeHeaderExtension();
    extension.setChaincodeId(chaincode);
    const channelHeader = new common.ChannelHeader();
    channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
    channelHeader.setTimestamp(timestampOf(request.timestamp ?? new Date()));
    channelHeader.setChannelId(request.channelId);
    channelHeader.setTxId(txId);
    channelHeader.setExtension$(extension.serializeBinary());
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(client.serialized);
    signatureHeader.setNonce(nonce);
    const header = new common.Header();
    header.setChannelHeader(channelHeader.serializeBinary());
    header.setSignatureHeader(signatureHeader.serializeBinary());
    const proposal = new peer.Proposal();
    proposal.setHeader(header.serializeBinary());
    proposal.setPayload(invocation(request, chaincode).serializeBinary());
    const proposalBytes = proposal.serializeBinary();
    const signed = new peer.SignedProposal();
    signed.setProposalBytes(proposalBytes);
    signed.setSignature(client.sign(proposalBytes));
    return { txId, proposal, signed };
}

/** Throws FormatError unless all responses are successful and have this payload. */
function checkResponses(responses: readonly peer.ProposalResponse[], payload: Uint8Array): void {
    for (const response of responses) {
        const { status, message } = (response.getResponse() ?? new peer.Response()).toObject();
        if (status < OK_STATUS || status >= ERROR_STATUS) {
            throw new FormatError(`proposal response was not successful, error code ${status}, msg ${message}`);
        }
        if (!sameBytes(response.getPayload_asU8(), payload)) {
            throw new FormatError('ProposalResponsePayloads do not match');
        }
    }
}

/** The responses' one payload and the endorsements, one per endorser. Throws FormatError when there is no such thing. */
function endorsedAction(responses: readonly peer.ProposalResponse[]): peer.ChaincodeEndorsedAction {
    const [first] = responses;
    if (first === undefined) throw new FormatError('at least one proposal response is required');
    const payload = first.getPayload_asU8();
    checkResponses(responses, payload);
    const endorsements = new Map<string, peer.Endorsement>();
    for (const endorsement of responses.map((response) => response.getEndorsement())) {
        if (endorsement === undefined) continue;
        const endorser = Buffer.from(endorsement.getEndorser_asU8()).toString('latin1');
        if (!endorsements.has(endorser)) endorsements.set(endorser, endorsement);
    }
    if (endorsements.size === 0) throw new FormatError('no endorsements');
    const action = new peer.ChaincodeEndorsedAction();
    action.setProposalResponsePayload(payload);
    action.setEndorsementsList([...endorsements.values()]);
    return action;
}

/** Payload bytes of the transaction made of these responses. Throws FormatError when they differ or none is endorsed. */
export function transactionPayload(proposal: peer.Proposal, responses: readonly peer.ProposalResponse[]): Uint8Array {
    const header = decode(common.Header, proposal.getHeader_asU8(), 'header');
    const proposed = decode(peer.ChaincodeProposalPayload, proposal.getPayload_asU8(), 'ChaincodeProposalPayload');
    const chaincodeAction = new peer.ChaincodeActionPayload();
    chaincodeAction.setChaincodeProposalPayload(withoutTransient(proposed));
    chaincodeAction.setAction(endorsedAction(responses));
    const action = new peer.TransactionAction();
    action.setHeader(header.getSignatureHeader_asU8());
    action.setPayload(chaincodeAction.serializeBinary());
    const transaction = new peer.Transaction();
    transaction.addActions(action);
    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(transaction.serializeBinary());
    return payload.serializeBinary();
}

/** The transaction's envelope, signed by the client who made the proposal. */
export function transactionEnvelope(
    proposal: peer.Proposal,
    responses: readonly peer.ProposalResponse[],
    client: SigningIdentity,
): common.Envelope {
    return signPayload(transactionPayload(proposal, responses), client);
}
