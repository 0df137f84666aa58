import type { Gateway, Proposal, Transaction } from '@hyperledger/fabric-gateway';
import { common, gateway as messages, peer } from '@hyperledger/fabric-protos';
import type { Endorsement } from './gather';

/** A transaction that one organisation has endorsed. */
export interface EndorsedByOne extends Endorsement {
    readonly transaction: Transaction;
}

/** Asks the gateway for the endorsement of one organisation of a proposal that may go to others as well. */
export async function endorsedBy(gateway: Gateway, proposal: Proposal, mspId: string): Promise<EndorsedByOne> {
    const request = messages.ProposedTransaction.deserializeBinary(proposal.getBytes());
    request.setEndorsingOrganizationsList([mspId]);
    const transaction = await gateway.newProposal(request.serializeBinary()).endorse();
    const { action } = opened(transaction);
    return { mspId, transaction, computed: Buffer.from(action.getProposalResponsePayload_asU8()).toString('base64') };
}

/**
 * One transaction with the endorsements of all. The gateway gives each organisation's as a transaction of its own, and the proposal
 * is the same in all of them; so nobody is asked again because somebody else was missing.
 */
export function joined(gateway: Gateway, endorsements: readonly EndorsedByOne[]): Transaction {
    const [first] = endorsements;
    if (first === undefined) {
        throw new TypeError('a transaction without endorsements');
    }
    const parts = opened(first.transaction);
    parts.action.setEndorsementsList(
        endorsements.flatMap(({ transaction }) => opened(transaction).action.getEndorsementsList()),
    );
    return gateway.newTransaction(closed(parts));
}

/** The messages within one another that a prepared transaction is made of. */
interface Parts {
    readonly prepared: messages.PreparedTransaction;
    readonly payload: common.Payload;
    readonly transaction: peer.Transaction;
    readonly actionPayload: peer.ChaincodeActionPayload;
    readonly action: peer.ChaincodeEndorsedAction;
}

function opened(endorsed: Transaction): Parts {
    const prepared = messages.PreparedTransaction.deserializeBinary(endorsed.getBytes());
    const payload = common.Payload.deserializeBinary(prepared.getEnvelope()?.getPayload_asU8() ?? new Uint8Array());
    const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
    const only = transaction.getActionsList()[0];
    const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(only?.getPayload_asU8() ?? new Uint8Array());
    const action = actionPayload.getAction();
    if (action === undefined) {
        throw new Error("the gateway's answer to a proposal holds no endorsement");
    }
    return { prepared, payload, transaction, actionPayload, action };
}

function closed({ prepared, payload, transaction, actionPayload, action }: Parts): Uint8Array {
    actionPayload.setAction(action);
    transaction.getActionsList()[0]?.setPayload(actionPayload.serializeBinary());
    payload.setData(transaction.serializeBinary());
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    prepared.setEnvelope(envelope);
    return prepared.serializeBinary();
}
