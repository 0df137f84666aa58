import { gossip, type common, type peer } from '@hyperledger/fabric-protos';

import { parseEnvelope } from '../../../fabric/envelopes';
import type { Identity } from '../../../fabric/msp';
import { encodePrivateCollection } from '../../../fabric/rwset';
import type { PeerChannel } from '../../validation/peer-channel';

/** Beside Fabric's services: embedded peers do not gossip, and this is the one thing that members of a collection need of each other. */
export const FETCH_PATH = '/commonwatt.PrivateData/Fetch';
export const PUSH_PATH = '/commonwatt.PrivateData/Push';
/** In one request. */
export const MOST_DIGESTS = 50;
const TIME_WINDOW_MS = 15 * 60_000;

/** As Fabric decides who may be told: an identity that the collection's policy names. */
export function isMemberOf(config: peer.StaticCollectionConfig, identity: Identity): boolean {
    const principals = config.getMemberOrgsPolicy()?.getSignaturePolicy()?.getIdentitiesList() ?? [];
    return principals.some((principal) => identity.satisfies(principal));
}

export function explicitCollection(
    channel: PeerChannel,
    namespace: string,
    collection: string,
): peer.StaticCollectionConfig | undefined {
    return channel.definition(namespace)?.collections.find((each) => each.getName() === collection);
}

/** Who sent a signed message of this channel. Throws when it is not that, or of another time. */
export function requester(
    request: common.Envelope,
    channel: PeerChannel,
    now: Date,
): { identity: Identity; data: Uint8Array } {
    const { channelId, timestamp, creator, payload, signature, data } = parseEnvelope(request.serializeBinary());
    const identity = channel.bundle.msps.identity(creator);
    const isTimely = timestamp !== undefined && Math.abs(timestamp.getTime() - now.getTime()) <= TIME_WINDOW_MS;
    if (channelId !== channel.channelId || !isTimely || !identity.verify(payload, signature)) {
        throw new Error('the request is not of this channel, not signed by who sent it, or not of this time');
    }
    return { identity, data };
}

/** Answers another organisation's peer with plaintext of explicit collections that it is a member of, and with no other. */
export async function answerFetch(
    request: common.Envelope,
    channel: PeerChannel,
    now: Date,
): Promise<gossip.RemotePvtDataResponse> {
    const { identity, data } = requester(request, channel, now);
    const digests = gossip.RemotePvtDataRequest.deserializeBinary(data).getDigestsList().slice(0, MOST_DIGESTS);
    const response = new gossip.RemotePvtDataResponse();
    for (const digest of digests) {
        const config = explicitCollection(channel, digest.getNamespace(), digest.getCollection());
        if (config === undefined || !isMemberOf(config, identity)) continue;
        const plaintext = await held(digest, channel);
        if (plaintext === undefined) continue;
        const element = new gossip.PvtDataElement();
        element.setDigest(digest);
        element.setPayloadList([plaintext]);
        response.addElements(element);
    }
    return response;
}

async function held(digest: gossip.PvtDataDigest, { ledger }: PeerChannel): Promise<Uint8Array | undefined> {
    const sets = await ledger.privateDataOfBlock(digest.getBlockSeq());
    const collection = sets
        .find(({ tx }) => tx === digest.getSeqInBlock())
        ?.rwset.namespaces.find(({ name }) => name === digest.getNamespace())
        ?.collections.find(({ name }) => name === digest.getCollection());
    return collection && encodePrivateCollection(collection);
}
