import { status, type ServiceError } from '@grpc/grpc-js';
import { common, type orderer } from '@hyperledger/fabric-protos';

import type { Bundle } from '../../../fabric/channel-config';
import { errorText } from '../proposal-checks';
import { GatewayFailure, invalidArgument, type NodeError } from './gateway-error';
import { nodeError, orderersOf, rpcErrorText, type Node } from './remote-nodes';

export type Broadcast = (node: Node, envelope: common.Envelope) => Promise<orderer.BroadcastResponse>;

/**
 * 'to one' is for ordering services whose every acknowledgement means that the transaction is on disk and will be ordered once,
 * as our local engine's does; a channel of type BFT asks for a quorum of acknowledgements.
 */
export type Submission = 'as the channel asks' | 'to one';

export interface SubmissionOptions {
    readonly mode: Submission;
    /** Which orderer is tried first. */
    readonly offset: number;
}

const STATUS_NAMES = new Map<number, string>(Object.entries(common.Status).map(([name, value]) => [value, name]));
const ALREADY_THERE = 'failed to submit request: request already exists';

/** How many of n orderers have to take a transaction so that any two such groups share an honest one. */
export function bftQuorum(n: number): number {
    const faulty = Math.floor((n - 1) / 3);
    return Math.ceil((n + faulty + 1) / 2);
}

function unsuccessful(response: orderer.BroadcastResponse): string {
    const name = STATUS_NAMES.get(response.getStatus()) ?? String(response.getStatus());
    return `received unsuccessful response from orderer: status=${name}, info=${response.getInfo()}`;
}

function transportError(cause: unknown): string {
    return cause instanceof Error && 'code' in cause ? rpcErrorText(cause as ServiceError) : errorText(cause);
}

/** What one orderer has against the transaction; undefined when it took it. */
async function objection(broadcast: Broadcast, node: Node, envelope: common.Envelope): Promise<NodeError | undefined> {
    try {
        const response = await broadcast(node, envelope);
        if (response.getStatus() === common.Status.SUCCESS) return undefined;
        const isKnown =
            response.getStatus() === common.Status.SERVICE_UNAVAILABLE && response.getInfo() === ALREADY_THERE;
        return isKnown ? undefined : nodeError(node, unsuccessful(response));
    } catch (cause) {
        return nodeError(node, transportError(cause));
    }
}

/** To all orderers at once; settled as soon as a quorum took it, or cannot any more. */
function submitToQuorum(broadcast: Broadcast, nodes: readonly Node[], envelope: common.Envelope): Promise<void> {
    const quorum = bftQuorum(nodes.length);
    return new Promise((resolve, reject) => {
        let successes = 0;
        const errors: NodeError[] = [];
        for (const node of nodes) {
            void objection(broadcast, node, envelope).then((error) => {
                if (error) errors.push(error);
                else successes += 1;
                if (successes >= quorum) resolve();
                if (errors.length > nodes.length - quorum) {
                    const text =
                        'insufficient number of orderers could successfully process transaction to satisfy quorum requirement';
                    reject(new GatewayFailure(status.UNAVAILABLE, text, errors));
                }
            });
        }
    });
}

function rotated<T>(items: readonly T[], offset: number): readonly T[] {
    const first = offset % items.length;
    return [...items.slice(first), ...items.slice(0, first)];
}

/** To one orderer after the other until one takes it; one that says the transaction is bad has the last word. */
async function submitToAny(broadcast: Broadcast, nodes: readonly Node[], envelope: common.Envelope): Promise<void> {
    const errors: NodeError[] = [];
    for (const node of nodes) {
        const response = await broadcast(node, envelope).catch((cause: unknown) => {
            errors.push(nodeError(node, transportError(cause)));
        });
        if (!response) continue;
        const code = response.getStatus();
        if (code === common.Status.SUCCESS) return;
        if (code >= 400 && code < 500) throw new GatewayFailure(status.ABORTED, unsuccessful(response));
        errors.push(nodeError(node, unsuccessful(response)));
    }
    throw new GatewayFailure(status.UNAVAILABLE, 'no orderers could successfully process transaction', errors);
}

/** Hands a signed transaction to the ordering service. A failure means unknown, not refused, unless an orderer says so. */
export async function submit(
    envelope: common.Envelope | undefined,
    bundle: Bundle,
    broadcast: Broadcast,
    { mode, offset }: SubmissionOptions,
): Promise<void> {
    if (!envelope) throw invalidArgument('a prepared transaction is required');
    if (envelope.getSignature_asU8().length === 0) throw invalidArgument('prepared transaction must be signed');
    const nodes = orderersOf(bundle);
    if (nodes.length === 0) throw new GatewayFailure(status.UNAVAILABLE, 'no orderer nodes available');
    if (mode !== 'to one' && bundle.consensus.type === 'BFT') await submitToQuorum(broadcast, nodes, envelope);
    else await submitToAny(broadcast, rotated(nodes, offset), envelope);
}
