import { status } from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';

import type { ParsedProposal } from '../../../fabric/proposals';
import { ask } from './endorsements';
import { candidates, readProposal, type GatewayContext } from './endorse';
import { GatewayFailure, invalidArgument, type NodeError } from './gateway-error';

/** Chaincodes that every peer has without a definition. */
const SYSTEM: ReadonlySet<string> = new Set(['_lifecycle', 'lscc', 'qscc', 'cscc']);

export interface EvaluateRequest {
    readonly context: GatewayContext;
    readonly signed: peer.SignedProposal | undefined;
    readonly organisations: readonly string[];
}

/**
 * Runs a query on one peer, this one if the client does not say otherwise, and gives its answer. Other peers are tried only
 * where the client named them, or where the proposal carries nothing that is for this organisation alone.
 */
export async function evaluate({ context, signed, organisations }: EvaluateRequest): Promise<peer.Response> {
    const proposal = readProposal(signed, 'failed to unpack transaction proposal: a signed proposal is required');
    if (!signed) throw invalidArgument('an evaluate request is required');
    const { channel } = context;
    if (proposal.channelId === '')
        throw invalidArgument('failed to unpack transaction proposal: no channel id provided');
    const inOrder = targetsOf(proposal, organisations, context);
    const nodes = inOrder.flatMap((mspId) => candidates(context, mspId));
    const { name } = proposal.chaincode;
    if (nodes.length === 0 || !(SYSTEM.has(name) || channel.definition(name))) {
        throw new GatewayFailure(
            status.FAILED_PRECONDITION,
            `no peers available to evaluate chaincode ${name} in channel ${proposal.channelId}`,
        );
    }
    const errors: NodeError[] = [];
    let code = status.UNAVAILABLE;
    for (const node of nodes) {
        const answer = await ask(context.endorser, node, signed);
        if (answer.ok) {
            const result = answer.response.getResponse();
            if (result) return result;
            continue;
        }
        errors.push(answer.error);
        ({ code } = answer);
        if (!answer.mayTryAnother) {
            throw new GatewayFailure(code, `evaluate call to endorser returned error: ${answer.error.message}`, errors);
        }
    }
    throw new GatewayFailure(code, 'failed to evaluate transaction, see attached details for more info', errors);
}

/** The own organisation first. */
function targetsOf(
    { transient }: ParsedProposal,
    organisations: readonly string[],
    { channel, self }: GatewayContext,
): readonly string[] {
    const everybody = [...new Set([self.mspId, ...channel.bundle.applicationOrgs.keys()])];
    const anywhere = transient.size === 0 ? everybody : [self.mspId];
    const targets = organisations.length > 0 ? organisations : anywhere;
    return [...targets].sort((one, other) => Number(other === self.mspId) - Number(one === self.mspId));
}
