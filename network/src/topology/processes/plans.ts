import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chaincodePackage } from '../deploy/package';
import { type Layout, repositoryRoot } from '../layout';
import { seats, type ChaincodeService, type Endpoint, type Topology } from '../topology';
import { accepts } from './ports';
import type { ProcessPlan } from './supervisor';

/** Most of what a node makes lives for one transaction: a larger nursery (MB) halves the time spent on collecting it. */
const ROOM_FOR_GARBAGE = '--max-semi-space-size=64';

/** The process of all peers. */
export const PEERS = 'peers';

/** Every process of a network: the ordering service, the peers together, and one for each chaincode. */
export async function processPlans(topology: Topology, layout: Layout): Promise<readonly ProcessPlan[]> {
    return [
        orderingPlan(topology, layout),
        peersPlan(topology, layout),
        ...(await Promise.all(topology.chaincodes.map((each) => chaincodePlan(each, layout)))),
    ];
}

/** Names of the processes with all they serve; unlike plans these need nothing on disk. */
export function processEndpoints(topology: Topology): ReadonlyMap<string, readonly string[]> {
    return new Map([
        ['ordering', seats(topology).map(({ orderingSeat }) => text(orderingSeat))],
        [PEERS, topology.organisations.map(({ peer }) => text(peer))],
        ...topology.chaincodes.map((each): [string, string[]] => [chaincodeProcess(each), [text(each.service)]]),
    ]);
}

/** Where the peers' process tells how it is controlled; it is there once all of them serve. */
export function controlFile(layout: Layout): string {
    return join(layout.run, 'peers.control.json');
}

/** @returns undefined while the peers' process has not written it. */
export function peersControl(layout: Layout): { readonly pid: number; readonly port: number } | undefined {
    try {
        return JSON.parse(readFileSync(controlFile(layout), 'utf8')) as { pid: number; port: number };
    } catch {
        return undefined;
    }
}

function orderingPlan(topology: Topology, layout: Layout): ProcessPlan {
    const ready = layout.readyFile('ordering');
    return {
        name: 'ordering',
        nodeOptions: [ROOM_FOR_GARBAGE],
        command: [nodeScript('ordering'), '--home', layout.home],
        directory: layout.home,
        endpoints: seats(topology).map(({ orderingSeat }) => text(orderingSeat)),
        staleFiles: [ready],
        isReady: () => Promise.resolve(existsSync(ready)),
    };
}

function peersPlan(topology: Topology, layout: Layout): ProcessPlan {
    return {
        name: PEERS,
        nodeOptions: [ROOM_FOR_GARBAGE],
        command: [nodeScript('peers'), '--home', layout.home],
        directory: layout.home,
        endpoints: topology.organisations.map(({ peer }) => text(peer)),
        staleFiles: [controlFile(layout)],
        isReady: (pid) => Promise.resolve(peersControl(layout)?.pid === pid),
    };
}

/** The variables are those of fabric-shim's own server. */
async function chaincodePlan(chaincode: ChaincodeService, layout: Layout): Promise<ProcessPlan> {
    const { packageId } = await chaincodePackage(chaincode, layout);
    const { chaincodeTls: tls } = layout;
    const endpoint = text(chaincode.service);
    return {
        name: chaincodeProcess(chaincode),
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

function chaincodeProcess({ name }: ChaincodeService): string {
    return `chaincode-${name}`;
}

/** Processes run what was built, also when this module runs from its source. */
function nodeScript(name: string): string {
    return join(repositoryRoot, 'network', 'dist', 'nodes', `${name}.js`);
}

function text({ host, port }: Endpoint): string {
    return `${host}:${port}`;
}
