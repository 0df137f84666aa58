import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout as layoutOf, type Layout } from '@commonwatt/network/topology/layout';
import { withFirstHomes } from '@commonwatt/network/topology/first-homes';
import { stopNetwork } from '@commonwatt/network/topology/processes/network';
import { smallCommunity } from '@commonwatt/network/topology/small-community';
import type { Endpoint, Home, Topology } from '@commonwatt/network/topology/topology';
import { chosenDay, meterData } from '../../../commands/day-choice';
import { runSteps } from '../../../commands/steps/run-steps';
import { upSteps } from '../../../commands/steps/up-steps';
import { CommunityMembers } from '../../../community/members';
import { batteryOfHome } from '../bench-communities';

export const PORT_BASE = 17_500;

/** The demonstration's first homes; of larger communities generated ones, two of five with a battery as there. */
export function benchTopology(demonstration: Topology, homes: number): Topology {
    if (homes <= demonstration.homes.length) {
        return onOwnPorts(withFirstHomes(demonstration, homes));
    }
    const generated = smallCommunity(homes, { portBase: PORT_BASE });
    return withHomes(generated, (home, index) => {
        const battery = batteryOfHome(index);
        const { capacityWh = 0, powerW = 0 } = battery ?? {};
        const batteries =
            battery === undefined
                ? []
                : [{ id: `battery-${index + 1}`, capacityWh, chargeW: powerW, dischargeW: powerW }];
        return { ...home, batteries };
    });
}

/** So that a demonstration may be up meanwhile. */
function onOwnPorts(topology: Topology): Topology {
    const { organisations, chaincodes } = topology;
    const endpoints = [
        ...organisations.flatMap(({ peer, orderingSeat }) => [peer, orderingSeat ?? peer]),
        ...chaincodes.map(({ service }) => service),
    ];
    const first = Math.min(...endpoints.map(({ port }) => port));
    const moved = <E extends Endpoint>(endpoint: E): E => ({ ...endpoint, port: endpoint.port - first + PORT_BASE });
    return {
        ...topology,
        organisations: organisations.map((each) => ({
            ...each,
            peer: moved(each.peer),
            ...(each.orderingSeat && { orderingSeat: moved(each.orderingSeat) }),
        })),
        chaincodes: chaincodes.map((each) => ({ ...each, service: moved(each.service) })),
    };
}

export const withoutBatteries = (topology: Topology): Topology =>
    withHomes(topology, (home) => ({ ...home, batteries: [] }));

export const batteriesIn = ({ organisations }: Topology): number =>
    organisations.reduce((sum, { home }) => sum + (home?.batteries.length ?? 0), 0);

function withHomes(topology: Topology, change: (home: Home, index: number) => Home): Topology {
    return {
        ...topology,
        organisations: topology.organisations.map((each) =>
            each.home === undefined ? each : { ...each, home: change(each.home, topology.homes.indexOf(each.id)) },
        ),
    };
}

/** A founded community whose network is up, in a folder of its own that is removed afterwards. */
export interface FoundedNetwork {
    readonly members: CommunityMembers;
    readonly layout: Layout;
}

export async function onFoundedNetwork<R>(
    topology: Topology,
    use: (network: FoundedNetwork) => Promise<R>,
): Promise<R> {
    const home = mkdtempSync(join(tmpdir(), 'commonwatt-bench-'));
    const layout = layoutOf(home);
    const remove = async (): Promise<void> => {
        await stopNetwork(layout);
        rmSync(home, { recursive: true, force: true });
    };
    // A bench that is cut short leaves nothing running.
    const cutShort = (): void => {
        void remove().finally(() => process.exit(130));
    };
    const signals = ['SIGINT', 'SIGTERM'] as const;
    signals.forEach((signal) => process.once(signal, cutShort));
    try {
        const members = await founded(topology, layout);
        try {
            return await use({ members, layout });
        } finally {
            members.close();
        }
    } finally {
        signals.forEach((signal) => process.off(signal, cutShort));
        await remove();
    }
}

/** Brings a network up, or again, from whatever is there. */
export async function founded(topology: Topology, layout: Layout): Promise<CommunityMembers> {
    const members = new CommunityMembers(topology, layout);
    try {
        const { clock } = meterData(topology, chosenDay({})).metered;
        await runSteps(upSteps({ topology, layout }, members, clock, { wasUp: false, homes: 0 }), false);
        return members;
    } catch (error) {
        members.close();
        throw error;
    }
}
