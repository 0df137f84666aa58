import { common, peer } from '@hyperledger/fabric-protos';
import { signaturePolicyEnvelope, signedBy } from '../../fabric/policy';
import type { NamespaceRwSet } from '../../fabric/rwset';
import { signingIdentity, type SigningIdentity } from '../../fabric/signing';
import { Authority } from '../../topology/identities/authority';
import type { OrderingCommunity } from './community';

const policyWrite = (policy: Uint8Array) => [{ name: 'VALIDATION_PARAMETER', value: policy }];
/** Sets this policy for a public key. */
export const metadata = (policy: Uint8Array): Partial<NamespaceRwSet> => ({
    metadataWrites: [{ key: 'round', entries: policyWrite(policy) }],
});
/** Sets this policy for a private key. */
export const hashedMetadata = (policy: Uint8Array, collection = '_implicit_org_H1MSP'): Partial<NamespaceRwSet> => ({
    collections: [
        {
            name: collection,
            hashedReads: [],
            hashedWrites: [],
            hashedMetadataWrites: [{ keyHash: new Uint8Array(32), entries: policyWrite(policy) }],
            pvtRwSetHash: new Uint8Array(),
        },
    ],
});
export const wellFormed = (): Uint8Array => signaturePolicyEnvelope(signedBy('H1MSP', 'peer')).serializeBinary();

/** A policy whose one rule asks for an identity that it does not list. */
export function indexOutOfRange(): Uint8Array {
    const policy = signaturePolicyEnvelope(signedBy('H1MSP', 'peer'));
    policy.clearIdentitiesList();
    return policy.serializeBinary();
}

export function tampered(community: OrderingCommunity): Uint8Array {
    const envelope = community.transaction();
    const signature = envelope.getSignature_asU8();
    signature.set([(signature.at(-1) ?? 0) ^ 1], signature.length - 1);
    envelope.setSignature(signature);
    return envelope.serializeBinary();
}

export function withForeignTxId(community: OrderingCommunity): Uint8Array {
    const client = community.client('H1');
    const payload = common.Payload.deserializeBinary(community.transaction().getPayload_asU8());
    const header = payload.getHeader() ?? new common.Header();
    const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
    channelHeader.setTxId('ab'.repeat(32));
    header.setChannelHeader(channelHeader.serializeBinary());
    payload.setHeader(header);
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    envelope.setSignature(client.sign(payload.serializeBinary()));
    return envelope.serializeBinary();
}

/** Signed like any other, with this instead of the transaction. */
export function withData(community: OrderingCommunity, data: Uint8Array): Uint8Array {
    const payload = common.Payload.deserializeBinary(community.transaction().getPayload_asU8());
    payload.setData(data);
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    envelope.setSignature(community.client('H1').sign(payload.serializeBinary()));
    return envelope.serializeBinary();
}

/** What a transaction would be without the part that peers endorse. */
export function withoutEndorsedAction(community: OrderingCommunity): Uint8Array {
    const payload = common.Payload.deserializeBinary(community.transaction().getPayload_asU8());
    const made = peer.Transaction.deserializeBinary(payload.getData_asU8());
    const proposed = new peer.ChaincodeActionPayload();
    proposed.setChaincodeProposalPayload(Buffer.from('proposal'));
    made.getActionsList().forEach((action) => {
        action.setPayload(proposed.serializeBinary());
    });
    return made.serializeBinary();
}

/** Says that it is of H1, but another authority made it. */
export async function outsider(): Promise<SigningIdentity> {
    const own = await Authority.create({ commonName: 'ca.elsewhere' });
    const { certificatePem, privateKeyPem } = await own.issue({
        commonName: 'Agent',
        unit: 'client',
        usage: 'identity',
    });
    return signingIdentity('H1MSP', certificatePem, privateKeyPem);
}

/** The same envelope with its two fields the other way round: every reader understands it, none writes it so. */
export function fieldsSwapped(community: OrderingCommunity): Uint8Array {
    const envelope = community.transaction();
    const [payload, signature] = [new common.Envelope(), new common.Envelope()];
    payload.setPayload(envelope.getPayload());
    signature.setSignature(envelope.getSignature());
    return Buffer.concat([signature.serializeBinary(), payload.serializeBinary()]);
}
