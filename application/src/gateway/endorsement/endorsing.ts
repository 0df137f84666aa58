import { status } from '@grpc/grpc-js';
import { GatewayError, type Gateway, type Proposal, type Transaction } from '@hyperledger/fabric-gateway';
import { endorsementFailure, NotDone, TransactionRefused, type Answer, type Stopped } from '../failures';
import type { Absences } from './absences';
import { gather, type Gathered } from './gather';
import { endorsedBy, joined, type EndorsedByOne } from './prepared';
import { candidatesOf, isEnough, type EndorsementRule } from './rule';

type Short = Extract<Gathered<EndorsedByOne>, { enough: false }>;

export interface Endorsing {
    readonly gateway: Gateway;
    readonly own: string;
    readonly absences: Absences;
    readonly slowMs: number;
}

/** Waits until a peer has what was committed from here. @throws NotDone where it stays behind. */
export type UntilReached = (mspId: string) => Promise<void>;

/**
 * Has a proposal endorsed by as few organisations as the rule needs. Its private inputs go to candidates of the rule only, and of
 * these only to those who are asked.
 *
 * @throws TransactionRefused where refusals leave too few; NotDone where absences do.
 */
export async function endorseByRule(
    proposal: Proposal,
    rule: EndorsementRule,
    stopped: Stopped,
    { gateway, own, absences, slowMs, reached }: Endorsing & { readonly reached: UntilReached },
): Promise<Transaction> {
    const ask = async (mspId: string): Promise<EndorsedByOne> => {
        await reached(mspId);
        try {
            return await endorsedBy(gateway, proposal, mspId);
        } catch (error) {
            const failure = endorsementFailure(stopped, error);
            throw isOwnPeerAway(error) ? new OwnPeerAway(failure) : failure;
        }
    };
    try {
        const gathered = await gather({ rule, own, absences, slowMs, ask });
        if (gathered.enough) {
            return joined(gateway, gathered.endorsements);
        }
        throw shortage(stopped, rule, gathered);
    } catch (error) {
        throw error instanceof OwnPeerAway ? error.failure : error;
    }
}

/** It is nobody else's absence when the own peer does not answer. */
class OwnPeerAway extends Error {
    constructor(readonly failure: Error) {
        super(failure.message);
    }
}

const AWAY: readonly number[] = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED];

function isOwnPeerAway(error: unknown): boolean {
    return (
        error instanceof GatewayError &&
        AWAY.includes(error.code) &&
        error.details.length === 0 &&
        // A gateway that is there says what it lacks: 'endorsing peers for org(s)', 'endorsement timeout'.
        !error.message.includes('endors')
    );
}

function shortage(stopped: Stopped, rule: EndorsementRule, short: Short): Error {
    const { refused, failed } = short;
    const [first] = refused.values();
    const willing = candidatesOf(rule).filter((mspId) => !refused.has(mspId));
    if (first !== undefined && !isEnough(rule, new Set(willing))) {
        return new TransactionRefused(stopped, first.refusal, [...refused.keys()], short.endorsed);
    }
    const answers = [...failed].flatMap(([mspId, { answers: said, message }]): readonly Answer[] =>
        said.length > 0 ? said : [{ mspId, address: 'its peer', message }],
    );
    const retryable = failed.size === 0 || [...failed.values()].some((failure) => failure.retryable);
    return new NotDone(stopped, answers, retryable, `too few endorsed for ${rule.what}: ${described(rule, short)}`);
}

function described({ otherwise }: EndorsementRule, { endorsed, refused, failed }: Short): string {
    const refusals = [...refused].map(([mspId, { refusal }]) => `${mspId} (${refusal.code})`);
    const parts = [
        endorsed.length === 0 ? 'nobody did' : `${endorsed.join(', ')} did`,
        refusals.length === 0 ? '' : `refused by ${refusals.join(', ')}`,
        failed.size === 0
            ? 'what they computed differs'
            : `not reached: ${[...failed.keys()].join(', ')} (network.sh status shows whose nodes are down)`,
        otherwise ?? '',
    ];
    return parts.filter(Boolean).join('; ');
}
