import { Metadata, status, type Client, type ServiceError } from '@grpc/grpc-js';
import { gossip, orderer, peer, type common } from '@hyperledger/fabric-protos';

import type { Bundle } from '../../../fabric/channel-config';
import { secureChannel, type ClientCertificate, type SecureChannel } from '../../secure-channel';
import { BroadcastStreams } from './broadcast-streams';
import { FETCH_PATH, PUSH_PATH } from '../private-data/exchange';
import type { NodeError } from './gateway-error';

/** Longer than the longest pause between attempts to connect. */
const RECONNECT_MS = 600;

/** A node of the channel and who runs it. */
export interface Node {
    readonly address: string;
    readonly mspId: string;
    /** PEM of the roots its TLS certificate has to lead to. */
    readonly roots: string;
}

/** The peers that organisations announce in the channel's configuration. */
export function peersOf(bundle: Bundle, mspId: string): readonly Node[] {
    const roots = bundle.msps.get(mspId)?.tlsRoots.join('\n') ?? '';
    const anchors = bundle.applicationOrgs.get(mspId)?.anchorPeers ?? [];
    return anchors.map(({ host, port }) => ({ address: `${host}:${port}`, mspId, roots }));
}

export function orderersOf(bundle: Bundle): readonly Node[] {
    return bundle.ordererEndpoints.map(({ host, port, mspId, rootPem }) => ({
        address: `${host}:${port}`,
        mspId,
        roots: rootPem,
    }));
}

export function nodeError({ address, mspId }: Node, message: string): NodeError {
    return { address, mspId, message };
}

/** A transport's error in the words of Go's gRPC, which clients of gateways know. */
export function rpcErrorText(cause: ServiceError): string {
    const name = status[cause.code];
    const camel = name
        .toLowerCase()
        .split('_')
        .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
        .join('');
    return `rpc error: code = ${camel} desc = ${cause.details}`;
}

function isUnavailable(cause: unknown): boolean {
    return cause instanceof Error && 'code' in cause && cause.code === status.UNAVAILABLE;
}

/** Whether a node that could not be reached comes back at once: it may have been started again since the last attempt. */
function becomesReady(client: Client): Promise<boolean> {
    return new Promise((resolve) => {
        client.waitForReady(Date.now() + RECONNECT_MS, (cause) => {
            resolve(!cause);
        });
    });
}

/** Calls again, once, a node that was not there and comes back; both proposals and envelopes may arrive twice. */
async function reconnecting<C extends Client, T>(client: C, call: (client: C) => Promise<T>): Promise<T> {
    try {
        return await call(client);
    } catch (cause) {
        if (!isUnavailable(cause) || !(await becomesReady(client))) throw cause;
        return call(client);
    }
}

function processProposal(
    client: peer.EndorserClient,
    proposal: peer.SignedProposal,
    deadline: Date,
): Promise<peer.ProposalResponse> {
    return new Promise((resolve, reject) => {
        client.processProposal(proposal, { deadline }, (cause, answer) => {
            if (cause) reject(cause);
            else if (answer) resolve(answer);
            else reject(new Error('no response'));
        });
    });
}

/** A method of the service for private data, of which embedded peers alone know. */
function exchange<A>(
    client: Client,
    { path, decode }: { readonly path: string; readonly decode: (bytes: Buffer) => A },
    request: common.Envelope,
    deadline: Date,
): Promise<A> {
    const encode = (message: common.Envelope): Buffer => Buffer.from(message.serializeBinary());
    return new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, encode, decode, request, new Metadata(), { deadline }, (cause, answer) => {
            if (cause) reject(cause);
            else if (answer === undefined) reject(new Error('no response'));
            else resolve(answer);
        });
    });
}

const FETCH = { path: FETCH_PATH, decode: (bytes: Buffer) => gossip.RemotePvtDataResponse.deserializeBinary(bytes) };
const PUSH = { path: PUSH_PATH, decode: (bytes: Buffer) => gossip.Empty.deserializeBinary(bytes) };

interface Orderer {
    readonly client: orderer.AtomicBroadcastClient;
    readonly streams: BroadcastStreams;
}

/** Connections of one peer to other organisations' peers and to orderers, one per address and set of roots. */
export class RemoteNodes {
    private readonly endorsers = new Map<string, peer.EndorserClient>();
    private readonly orderers = new Map<string, Orderer>();

    /** @param own shown to nodes that ask for a TLS certificate; without one, connections are shared between peers of a process. */
    constructor(private readonly own?: ClientCertificate) {}

    async processProposal(node: Node, proposal: peer.SignedProposal, deadline: Date): Promise<peer.ProposalResponse> {
        return reconnecting(this.endorser(node), (client) => processProposal(client, proposal, deadline));
    }

    async fetchPrivateData(
        node: Node,
        request: common.Envelope,
        deadline: Date,
    ): Promise<gossip.RemotePvtDataResponse> {
        return exchange(this.endorser(node), FETCH, request, deadline);
    }

    async pushPrivateData(node: Node, message: common.Envelope, deadline: Date): Promise<void> {
        await exchange(this.endorser(node), PUSH, message, deadline);
    }

    async broadcast(node: Node, envelope: common.Envelope, deadline: Date): Promise<orderer.BroadcastResponse> {
        const { client, streams } = this.orderer(node);
        return reconnecting(client, () => streams.send(envelope, deadline));
    }

    close(): void {
        for (const client of this.endorsers.values()) client.close();
        for (const { client, streams } of this.orderers.values()) {
            streams.close();
            client.close();
        }
        this.endorsers.clear();
        this.orderers.clear();
    }

    private endorser(node: Node): peer.EndorserClient {
        return this.remembered(
            this.endorsers,
            node,
            ({ credentials, options }) => new peer.EndorserClient(node.address, credentials, options),
        );
    }

    private orderer(node: Node): Orderer {
        return this.remembered(this.orderers, node, ({ credentials, options }) => {
            const client = new orderer.AtomicBroadcastClient(node.address, credentials, options);
            return { client, streams: new BroadcastStreams(client) };
        });
    }

    private remembered<C>(clients: Map<string, C>, node: Node, make: (channel: SecureChannel) => C): C {
        const key = `${node.address} ${node.roots}`;
        const known = clients.get(key);
        if (known) return known;
        const made = make(secureChannel(node, this.own));
        clients.set(key, made);
        return made;
    }
}
