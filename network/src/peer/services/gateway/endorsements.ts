import { status, type ServiceError } from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';

import { sameBytes } from '../../../fabric/wire';
import { errorText, ProposalRefused } from '../proposal-checks';
import type { NodeError } from './gateway-error';
import { nodeError, rpcErrorText, type Node } from './remote-nodes';

/** What came of asking one peer. */
export type EndorserAnswer =
    | { readonly ok: true; readonly response: peer.ProposalResponse }
    | { readonly ok: false; readonly code: status; readonly error: NodeError; readonly mayTryAnother: boolean };

/** Asks one peer, this one or another organisation's. */
export type AskEndorser = (node: Node, proposal: peer.SignedProposal) => Promise<peer.ProposalResponse>;

function isServiceError(cause: unknown): cause is ServiceError {
    return cause instanceof Error && 'code' in cause && 'details' in cause;
}

function refusal(node: Node, response: peer.ProposalResponse): EndorserAnswer {
    const answer = response.getResponse();
    const [code, message] = [answer?.getStatus() ?? 0, answer?.getMessage() ?? ''];
    if (response.getPayload_asU8().length === 0 && code === 500) {
        return { ok: false, code: status.ABORTED, error: nodeError(node, message), mayTryAnother: true };
    }
    const error = nodeError(node, `chaincode response ${code}, ${message}`);
    return { ok: false, code: status.UNKNOWN, error, mayTryAnother: false };
}

/** Sorts what a peer answered into endorsed, refused by chaincode (final) and failed (another peer may do better). */
export async function ask(endorser: AskEndorser, node: Node, proposal: peer.SignedProposal): Promise<EndorserAnswer> {
    try {
        const response = await endorser(node, proposal);
        const code = response.getResponse()?.getStatus() ?? 0;
        if (code < 200 || code >= 400) return refusal(node, response);
        return { ok: true, response };
    } catch (cause) {
        if (cause instanceof ProposalRefused && cause.stage === 'check') {
            const error = nodeError(node, cause.message);
            return { ok: false, code: status.FAILED_PRECONDITION, error, mayTryAnother: false };
        }
        const message = isServiceError(cause) ? rpcErrorText(cause) : errorText(cause);
        return { ok: false, code: status.UNAVAILABLE, error: nodeError(node, message), mayTryAnother: true };
    }
}

/** Endorsements of one transaction, by organisation: all over the same bytes. */
export class CollectedEndorsements {
    readonly errors: NodeError[] = [];
    private readonly byOrganisation = new Map<string, peer.ProposalResponse>();
    private payload: Uint8Array | undefined;

    /** False when the response is over other bytes than those before it, or carries no endorsement. */
    add(node: Node, response: peer.ProposalResponse): boolean {
        const payload = response.getPayload_asU8();
        this.payload ??= payload;
        if (!sameBytes(this.payload, payload)) {
            this.errors.push(nodeError(node, 'ProposalResponsePayloads do not match'));
            return false;
        }
        response.getResponse()?.setPayload(new Uint8Array());
        this.byOrganisation.set(node.mspId, response);
        return true;
    }

    has(mspId: string): boolean {
        return this.byOrganisation.has(mspId);
    }

    of(mspIds: readonly string[]): peer.ProposalResponse[] {
        return mspIds.flatMap((mspId) => this.byOrganisation.get(mspId) ?? []);
    }
}
