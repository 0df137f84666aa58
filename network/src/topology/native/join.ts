import { peer } from '@hyperledger/fabric-protos';
import { readFileSync } from 'node:fs';
import type { Layout } from '../layout';
import { fabricPeers } from '../network-kind';
import type { Organisation, Topology } from '../topology';
import { AdminClient } from './admin-client';
import { joinOrderers } from './join-orderers';
import { hostPort } from './ports';

export interface JoinOptions {
    readonly progress: (step: string) => void;
    readonly deadline: AbortSignal;
}

const CALL_LIMIT_MS = 30_000;

/** Has Fabric's orderers and peers join the channel, those that have not; embedded nodes are born in it. */
export async function joinChannel(topology: Topology, layout: Layout, options: JoinOptions): Promise<void> {
    const peers = fabricPeers(topology);
    await joinOrderers(topology, layout, options);
    const genesis = readFileSync(layout.genesisBlock);
    const joined = await Promise.all(peers.map((each) => joinPeer(each, topology, genesis, layout)));
    const fresh = peers.filter((_, index) => joined[index]);
    if (fresh.length > 0) {
        options.progress(`peers of ${fresh.map(({ id }) => id).join(', ')} joined channel ${topology.channel}`);
    }
}

/** @returns whether it was not in the channel yet. */
async function joinPeer(
    organisation: Organisation,
    topology: Topology,
    genesis: Uint8Array,
    layout: Layout,
): Promise<boolean> {
    const client = new AdminClient(organisation, topology, layout);
    try {
        const answer = await client.call('', 'cscc', ['GetChannels'], CALL_LIMIT_MS);
        const channels = peer.ChannelQueryResponse.deserializeBinary(answer).getChannelsList();
        if (channels.some((each) => each.getChannelId() === topology.channel)) {
            return false;
        }
        await client.call('', 'cscc', ['JoinChain', genesis], CALL_LIMIT_MS);
        return true;
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(`${organisation.id} (${hostPort(organisation.peer)}), joining the channel: ${why}`, {
            cause: error,
        });
    } finally {
        client.close();
    }
}
