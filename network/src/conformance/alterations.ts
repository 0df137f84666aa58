import { common, peer } from '@hyperledger/fabric-protos';
import { signPayload } from '../fabric/envelopes';
import {
    buildProposal,
    endorsedResponse,
    parseSignedProposal,
    proposalHash,
    transactionEnvelope,
} from '../fabric/proposals';
import { encodeRwSet } from '../fabric/rwset';
import type { SigningIdentity } from '../fabric/signing';
import { rwset } from '../testing/rwsets';
import { transaction, type Made, type MadeEnvelope, type Setting, type TransactionOfScenario } from './scenario';

/** What a dishonest client, or dishonest endorsers, may change in a transaction. */
export interface OuterParts {
    readonly payload: common.Payload;
    readonly header: common.Header;
    readonly channelHeader: common.ChannelHeader;
    readonly signatureHeader: common.SignatureHeader;
}

export interface InnerParts {
    readonly action: peer.ChaincodeAction;
    readonly response: peer.ProposalResponsePayload;
    readonly endorsed: peer.ChaincodeEndorsedAction;
}

const SMALL: TransactionOfScenario = { writes: { a: '1' } };

/** Bytes in the place of a payload, signed by a member. */
export const payloadOf =
    (bytes: Uint8Array): MadeEnvelope =>
    ({ community }) =>
        signPayload(bytes, community.signer('H1', 'agent')).serializeBinary();

/** A transaction with something changed before its client signs it. */
export function changed(
    change: (parts: OuterParts) => void,
    sketch: Made<TransactionOfScenario> = SMALL,
): MadeEnvelope {
    return async (setting) => {
        const envelope = common.Envelope.deserializeBinary(await transaction(sketch)(setting));
        const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
        const header = payload.getHeader() ?? new common.Header();
        const parts: OuterParts = {
            payload,
            header,
            channelHeader: common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8()),
            signatureHeader: common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()),
        };
        change(parts);
        header.setChannelHeader(parts.channelHeader.serializeBinary());
        header.setSignatureHeader(parts.signatureHeader.serializeBinary());
        payload.setHeader(header);
        return payloadOf(payload.serializeBinary())(setting);
    };
}

/** A transaction with something changed after it was endorsed. */
export function tampered(
    change: (parts: InnerParts) => void,
    sketch: Made<TransactionOfScenario> = SMALL,
): MadeEnvelope {
    return changed(({ payload }) => {
        inAction(payload, (actionPayload) => {
            const endorsed = actionPayload.getAction() ?? new peer.ChaincodeEndorsedAction();
            const response = peer.ProposalResponsePayload.deserializeBinary(endorsed.getProposalResponsePayload_asU8());
            const action = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
            const before = response.serializeBinary();
            change({ action, response, endorsed });
            const isOuter = Buffer.compare(before, response.serializeBinary()) !== 0;
            if (!isOuter) response.setExtension$(action.serializeBinary());
            endorsed.setProposalResponsePayload(response.serializeBinary());
        });
    }, sketch);
}

/** Makes the endorsed proposal hash fit a changed header. */
export function rehash({ payload, channelHeader }: OuterParts): void {
    inAction(payload, (actionPayload, action) => {
        const endorsed = actionPayload.getAction() ?? new peer.ChaincodeEndorsedAction();
        const response = peer.ProposalResponsePayload.deserializeBinary(endorsed.getProposalResponsePayload_asU8());
        response.setProposalHash(
            proposalHash(
                channelHeader.serializeBinary(),
                action.getHeader_asU8(),
                actionPayload.getChaincodeProposalPayload_asU8(),
            ),
        );
        endorsed.setProposalResponsePayload(response.serializeBinary());
    });
}

function inAction(
    payload: common.Payload,
    change: (actionPayload: peer.ChaincodeActionPayload, action: peer.TransactionAction) => void,
): void {
    const whole = peer.Transaction.deserializeBinary(payload.getData_asU8());
    const [action = new peer.TransactionAction()] = whole.getActionsList();
    const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
    change(actionPayload, action);
    action.setPayload(actionPayload.serializeBinary());
    payload.setData(whole.serializeBinary());
}

export function chaincodeEvent(chaincode: string, txId = ''): Uint8Array {
    const message = new peer.ChaincodeEvent();
    message.setChaincodeId(chaincode);
    message.setTxId(txId);
    message.setEventName('traded');
    return message.serializeBinary();
}

/** A transaction of this client, which sound peers have endorsed all the same. */
export const by =
    (client: (setting: Setting) => Promise<SigningIdentity> | SigningIdentity): MadeEnvelope =>
    async (setting) => {
        const { community, chaincode } = setting;
        const signer = await client(setting);
        const { proposal, signed } = buildProposal(
            { channelId: community.topology.channel, chaincode, args: [Buffer.from('test')] },
            signer,
        );
        const simulated = {
            proposalHash: parseSignedProposal(signed).hash,
            response: { status: 200, message: '', payload: new Uint8Array() },
            results: encodeRwSet(rwset({ [chaincode]: { writes: { a: '1' } } })),
            events: new Uint8Array(),
            chaincode: { name: chaincode, version: '1.0' },
        };
        const responses = ['DSO', 'H1'].map((id) => endorsedResponse(simulated, community.signer(id, 'peer')));
        return transactionEnvelope(proposal, responses, signer).serializeBinary();
    };
