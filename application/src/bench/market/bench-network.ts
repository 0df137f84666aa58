import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MARKET_CHAINCODES } from '@commonwatt/network/topology/assemble';
import { layout as layoutOf } from '@commonwatt/network/topology/layout';
import { withNetwork, type NetworkWish } from '@commonwatt/network/topology/network-kind';
import { stopNetwork } from '@commonwatt/network/topology/processes/network';
import { smallCommunity } from '@commonwatt/network/topology/small-community';
import { withStorage } from '@commonwatt/network/topology/storage';
import type { Storage } from '@commonwatt/network/topology/topology';
import { chosenDay, meterData } from '../../commands/day-choice';
import { runSteps } from '../../commands/steps/run-steps';
import { upSteps } from '../../commands/steps/up-steps';
import { CommunityMembers } from '../../community/members';
import { recordsChaincode } from './records-chaincode';

export interface BenchNetwork {
    /** The grid operator included. */
    readonly organisations: number;
    readonly portBase: number;
    readonly network?: NetworkWish;
    readonly storage?: Storage;
}

/** Brings a founded community up in a folder of its own, with the chaincode that writes records, and takes it down again. */
export async function onNetwork<R>(wish: BenchNetwork, use: (members: CommunityMembers) => Promise<R>): Promise<R> {
    const home = mkdtempSync(join(tmpdir(), 'commonwatt-bench-'));
    const chaincodes = [...MARKET_CHAINCODES, recordsChaincode(join(home, 'records'))];
    const { organisations, portBase, network = {}, storage } = wish;
    const small = withNetwork(smallCommunity(organisations - 1, { portBase, chaincodes }), network);
    const topology = storage === undefined ? small : withStorage(small, storage);
    const layout = layoutOf(home);
    const members = new CommunityMembers(topology, layout);
    try {
        const { clock } = meterData(topology, chosenDay({})).metered;
        const steps = upSteps({ topology, layout }, members, clock, { wasUp: false, homes: 0 });
        await runSteps(steps, false);
        return await use(members);
    } finally {
        members.close();
        await stopNetwork(layout);
        rmSync(home, { recursive: true, force: true });
    }
}
