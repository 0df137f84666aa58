import { common, gossip } from '@hyperledger/fabric-protos';

import { signedEnvelope } from '../../../fabric/envelopes';
import { imaginedIdentity } from '../../../fabric/msp';
import {
    decodePrivateCollection,
    encodePrivateCollection,
    type PrivateCollectionRwSet,
    type PvtRwSet,
} from '../../../fabric/rwset';
import type { SigningIdentity } from '../../../fabric/signing';
import type { PeerChannel } from '../../validation/peer-channel';
import { errorText } from '../proposal-checks';
import { peersOf, type Node } from '../gateway/remote-nodes';
import { explicitCollection, isMemberOf, requester } from './exchange';

export interface DisseminatorOptions {
    readonly channel: PeerChannel;
    readonly identity: SigningIdentity;
    readonly push: (node: Node, message: common.Envelope) => Promise<void>;
}

/**
 * Sends what an endorsement wrote to explicit collections to peers of their members, before the endorsement is returned: to as many as the
 * collection's maximumPeerCount, of which requiredPeerCount have to have it. Members that are not reached ask when the block is there.
 */
export class Disseminator {
    constructor(private readonly options: DisseminatorOptions) {}

    /** Throws when a collection's required count is not reached. */
    async disseminate(txId: string, { namespaces }: PvtRwSet): Promise<void> {
        const all = namespaces.flatMap(({ name, collections }) => collections.map((one) => this.send(txId, name, one)));
        await Promise.all(all);
    }

    private async send(txId: string, namespace: string, collection: PrivateCollectionRwSet): Promise<void> {
        const { channel, push } = this.options;
        const config = explicitCollection(channel, namespace, collection.name);
        if (config === undefined) return;
        const [required, most] = [config.getRequiredPeerCount(), config.getMaximumPeerCount()];
        const members = this.otherPeers().filter(({ mspId }) => isMemberOf(config, imaginedIdentity(mspId, 'peer')));
        if (members.length < required) {
            throw this.failure(
                txId,
                `required to disseminate to at least ${required} peers, but know of only ${members.length} eligible peers`,
            );
        }
        const message = this.messageOf(txId, namespace, collection);
        const sent = await Promise.allSettled(members.slice(0, most).map((node) => push(node, message)));
        const failed = sent.filter((each) => each.status === 'rejected');
        if (sent.length - failed.length < required) {
            const [first] = failed;
            throw this.failure(txId, first ? errorText(first.reason) : `only ${sent.length} peers were asked`);
        }
    }

    private failure(txId: string, why: string): Error {
        const { channelId } = this.options.channel;
        return new Error(`failed to distribute private collection, txID ${txId}, channel ${channelId}: ${why}`);
    }

    private otherPeers(): readonly Node[] {
        const { channel, identity } = this.options;
        return [...channel.bundle.applicationOrgs.keys()]
            .filter((mspId) => mspId !== identity.mspId)
            .flatMap((mspId) => peersOf(channel.bundle, mspId));
    }

    private messageOf(txId: string, namespace: string, collection: PrivateCollectionRwSet): common.Envelope {
        const { channel, identity } = this.options;
        const payload = new gossip.PrivatePayload();
        payload.setTxId(txId);
        payload.setNamespace(namespace);
        payload.setCollectionName(collection.name);
        payload.setPrivateRwset(encodePrivateCollection(collection));
        payload.setPrivateSimHeight(channel.ledger.height);
        const { MESSAGE } = common.HeaderType;
        return signedEnvelope(MESSAGE, channel.channelId, payload.serializeBinary(), identity);
    }
}

/**
 * Keeps what an endorsing peer sends for a transaction that is still to come. Only of a collection that this peer is a member of: what it
 * holds at commit is compared with the hashes in the block, so a forgery is never more than waste.
 */
export async function acceptPush(message: common.Envelope, channel: PeerChannel, now: Date): Promise<void> {
    const { identity, data } = requester(message, channel, now);
    const payload = gossip.PrivatePayload.deserializeBinary(data);
    const [namespace, name, txId] = [payload.getNamespace(), payload.getCollectionName(), payload.getTxId()];
    const config = explicitCollection(channel, namespace, name);
    if (identity.role !== 'peer' || config === undefined || !channel.isMemberOf(namespace, name)) {
        throw new Error(`no private data of collection ${namespace}/${name} are taken from ${identity.mspId} here`);
    }
    if (channel.ledger.hasTransaction(txId)) return;
    const collection = decodePrivateCollection(name, payload.getPrivateRwset_asU8());
    await channel.ledger.persistTransient(txId, { namespaces: [{ name: namespace, collections: [collection] }] });
}
