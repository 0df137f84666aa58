import { readCommunity } from '@commonwatt/network/topology/community/read';
import { deploy } from '@commonwatt/network/topology/deploy/deploy';
import { layout as layoutOf } from '@commonwatt/network/topology/layout';
import { withNetwork, type NetworkWish } from '@commonwatt/network/topology/network-kind';
import { withStorage } from '@commonwatt/network/topology/storage';
import type { Storage } from '@commonwatt/network/topology/topology';
import { startNetwork, stopNetwork } from '@commonwatt/network/topology/processes/network';
import type { Charter } from '@commonwatt/chaincode/api/records';
import { foundCommunity } from '../community/founding';
import { CommunityMembers } from '../community/members';
import { testHome } from './command';

/** A community whose network is up and that has been founded. */
export interface TestNetwork {
    readonly members: CommunityMembers;
    readonly charter: Charter;
    readonly startSeconds: number;
    stop(): Promise<void>;
}

/**
 * Brings up the first `homes` of the demonstration's community in a folder of its own; on embedded peers and without storage, if nothing else is
 * asked.
 */
export async function testNetwork(
    homes: number,
    firstPort: number,
    network: NetworkWish = {},
    storage?: Storage,
): Promise<TestNetwork> {
    const home = testHome(homes, firstPort);
    const layout = layoutOf(home.directory);
    const small = withNetwork(readCommunity(home.community), network);
    const topology = storage === undefined ? small : withStorage(small, storage);
    const begin = performance.now();
    const members = new CommunityMembers(topology, layout);
    const stop = async (): Promise<void> => {
        members.close();
        await stopNetwork(layout);
        home.remove();
    };
    try {
        await startNetwork(topology, layout);
        await deploy(topology, layout);
        const charter = await foundCommunity(members, [{ fromSlot: 0, offsetMinutes: 60 }]);
        return { members, charter, startSeconds: (performance.now() - begin) / 1000, stop };
    } catch (error) {
        await stop();
        throw error;
    }
}
