import { setTimeout as sleep } from 'node:timers/promises';
import type { common } from '@hyperledger/fabric-protos';
import { Bundle } from '../../fabric/channel-config';
import { RemoteNodes, orderersOf } from '../../peer/services/gateway/remote-nodes';
import { clientTls } from '../client-tls';
import type { Layout } from '../layout';
import { AdminClient } from '../native/admin-client';
import type { Organisation, Topology } from '../topology';

const CALL_LIMIT_MS = 20_000;
const POLL_MS = 50;
const SUCCESS = 200;

/** The channel's configuration as an organisation's own peer has it. */
export async function configurationAt(organisation: Organisation, topology: Topology, layout: Layout): Promise<Bundle> {
    const { channel } = topology;
    const client = new AdminClient(organisation, topology, layout);
    try {
        return Bundle.fromConfigBlock(await client.call(channel, 'cscc', ['GetConfigBlock', channel], CALL_LIMIT_MS));
    } finally {
        client.close();
    }
}

/** Waits until the organisation's peer has come to a configuration. */
export async function untilConfigured(
    organisation: Organisation,
    sequence: number,
    topology: Topology,
    layout: Layout,
    deadline: AbortSignal,
): Promise<void> {
    for (;;) {
        // A peer that catches up answers members only once it knows them.
        const present = await configurationAt(organisation, topology, layout).catch((error: unknown) => error);
        if (present instanceof Bundle && present.sequence >= sequence) return;
        if (deadline.aborted) {
            const why = present instanceof Bundle ? `it is at ${present.sequence}` : String(present);
            throw new Error(`the peer of ${organisation.id} did not come to configuration ${sequence}: ${why}`);
        }
        await sleep(POLL_MS);
    }
}

/** The channel names containers as they name each other; their ports are published here, and their certificates say so. */
function seenFromHere<T extends { readonly address: string }>(node: T, { network }: Topology): T {
    const port = node.address.slice(node.address.lastIndexOf(':') + 1);
    return network.kind === 'docker' ? { ...node, address: `127.0.0.1:${port}` } : node;
}

/** Whose administrator speaks to the orderers. */
export interface Submitter {
    readonly organisation: Organisation;
    readonly topology: Topology;
    readonly layout: Layout;
}

/**
 * Hands an envelope to the channel's orderers, one after the other until one takes it. Throws Error with what they said.
 */
export async function order(envelope: common.Envelope, present: Bundle, submitter: Submitter): Promise<void> {
    const { organisation, topology, layout } = submitter;
    const own = clientTls(topology, layout.organisation(organisation).admin.tls);
    const nodes = new RemoteNodes(own && { certificatePem: String(own.certificate), keyPem: String(own.key) });
    const unreached: string[] = [];
    try {
        for (const orderer of orderersOf(present).map((each) => seenFromHere(each, topology))) {
            const answer = await nodes
                .broadcast(orderer, envelope, new Date(Date.now() + CALL_LIMIT_MS))
                .catch(
                    (error: unknown) => `${orderer.address}: ${error instanceof Error ? error.message : String(error)}`,
                );
            if (typeof answer === 'string') {
                unreached.push(answer);
                continue;
            }
            if (answer.getStatus() === SUCCESS) return;
            throw new Error(`the ordering service refuses the update: ${answer.getInfo()}`);
        }
        throw new Error(`no orderer can be reached: ${unreached.join('; ')}`);
    } finally {
        nodes.close();
    }
}
