import { common, ledger, peer } from '@hyperledger/fabric-protos';

import { blockEnvelopes, validationFlags } from '../../../fabric/blocks';
import { parseEnvelope, type ParsedEnvelope } from '../../../fabric/envelopes';
import type { Identity } from '../../../fabric/msp';
import { encodePvtRwSet, type PrivateNamespaceRwSet } from '../../../fabric/rwset';
import { mspIdOfImplicitCollection } from '../../lifecycle-state';
import type { PeerChannel } from '../../validation/peer-channel';

const ENDORSER_TRANSACTION = 3;

export type DeliverKind = 'block' | 'filtered' | 'private';

function filteredActions(envelope: ParsedEnvelope): peer.FilteredTransactionActions {
    const actions = new peer.FilteredTransactionActions();
    const event = peer.ChaincodeEvent.deserializeBinary(envelope.transaction().events);
    if (event.getChaincodeId() === '') return actions;
    event.setPayload(new Uint8Array());
    const action = new peer.FilteredChaincodeAction();
    action.setChaincodeEvent(event);
    actions.setChaincodeActionsList([action]);
    return actions;
}

type TransactionCode = peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap];

function filteredTransaction(envelope: ParsedEnvelope, code: number): peer.FilteredTransaction {
    const result = new peer.FilteredTransaction();
    result.setTxid(envelope.txId);
    result.setType(envelope.type as common.HeaderTypeMap[keyof common.HeaderTypeMap]);
    result.setTxValidationCode(code as TransactionCode);
    if (envelope.type === ENDORSER_TRANSACTION) result.setTransactionActions(filteredActions(envelope));
    return result;
}

/** What became of a block's transactions, without what is in them. */
export function filteredBlock(block: common.Block, channelId: string): peer.FilteredBlock {
    const flags = validationFlags(block);
    const result = new peer.FilteredBlock();
    result.setChannelId(channelId);
    result.setNumber(block.getHeader()?.getNumber() ?? 0);
    result.setFilteredTransactionsList(
        blockEnvelopes(block).map((bytes, index) =>
            filteredTransaction(parseEnvelope(bytes), flags?.[index] ?? peer.TxValidationCode.NOT_VALIDATED),
        ),
    );
    return result;
}

function maySee(channel: PeerChannel, reader: Identity, namespace: string, collection: string): boolean {
    const organisation = mspIdOfImplicitCollection(collection);
    if (organisation !== undefined) return organisation === reader.mspId;
    const config = channel.definition(namespace)?.collections.find((each) => each.getName() === collection);
    const principals = config?.getMemberOrgsPolicy()?.getSignaturePolicy()?.getIdentitiesList() ?? [];
    return principals.some((principal) => reader.satisfies(principal));
}

/** The plaintext this peer has of a block, as far as the reader is a member of the collections. */
async function privateData(
    block: common.Block,
    channel: PeerChannel,
    reader: Identity,
): Promise<readonly (readonly [number, ledger.rwset.TxPvtReadWriteSet])[]> {
    const stored = await channel.ledger.privateDataOfBlock(block.getHeader()?.getNumber() ?? 0);
    return stored.flatMap(({ tx, rwset }) => {
        const namespaces: PrivateNamespaceRwSet[] = rwset.namespaces
            .map(({ name, collections }) => ({
                name,
                collections: collections.filter((each) => maySee(channel, reader, name, each.name)),
            }))
            .filter(({ collections }) => collections.length > 0);
        if (namespaces.length === 0) return [];
        return [[tx, ledger.rwset.TxPvtReadWriteSet.deserializeBinary(encodePvtRwSet({ namespaces }))] as const];
    });
}

/** One block in the form that the called method delivers. */
export async function blockResponse(
    kind: DeliverKind,
    block: common.Block,
    channel: PeerChannel,
    reader: Identity,
): Promise<peer.DeliverResponse> {
    const response = new peer.DeliverResponse();
    if (kind === 'block') response.setBlock(block);
    if (kind === 'filtered') response.setFilteredBlock(filteredBlock(block, channel.channelId));
    if (kind === 'private') {
        const withPrivate = new peer.BlockAndPrivateData();
        withPrivate.setBlock(block);
        for (const [tx, rwset] of await privateData(block, channel, reader)) {
            withPrivate.getPrivateDataMapMap().set(tx, rwset);
        }
        response.setBlockAndPrivateData(withPrivate);
    }
    return response;
}

export function statusResponse(status: keyof common.StatusMap): peer.DeliverResponse {
    const response = new peer.DeliverResponse();
    response.setStatus(common.Status[status]);
    return response;
}
