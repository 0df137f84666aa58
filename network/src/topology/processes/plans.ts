import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cometEndpoints, cometPlans } from '../comet/plans';
import { chaincodePackage } from '../deploy/package';
import { type ChaincodeTlsFiles, type Layout, nodeScript, repositoryRoot } from '../layout';
import { nativeEndpoints, nativePlans } from '../native/plans';
import { hostPort, ownService } from '../native/ports';
import { embeddedPeers, fabricPeers } from '../network-kind';
import { seats, type ChaincodeService, type Endpoint, type Organisation, type Topology } from '../topology';
import { accepts } from './ports';
import type { ProcessPlan } from './supervisor';

/** Most of what peers make lives for one transaction: a larger nursery (MB) halves the time spent on collecting it. */
const ROOM_FOR_GARBAGE = '--max-semi-space-size=32';

/** Every peer waits for the disk at each block and each private write; Node's four threads would wait for one after the other. */
const MANY_DISK_THREADS = { UV_THREADPOOL_SIZE: '16' };

const ORDERING = 'ordering';

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
        ...(await Promise.all(
            services(topology).flatMap((service) =>
                topology.chaincodes.map((each) => chaincodePlan(each, service, layout)),
            ),
        )),
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
        ...services(topology).flatMap((service) =>
            topology.chaincodes.map((each) => [service.process(each), [hostPort(service.endpoint(each))]] as const),
        ),
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

/** Who runs services of the chaincodes: all embedded peers together, and each Fabric peer for itself. */
interface ServiceOwner {
    process(chaincode: ChaincodeService): string;
    endpoint(chaincode: ChaincodeService): Endpoint;
    tls(layout: Layout): ChaincodeTlsFiles;
}

function services(topology: Topology): readonly ServiceOwner[] {
    const shared: ServiceOwner = {
        process: ({ name }) => `chaincode-${name}`,
        endpoint: ({ service }) => service,
        tls: (layout) => layout.chaincodeTls,
    };
    const own = (organisation: Organisation): ServiceOwner => ({
        process: ({ name }) => `chaincode-${name}-${organisation.id}`,
        endpoint: (chaincode) => ownService(topology, organisation, chaincode),
        tls: (layout) => layout.chaincodeTlsOf(organisation.id),
    });
    return [...(embeddedPeers(topology).length > 0 ? [shared] : []), ...fabricPeers(topology).map(own)];
}

/** The variables are those of fabric-shim's own server. */
async function chaincodePlan(chaincode: ChaincodeService, owner: ServiceOwner, layout: Layout): Promise<ProcessPlan> {
    const { packageId } = await chaincodePackage(chaincode, layout);
    const tls = owner.tls(layout);
    const endpoint = hostPort(owner.endpoint(chaincode));
    return {
        name: owner.process(chaincode),
        command: chaincode.start,
        directory: resolve(repositoryRoot, chaincode.directory),
        environment: {
            CHAINCODE_ID: packageId,
            CHAINCODE_SERVER_ADDRESS: endpoint,
            CHAINCODE_TLS_CERT_FILE: tls.serverCertificate,
            CHAINCODE_TLS_KEY_FILE: tls.serverKey,
            CHAINCODE_TLS_CLIENT_CACERT_FILE: tls.root,
        },
        endpoints: [endpoint],
        staleFiles: [],
        isReady: () => accepts(endpoint),
    };
}
