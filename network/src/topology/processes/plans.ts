import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cometEndpoints, cometPlans } from '../comet/plans';
import { type Layout, nodeScript } from '../layout';
import { nativeEndpoints, nativePlans } from '../native/plans';
import { hostPort } from '../native/ports';
import { embeddedPeers, fabricPeers } from '../network-kind';
import { seats, type Organisation, type Topology } from '../topology';
import { chaincodeEndpoints, chaincodePlans } from './chaincode-plans';
import type { ProcessPlan } from './supervisor';

/** Most of what peers make lives for one transaction: a larger nursery (MB) halves the time spent on collecting it. */
const ROOM_FOR_GARBAGE = '--max-semi-space-size=32';

/** Every peer waits for the disk at each block and each private write; Node's four threads would wait for one after the other. */
const MANY_DISK_THREADS = { UV_THREADPOOL_SIZE: '16' };

/** The process of all seats of our ordering service, where they share one. */
export const ORDERING = 'ordering';

/** The process of all embedded peers. */
export const PEERS = 'peers';

/**
 * Every process of a network: ordering, peers, chaincode services. Embedded peers share a process and the services; each Fabric peer
 * has its own of both.
 *
 * @throws Error when Fabric's programs are needed and not there.
 */
export async function processPlans(topology: Topology, layout: Layout): Promise<readonly ProcessPlan[]> {
    const embedded = embeddedPeers(topology);
    const fabric = fabricPeers(topology);
    return [
        ...(topology.network.ordering === 'own' ? [orderingPlan(topology, layout)] : []),
        ...cometPlans(topology, layout),
        ...(embedded.length > 0 ? [peersPlan(embedded, layout)] : []),
        ...(fabric.length > 0 ? nativePlans(topology, layout) : []),
        ...(await chaincodePlans(topology, layout)),
    ];
}

/** Names of the processes with all they serve; unlike plans these need nothing on disk. */
export function processEndpoints(topology: Topology): ReadonlyMap<string, readonly string[]> {
    const embedded = embeddedPeers(topology);
    return new Map<string, readonly string[]>([
        ...(topology.network.ordering === 'own' ? [[ORDERING, seatEndpoints(topology)] as const] : []),
        ...cometEndpoints(topology),
        ...(embedded.length > 0 ? [[PEERS, peerEndpoints(embedded)] as const] : []),
        ...nativeEndpoints(topology),
        ...chaincodeEndpoints(topology),
    ]);
}

/** Whether a process runs peers, of whatever kind. */
export function isOfPeers(process: string): boolean {
    return process === PEERS || process.startsWith('peer-');
}

/** Where the peers' process tells how it is controlled; it is there once all of them serve. */
export function controlFile(layout: Layout): string {
    return join(layout.run, 'peers.control.json');
}

/** What the peers' process says of itself. */
export interface PeersControl {
    readonly pid: number;
    readonly port: number;
    /** How often it has followed the topology on disk, and why it could not the last time. */
    readonly followed: number;
    readonly failure?: string;
}

/** @returns undefined while the peers' process has not written it. */
export function peersControl(layout: Layout): PeersControl | undefined {
    try {
        return JSON.parse(readFileSync(controlFile(layout), 'utf8')) as PeersControl;
    } catch {
        return undefined;
    }
}

function orderingPlan(topology: Topology, layout: Layout): ProcessPlan {
    const ready = layout.readyFile(ORDERING);
    return {
        name: ORDERING,
        command: [nodeScript('ordering'), '--home', layout.home],
        directory: layout.home,
        endpoints: seatEndpoints(topology),
        staleFiles: [ready],
        isReady: () => Promise.resolve(existsSync(ready)),
    };
}

function peersPlan(organisations: readonly Organisation[], layout: Layout): ProcessPlan {
    return {
        name: PEERS,
        nodeOptions: [ROOM_FOR_GARBAGE],
        environment: MANY_DISK_THREADS,
        command: [nodeScript('peers'), '--home', layout.home],
        directory: layout.home,
        endpoints: peerEndpoints(organisations),
        staleFiles: [controlFile(layout)],
        isReady: (pid) => Promise.resolve(peersControl(layout)?.pid === pid),
    };
}

function seatEndpoints(topology: Topology): readonly string[] {
    return seats(topology).map(({ orderingSeat }) => hostPort(orderingSeat));
}

function peerEndpoints(organisations: readonly Organisation[]): readonly string[] {
    return organisations.map(({ peer }) => hostPort(peer));
}
