import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { FormatError } from '../errors';
import { decodeRwSet, type TxRwSet } from '../rwset';
import { decode } from '../wire';

export interface Endorsement {
    /** SerializedIdentity bytes. */
    readonly endorser: Uint8Array;
    readonly signature: Uint8Array;
}

/** SHA-256(channel header ‖ signature header ‖ chaincode proposal payload); the payload without transient data. */
export function hashProposal(
    channelHeader: Uint8Array,
    signatureHeader: Uint8Array,
    proposalPayload: Uint8Array,
): Uint8Array {
    return createHash('sha256').update(channelHeader).update(signatureHeader).update(proposalPayload).digest();
}

/**
 * An endorser transaction (its one action); bytes are as they stand in the envelope.
 *
 * What is inside the endorsed payload is read when asked for, and each such property throws FormatError if it cannot be: peers give
 * other codes to what is wrong there than to what is wrong outside.
 */
export class ParsedTransaction {
    /** Signature header of the action. */
    readonly actionSignatureHeader: Uint8Array;
    readonly actionCreator: Uint8Array;
    readonly actionNonce: Uint8Array;
    /** Bytes of ProposalResponsePayload: what endorsers signed, together with their identity. */
    readonly proposalResponsePayload: Uint8Array;
    readonly proposalHash: Uint8Array;
    /** The hash the proposal hash has to equal: recomputed from header and proposal payload. */
    readonly expectedProposalHash: Uint8Array;
    readonly endorsements: readonly Endorsement[];
    readonly #proposalPayload: Uint8Array;
    readonly #extensionOfResponse: Uint8Array;
    readonly #headerExtension: Uint8Array;
    #action: peer.ChaincodeAction | undefined;
    #input: peer.ChaincodeInput | undefined;
    #rwSet: TxRwSet | undefined;

    constructor(action: peer.TransactionAction, channelHeader: Uint8Array, headerExtension: Uint8Array) {
        this.actionSignatureHeader = action.getHeader_asU8();
        const signatureHeader = decode(
            common.SignatureHeader,
            this.actionSignatureHeader,
            'signature header of action',
        );
        this.actionCreator = signatureHeader.getCreator_asU8();
        this.actionNonce = signatureHeader.getNonce_asU8();
        const payload = decode(peer.ChaincodeActionPayload, action.getPayload_asU8(), 'ChaincodeActionPayload');
        const endorsed = payload.getAction();
        if (endorsed === undefined) throw new FormatError('no endorsed action in ChaincodeActionPayload');
        this.proposalResponsePayload = endorsed.getProposalResponsePayload_asU8();
        const response = decode(peer.ProposalResponsePayload, this.proposalResponsePayload, 'ProposalResponsePayload');
        this.proposalHash = response.getProposalHash_asU8();
        this.#extensionOfResponse = response.getExtension_asU8();
        this.#headerExtension = headerExtension;
        this.#proposalPayload = payload.getChaincodeProposalPayload_asU8();
        if (this.#proposalPayload.length === 0) throw new FormatError('no chaincode proposal payload');
        this.expectedProposalHash = hashProposal(channelHeader, this.actionSignatureHeader, this.#proposalPayload);
        this.endorsements = endorsed.getEndorsementsList().map((endorsement) => ({
            endorser: endorsement.getEndorser_asU8(),
            signature: endorsement.getSignature_asU8(),
        }));
    }

    get #chaincodeAction(): peer.ChaincodeAction {
        if (this.#extensionOfResponse.length === 0) throw new FormatError('response payload is missing its extension');
        return (this.#action ??= decode(peer.ChaincodeAction, this.#extensionOfResponse, 'ChaincodeAction'));
    }

    get #chaincodeInput(): peer.ChaincodeInput {
        return (this.#input ??= readInput(this.#proposalPayload));
    }

    /** Bytes of TxReadWriteSet. */
    get results(): Uint8Array {
        return this.#chaincodeAction.getResults_asU8();
    }

    /** The results, unfolded; shared like the rest: not to be changed. */
    get rwSet(): TxRwSet {
        return (this.#rwSet ??= decodeRwSet(this.results));
    }

    /** Bytes of the ChaincodeEvent, empty if none. */
    get events(): Uint8Array {
        return this.#chaincodeAction.getEvents_asU8();
    }

    get response(): peer.Response | undefined {
        return this.#chaincodeAction.getResponse();
    }

    /** The chaincode the endorsed action says it ran; undefined when it does not say. */
    get chaincodeId(): { readonly name: string; readonly version: string } | undefined {
        const id = this.#chaincodeAction.getChaincodeId();
        return id === undefined ? undefined : { name: id.getName(), version: id.getVersion() };
    }

    /** The chaincode that the channel header's extension names. */
    get invokedChaincode(): string {
        const extension = decode(peer.ChaincodeHeaderExtension, this.#headerExtension, 'ChaincodeHeaderExtension');
        const name = extension.getChaincodeId()?.getName();
        if (name === undefined) throw new FormatError('header extension names no chaincode');
        return name;
    }

    get args(): readonly Uint8Array[] {
        return this.#chaincodeInput.getArgsList_asU8();
    }

    get isInit(): boolean {
        return this.#chaincodeInput.getIsInit();
    }
}

function readInput(proposalPayload: Uint8Array): peer.ChaincodeInput {
    const payload = decode(peer.ChaincodeProposalPayload, proposalPayload, 'ChaincodeProposalPayload');
    const specification = decode(peer.ChaincodeInvocationSpec, payload.getInput_asU8(), 'ChaincodeInvocationSpec');
    const input = specification.getChaincodeSpec()?.getInput();
    if (input === undefined) throw new FormatError('chaincode input did not contain any input');
    return input;
}

/** Throws FormatError unless the bytes are a Transaction of exactly one action that can be read down to what was endorsed. */
export function parseTransaction(
    data: Uint8Array,
    channelHeader: Uint8Array,
    headerExtension: Uint8Array,
): ParsedTransaction {
    const [action, ...others] = decode(peer.Transaction, data, 'Transaction').getActionsList();
    if (action === undefined || others.length > 0) {
        throw new FormatError('only one action per transaction is supported');
    }
    return new ParsedTransaction(action, channelHeader, headerExtension);
}
