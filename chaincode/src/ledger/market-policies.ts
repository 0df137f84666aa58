import type { Charter } from '../api/records';
import { activeMembers } from '../domain/community/roster';
import { appointedCommittees, minimalWinningCoalitions, type Committee } from '../domain/committee';
import { slot as slotOf } from '../domain/slot';
import { refuse } from '../domain/refusals';
import { allOf, anyOf, coalition, organisation, outOf, policyBytes } from './key-policy';

/** The MSP that governance made the grid operator. */
export function gridOperator({ roles }: Charter): string {
    return roles.dso ?? refuse('NOT_ESTABLISHED', 'no organisation has the role dso');
}

/** The committee that governance appointed for the slot. */
export function committeeOf({ committees }: Charter, slot: number): Committee {
    const terms = committees.map((term) => ({ ...term, fromSlot: slotOf(term.fromSlot) }));
    return appointedCommittees(terms).committeeOf(slotOf(slot)) ?? refuse('COMMITTEE_MISSING', `slot ${slot}`);
}

/**
 * Who may write the marker of a household's record: household and grid operator; or, for what a silent household leaves behind,
 * the grid operator and a quorum of the committee.
 */
export function partiesPolicy(charter: Charter, mspId: string, slot: number): Uint8Array {
    return remembered(charter, `parties ${mspId} ${committeeKey(charter, slot)}`, () => {
        const dso = gridOperator(charter);
        const quorums = minimalWinningCoalitions(committeeOf(charter, slot));
        return policyBytes(anyOf([coalition([mspId, dso]), ...quorums.map((quorum) => coalition([dso, ...quorum]))]));
    });
}

/**
 * Who may write a round, the day it belongs to and the day's totals: a quorum of its committee; or the grid operator and a majority of the
 * households that are active on the day, so that a committee that has gone cannot keep a round open for ever.
 */
export function roundPolicy(charter: Charter, day: string, slot: number): Uint8Array {
    return remembered(charter, `round ${day} ${committeeKey(charter, slot)}`, () => {
        const quorums = minimalWinningCoalitions(committeeOf(charter, slot)).map(coalition);
        const households = activeMembers(charter.members, day);
        const majority = outOf(Math.floor(households.length / 2) + 1, households.map(organisation));
        return policyBytes(anyOf([...quorums, allOf([organisation(gridOperator(charter)), majority])]));
    });
}

/**
 * Who may write the marker of an order: a quorum of the round's committee and nobody else. So once a round is closed, what the
 * marker says of its reveal is the committee's word: neither owner nor grid operator could have written it.
 */
export function committeePolicy(charter: Charter, slot: number): Uint8Array {
    return remembered(charter, `committee ${committeeKey(charter, slot)}`, () =>
        policyBytes(anyOf(minimalWinningCoalitions(committeeOf(charter, slot)).map(coalition))),
    );
}

/**
 * Who may write what a household answers in a schedule: the household with the grid operator and a quorum of the committee, who all
 * store it. So what is marked can be opened by whoever closes the iteration.
 */
export function answerPolicy(charter: Charter, mspId: string, slot: number): Uint8Array {
    return remembered(charter, `answer ${mspId} ${committeeKey(charter, slot)}`, () => {
        const quorums = minimalWinningCoalitions(committeeOf(charter, slot));
        return policyBytes(anyOf(quorums.map((quorum) => coalition([mspId, gridOperator(charter), ...quorum]))));
    });
}

/** What the community as a whole has to stand for: the grid operator and a majority of the households that are active on the day. */
export function membersPolicy(charter: Charter, day: string): Uint8Array {
    const households = activeMembers(charter.members, day);
    const majority = outOf(Math.floor(households.length / 2) + 1, households.map(organisation));
    return policyBytes(allOf([organisation(gridOperator(charter)), majority]));
}

/** A member's own keys: nobody else can write them, and nobody else is needed to. */
export const ownerPolicy = (mspId: string): Uint8Array => policyBytes(anyOf([organisation(mspId)]));

/** Keys that a household and the grid operator write together. */
export const bothPolicy = (charter: Charter, mspId: string): Uint8Array =>
    policyBytes(anyOf([coalition([mspId, gridOperator(charter)])]));

/**
 * Who may end an escrow: its parties with the grid operator; or the grid operator and a quorum of the committee, who check what the
 * contract asks for.
 */
export function escrowPolicy(
    charter: Charter,
    { buyer, seller, slot }: { readonly buyer: string; readonly seller: string; readonly slot: number },
): Uint8Array {
    const dso = gridOperator(charter);
    const quorums = minimalWinningCoalitions(committeeOf(charter, slot));
    return policyBytes(
        anyOf([coalition([buyer, seller, dso]), ...quorums.map((quorum) => coalition([dso, ...quorum]))]),
    );
}

/** All that a committee's coalitions depend on. */
function committeeKey(charter: Charter, slot: number): string {
    const { seats, quorum } = committeeOf(charter, slot);
    const weights = seats.map(({ mspId, weight }) => `${mspId}=${weight.toString()}`).join(',');
    return `${weights} ${quorum.numerator.toString()}/${quorum.denominator.toString()}`;
}

// The same few policies are asked for hundreds of times in a transaction; they are functions of the charter.
const memory = new WeakMap<Charter, Map<string, Uint8Array>>();

function remembered(charter: Charter, name: string, compute: () => Uint8Array): Uint8Array {
    const known = memory.get(charter) ?? new Map<string, Uint8Array>();
    memory.set(charter, known);
    const bytes = known.get(name) ?? compute();
    known.set(name, bytes);
    return bytes;
}
