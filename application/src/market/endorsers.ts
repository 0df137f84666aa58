import { activeMembers } from '@commonwatt/chaincode/domain/community/roster';
import { appointedCommittees, type Committee } from '@commonwatt/chaincode/domain/committee';
import { slot as slotOf } from '@commonwatt/chaincode/domain/slot';
import type { Charter, RoundRecord } from '@commonwatt/chaincode/api/records';
import type { EndorsementRule, Share, Weighted } from '../gateway/endorsement/rule';

type RoundOfDay = Pick<RoundRecord, 'day' | 'slot' | 'charterVersion'>;

const VOIDING =
    'once its deadline has passed, the round can be voided by the grid operator and a majority of the households ' +
    '(auction:voidRound)';

/** A quorum of the committee of a round that is open or closed: governance of the time when its day was opened decides. */
export function committeeOf(charter: Charter, round: RoundOfDay): EndorsementRule {
    return {
        what: `a quorum of the committee of slot ${round.slot}`,
        anyOf: [[quorumShare(servingCommittee(charter, round), round.slot)]],
        otherwise: VOIDING,
    };
}

/** Who can void a round: a quorum of its committee; or the grid operator and a majority of the households active on the day. */
export function votersOnVoiding(charter: Charter, round: RoundOfDay): EndorsementRule {
    const members = Object.fromEntries(
        Object.entries(charter.members).map(([mspId, member]) => [
            mspId,
            { ...member, standings: member.standings.filter(isKnownTo(round)) },
        ]),
    );
    const [operator, majority] = operatorAndMajority(operatorOf(charter), activeMembers(members, round.day));
    return {
        what: `voiding the round of slot ${round.slot}`,
        anyOf: [[quorumShare(servingCommittee(charter, round), round.slot)], [operator, majority]],
    };
}

/** The grid operator and a quorum of the committee: for what a silent household leaves behind. */
export function operatorAndCommittee(charter: Charter, round: RoundOfDay): EndorsementRule {
    const mspId = operatorOf(charter);
    return {
        what: `the grid operator with a quorum of the committee of slot ${round.slot}`,
        anyOf: [[alone(mspId), quorumShare(servingCommittee(charter, round), round.slot)]],
    };
}

/** The grid operator and more than half of the households, the first ones first: who decides what is governed. */
export function governors(operator: string, households: readonly string[]): EndorsementRule {
    return {
        what: 'the grid operator and a majority of the households',
        anyOf: [operatorAndMajority(operator, households)],
    };
}

/** More than the quorum, in whole weights. Seats take turns: who endorses clearings is paid for it. */
export function quorumShare({ seats, quorum }: Committee, turn: number): Share {
    const total = seats.reduce((sum, { weight }) => sum + weight, 0n);
    return { of: seats, needed: (total * quorum.numerator) / quorum.denominator + 1n, turn };
}

/** The committee of a round: governance of the time when its day was opened decides. */
export function servingCommittee(charter: Charter, round: RoundOfDay): Committee {
    const serving = findServingCommittee(charter, round);
    if (serving === undefined) {
        throw new Error(`no committee serves in slot ${round.slot}; governance appoints or elects one`);
    }
    return serving;
}

export function findServingCommittee(charter: Charter, round: RoundOfDay): Committee | undefined {
    const terms = charter.committees
        .filter(isKnownTo(round))
        .map((term) => ({ ...term, fromSlot: slotOf(term.fromSlot) }));
    return appointedCommittees(terms).committeeOf(slotOf(round.slot));
}

const isKnownTo =
    ({ charterVersion }: RoundOfDay) =>
    ({ recorded }: { readonly recorded: { readonly version: number } }): boolean =>
        recorded.version <= charterVersion;

function operatorOf({ roles }: Charter): string {
    if (roles.dso === undefined) {
        throw new Error('no organisation has the role dso');
    }
    return roles.dso;
}

function operatorAndMajority(operator: string, households: readonly string[]): [Share, Share] {
    const of = households.map((mspId): Weighted => ({ mspId, weight: 1n }));
    return [alone(operator), { of, needed: BigInt(Math.floor(households.length / 2) + 1) }];
}

const alone = (mspId: string): Share => ({ of: [{ mspId, weight: 1n }], needed: 1n });
