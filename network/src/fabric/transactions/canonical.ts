import { common, ledger, peer } from '@hyperledger/fabric-protos';
import type { Message } from 'google-protobuf';
import { FormatError } from '../errors';
import { canonical, type MessageType } from '../wire';
import { parseTransaction } from './parse';

/**
 * False for envelopes that lack payload or signature, or would come out as other bytes when a peer encodes them again: one of them
 * spoils its whole block.
 */
export function reMarshalsToSameBytes(bytes: Uint8Array): boolean {
    const envelope = canonical(common.Envelope, bytes);
    return envelope !== undefined && envelope.getPayload_asU8().length > 0 && envelope.getSignature_asU8().length > 0;
}

function read<M extends Message>(type: MessageType<M>, bytes: Uint8Array, what: string): M {
    const message = canonical(type, bytes);
    if (message === undefined) throw new FormatError(`${what} is not in its canonical encoding`);
    return message;
}

/**
 * Throws FormatError unless the envelope and all that peers read inside it are there, in the one canonical encoding.
 *
 * Stricter than Fabric, and so a protection that only ordering can give: protobuf decoders agree on canonical bytes, but not on
 * fields given twice or unknown ones, and peers that read a transaction differently would come to different states.
 */
export function assertCanonicalEnvelope(bytes: Uint8Array): void {
    const envelope = read(common.Envelope, bytes, 'envelope');
    const payload = read(common.Payload, envelope.getPayload_asU8(), 'payload');
    const header = payload.getHeader();
    if (header === undefined) throw new FormatError('payload has no header');
    const channel = read(common.ChannelHeader, header.getChannelHeader_asU8(), 'channel header');
    read(common.SignatureHeader, header.getSignatureHeader_asU8(), 'signature header');
    if (channel.getType() !== common.HeaderType.ENDORSER_TRANSACTION) return;
    read(peer.ChaincodeHeaderExtension, channel.getExtension_asU8(), 'header extension');
    for (const action of read(peer.Transaction, payload.getData_asU8(), 'transaction').getActionsList()) {
        checkAction(action);
    }
    checkComplete(header, payload.getData_asU8(), channel.getExtension_asU8());
}

/** A transaction that cannot be read down to its action stops Fabric's peers when another one follows it in its block. */
function checkComplete(header: common.Header, data: Uint8Array, extension: Uint8Array): void {
    const transaction = parseTransaction(data, header.getChannelHeader_asU8(), extension);
    if (transaction.invokedChaincode === '') throw new FormatError('header extension names no chaincode');
    if (transaction.chaincodeId === undefined) throw new FormatError('chaincode action names no chaincode');
    if (transaction.args.length === 0) throw new FormatError('the transaction has no arguments');
}

function checkAction(action: peer.TransactionAction): void {
    read(common.SignatureHeader, action.getHeader_asU8(), 'signature header of action');
    const payload = read(peer.ChaincodeActionPayload, action.getPayload_asU8(), 'action payload');
    const endorsed = payload.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array();
    const response = read(peer.ProposalResponsePayload, endorsed, 'proposal response payload');
    const chaincodeAction = read(peer.ChaincodeAction, response.getExtension_asU8(), 'chaincode action');
    read(peer.ChaincodeEvent, chaincodeAction.getEvents_asU8(), 'chaincode event');
    checkResults(chaincodeAction.getResults_asU8());
}

function checkResults(results: Uint8Array): void {
    const set = read(ledger.rwset.TxReadWriteSet, results, 'read-write set');
    for (const namespace of set.getNsRwsetList()) {
        read(ledger.rwset.kvrwset.KVRWSet, namespace.getRwset_asU8(), 'read-write set of a namespace');
        for (const collection of namespace.getCollectionHashedRwsetList()) {
            const hashed = collection.getHashedRwset_asU8();
            read(ledger.rwset.kvrwset.HashedRWSet, hashed, 'read-write set of a collection');
        }
    }
}
