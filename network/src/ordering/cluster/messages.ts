import { common, orderer } from '@hyperledger/fabric-protos';
import { blockHeader, blockSignatures, blockSignaturesValue, setBlockSignatures } from '../../fabric/blocks';
import { FormatError } from '../../fabric/errors';
import { decode } from '../../fabric/wire';

/** What seats tell each other: what somebody signed, or that signatures are missing. */
export type ClusterMessage = SignedHeader | Ask;

/** A header with what some seats signed beside it, and their signatures: evidence that needs no trust in who passes it on. */
export interface SignedHeader {
    readonly kind: 'signed';
    readonly header: common.BlockHeader;
    readonly value: Uint8Array;
    readonly signatures: readonly common.MetadataSignature[];
}

/** For the signatures of a range of blocks, both ends included. */
export interface Ask {
    readonly kind: 'ask';
    readonly from: number;
    readonly to: number;
}

/**
 * Fabric's own message between orderers, `orderer.StepRequest` with a consensus request: the payload is a block without its data, or
 * the metadata are the `SeekInfo` of a range.
 */
export function encodeClusterMessage(channelId: string, message: ClusterMessage): Buffer {
    const request = new orderer.ConsensusRequest();
    request.setChannel(channelId);
    if (message.kind === 'signed') {
        const block = new common.Block();
        block.setHeader(message.header);
        setBlockSignatures(block, message.value, message.signatures);
        request.setPayload(block.serializeBinary());
    } else {
        const seek = new orderer.SeekInfo();
        seek.setStart(position(message.from));
        seek.setStop(position(message.to));
        request.setMetadata(seek.serializeBinary());
    }
    const step = new orderer.StepRequest();
    step.setConsensusRequest(request);
    return Buffer.from(step.serializeBinary());
}

/** Throws FormatError for anything else than a message of this channel. */
export function decodeClusterMessage(channelId: string, bytes: Uint8Array): ClusterMessage {
    const request = decode(orderer.StepRequest, bytes, 'StepRequest').getConsensusRequest();
    if (request?.getChannel() !== channelId) {
        throw new FormatError(`a message of channel '${request?.getChannel() ?? ''}', this is '${channelId}'`);
    }
    const payload = request.getPayload_asU8();
    return payload.length > 0 ? signedHeader(payload) : ask(request.getMetadata_asU8());
}

function signedHeader(payload: Uint8Array): SignedHeader {
    const block = decode(common.Block, payload, 'a signed header');
    const value = blockSignaturesValue(block);
    decode(common.OrdererBlockMetadata, value, 'OrdererBlockMetadata');
    return { kind: 'signed', header: blockHeader(block), value, signatures: blockSignatures(block) };
}

function ask(metadata: Uint8Array): Ask {
    const seek = decode(orderer.SeekInfo, metadata, 'SeekInfo');
    const from = seek.getStart()?.getSpecified()?.getNumber();
    const to = seek.getStop()?.getSpecified()?.getNumber();
    if (from === undefined || to === undefined || !Number.isSafeInteger(from) || !Number.isSafeInteger(to)) {
        throw new FormatError('a request for signatures without a range');
    }
    return { kind: 'ask', from, to };
}

function position(number: number): orderer.SeekPosition {
    const specified = new orderer.SeekSpecified();
    specified.setNumber(number);
    const made = new orderer.SeekPosition();
    made.setSpecified(specified);
    return made;
}
