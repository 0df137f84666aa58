import { status } from '@grpc/grpc-js';
import { common, peer } from '@hyperledger/fabric-protos';

import { parseSignedProposal, transactionPayload, type ParsedProposal } from '../../../fabric/proposals';
import type { PeerChannel } from '../../validation/peer-channel';
import { errorText } from '../proposal-checks';
import { requirements, smallestSet, type Requirements } from './endorsement-plan';
import { ask, CollectedEndorsements, type AskEndorser, type EndorserAnswer } from './endorsements';
import { GatewayFailure, invalidArgument, type NodeError } from './gateway-error';
import { peersOf, type Node } from './remote-nodes';

export interface GatewayContext {
    readonly channel: PeerChannel;
    /** This peer, as clients and other peers reach it. */
    readonly self: Node;
    readonly endorser: AskEndorser;
}

const NOT_ENOUGH = 'failed to collect enough transaction endorsements, see attached details for more info';

/** The peers of an organisation that may be asked, this one first. */
export function candidates({ channel, self }: GatewayContext, mspId: string): readonly Node[] {
    if (mspId === self.mspId) return [self];
    return peersOf(channel.bundle, mspId);
}

export function readProposal(signed: peer.SignedProposal | undefined, missing: string): ParsedProposal {
    if (!signed || signed.getProposalBytes_asU8().length === 0) throw invalidArgument(missing);
    try {
        return parseSignedProposal(signed);
    } catch (cause) {
        throw invalidArgument(errorText(cause));
    }
}

/** Asks an organisation's peers one after the other until one endorses; true if one did. */
async function endorseBy(
    context: GatewayContext,
    mspId: string,
    signed: peer.SignedProposal,
    collected: CollectedEndorsements,
): Promise<boolean> {
    for (const node of candidates(context, mspId)) {
        const answer = await ask(context.endorser, node, signed);
        if (!answer.ok) {
            collected.errors.push(answer.error);
            continue;
        }
        if (collected.add(node, answer.response)) return true;
    }
    return false;
}

function prepared(signed: peer.SignedProposal, responses: readonly peer.ProposalResponse[]): common.Envelope {
    const proposal = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
    const envelope = new common.Envelope();
    try {
        envelope.setPayload(transactionPayload(proposal, responses));
    } catch (cause) {
        throw new GatewayFailure(status.ABORTED, `failed to assemble transaction: ${errorText(cause)}`);
    }
    return envelope;
}

/** Every organisation the client named has to endorse; the client answers for whether that satisfies the policies. */
async function endorseByNamed(
    context: GatewayContext,
    mspIds: readonly string[],
    signed: peer.SignedProposal,
): Promise<common.Envelope> {
    const missing = mspIds.filter((mspId) => candidates(context, mspId).length === 0);
    if (missing.length > 0) {
        throw new GatewayFailure(
            status.UNAVAILABLE,
            `failed to find any endorsing peers for org(s): ${missing.join(', ')}`,
        );
    }
    const collected = new CollectedEndorsements();
    const unique = [...new Set(mspIds)];
    const outcomes = await Promise.all(unique.map((mspId) => endorseBy(context, mspId, signed, collected)));
    if (outcomes.includes(false)) throw new GatewayFailure(status.ABORTED, NOT_ENOUGH, collected.errors);
    return prepared(signed, collected.of(unique));
}

interface FirstEndorsement {
    readonly node: Node;
    readonly response: peer.ProposalResponse;
}

async function firstEndorsement(context: GatewayContext, signed: peer.SignedProposal): Promise<FirstEndorsement> {
    const errors: NodeError[] = [];
    for (const node of candidates(context, context.self.mspId)) {
        const answer: EndorserAnswer = await ask(context.endorser, node, signed);
        if (answer.ok) return { node, response: answer.response };
        errors.push(answer.error);
    }
    throw new GatewayFailure(
        status.ABORTED,
        'failed to endorse transaction, see attached details for more info',
        errors,
    );
}

/** With transient data in play every collection counts as read: only its members may be sent the proposal. */
function guarded(interest: peer.ChaincodeInterest): { interest: peer.ChaincodeInterest; collections: string[] } {
    const copy = interest.clone();
    const collections: string[] = [];
    for (const call of copy.getChaincodesList()) {
        if (!call.getNoPrivateReads()) continue;
        call.setNoPrivateReads(false);
        collections.push(...call.getCollectionNamesList());
    }
    return { interest: copy, collections };
}

function interestOf(proposal: ParsedProposal, response: peer.ProposalResponse): peer.ChaincodeInterest {
    const found = response.getInterest();
    if (found && found.getChaincodesList().length > 0) return found;
    const call = new peer.ChaincodeCall();
    call.setName(proposal.chaincode.name);
    const interest = new peer.ChaincodeInterest();
    interest.setChaincodesList([call]);
    return interest;
}

function plannedRequirements(
    context: GatewayContext,
    proposal: ParsedProposal,
    interest: peer.ChaincodeInterest,
    preferred: readonly string[],
): Requirements {
    const { channel } = context;
    const of = (each: peer.ChaincodeInterest): Requirements => {
        try {
            return requirements(each, (name) => channel.definition(name), channel.bundle);
        } catch (cause) {
            throw noCombination(errorText(cause));
        }
    };
    if (proposal.transient.size === 0) return of(interest);
    const protectedInterest = guarded(interest);
    const strict = of(protectedInterest.interest);
    if (
        protectedInterest.collections.length > 0 &&
        !smallestSet(strict, preferred) &&
        smallestSet(of(interest), preferred)
    ) {
        throw new GatewayFailure(
            status.FAILED_PRECONDITION,
            `requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [${protectedInterest.collections.join(' ')}]; retry specifying trusted endorsing organizations to protect transient data`,
        );
    }
    return strict;
}

function noCombination(why: string): GatewayFailure {
    return new GatewayFailure(
        status.FAILED_PRECONDITION,
        `no combination of peers can be derived which satisfy the endorsement policy: ${why}`,
    );
}

/**
 * The gateway chooses: its own organisation's peer first, whose simulation says which policies count, then as few others as
 * satisfy them, going around organisations that fail.
 */
async function endorseByPlan(
    context: GatewayContext,
    proposal: ParsedProposal,
    signed: peer.SignedProposal,
): Promise<common.Envelope> {
    const first = await firstEndorsement(context, signed);
    const own = context.self.mspId;
    const others = [...context.channel.bundle.applicationOrgs.keys()].filter((mspId) => mspId !== own);
    const interest = interestOf(proposal, first.response);
    const needed = plannedRequirements(context, proposal, interest, [own, ...others]);
    const collected = new CollectedEndorsements();
    collected.add(first.node, first.response);
    const failed = new Set<string>();
    for (;;) {
        const endorsed = others.filter((mspId) => collected.has(mspId));
        const untried = others.filter((mspId) => !collected.has(mspId) && !failed.has(mspId));
        const set = smallestSet(needed, [own, ...endorsed, ...untried]);
        if (!set) {
            if (failed.size === 0) throw noCombination('cannot satisfy any principal combination');
            throw new GatewayFailure(status.ABORTED, NOT_ENOUGH, collected.errors);
        }
        const missing = set.filter((mspId) => !collected.has(mspId));
        if (missing.length === 0) return prepared(signed, collected.of(set));
        await Promise.all(
            missing.map(async (mspId) => {
                if (!(await endorseBy(context, mspId, signed, collected))) failed.add(mspId);
            }),
        );
    }
}

/** Collects endorsements and puts the transaction together for the client to sign. */
export async function endorse(request: {
    readonly context: GatewayContext;
    readonly signed: peer.SignedProposal | undefined;
    readonly organisations: readonly string[];
}): Promise<common.Envelope> {
    const { context, signed, organisations } = request;
    const proposal = readProposal(signed, 'the proposed transaction must contain a signed proposal');
    if (!signed) throw invalidArgument('an endorse request is required');
    if (organisations.length > 0) return endorseByNamed(context, organisations, signed);
    return endorseByPlan(context, proposal, signed);
}
