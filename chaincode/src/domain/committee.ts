import { compareStrings, type Fraction } from './quantity';
import type { Slot } from './slot';

export interface Seat {
    readonly mspId: string;
    /** At least 1. */
    readonly weight: bigint;
}

/** Who clears a round: seats with more than `quorum` of the weight decide together. */
export interface Committee {
    readonly seats: readonly Seat[];
    readonly quorum: Fraction;
}

/** Where a round's committee comes from: a governed list here, an election later. */
export interface CommitteeSource {
    /** Undefined where nobody is appointed for the slot. */
    committeeOf(slot: Slot): Committee | undefined;
}

export interface CommitteeTerm extends Committee {
    /** The committee serves from this slot until the next term begins. */
    readonly fromSlot: Slot;
}

/** Coalitions grow exponentially with the seats; seven seats have at most 35 minimal ones. */
export const MOST_SEATS = 7;

/** Committees from a list of terms: the latest that has begun serves. */
export function appointedCommittees(terms: readonly CommitteeTerm[]): CommitteeSource {
    return {
        committeeOf: (slot) =>
            terms
                .filter((term) => term.fromSlot <= slot)
                .reduce<CommitteeTerm | undefined>(
                    (latest, term) => (latest === undefined || term.fromSlot >= latest.fromSlot ? term : latest),
                    undefined,
                ),
    };
}

/** Why this is not a committee, or undefined if it is: 1 to 7 seats, each a different organisation with a weight of 1 or more. */
export function committeeFlaw({ seats }: Committee): string | undefined {
    if (seats.length < 1 || seats.length > MOST_SEATS) {
        return `a committee has 1 to ${MOST_SEATS} seats, not ${seats.length}`;
    }
    const light = seats.find(({ weight }) => weight < 1n);
    if (light !== undefined) {
        return `the seat of ${light.mspId} has the weight ${light.weight.toString()}`;
    }
    const names = seats.map(({ mspId }) => mspId);
    const twice = names.find((mspId, position) => names.indexOf(mspId) !== position);
    return twice === undefined ? undefined : `${twice} has two seats`;
}

/** Whether the seats of `mspIds` together have more than the quorum of the weight. */
export function isQuorum(committee: Committee, mspIds: readonly string[]): boolean {
    const held = committee.seats.filter(({ mspId }) => mspIds.includes(mspId));
    return weightOf(held) * committee.quorum.denominator > weightOf(committee.seats) * committee.quorum.numerator;
}

/**
 * The coalitions that are a quorum and are none without any one of their members, each sorted by name, shortest first and then
 * by name: an endorsement policy is the OR of them (a policy that names a principal twice does not give it more weight).
 */
export function minimalWinningCoalitions(committee: Committee): string[][] {
    const flaw = committeeFlaw(committee);
    if (flaw !== undefined) {
        throw new RangeError(flaw);
    }
    const names = committee.seats.map(({ mspId }) => mspId).sort(compareStrings);
    const coalitions: string[][] = [];
    for (let choice = 1; choice < 2 ** names.length; choice += 1) {
        const coalition = names.filter((_, bit) => (choice & (1 << bit)) !== 0);
        if (isMinimal(committee, coalition)) {
            coalitions.push(coalition);
        }
    }
    return coalitions.sort((a, b) => a.length - b.length || compareStrings(a.join('\n'), b.join('\n')));
}

function isMinimal(committee: Committee, coalition: readonly string[]): boolean {
    return (
        isQuorum(committee, coalition) &&
        coalition.every(
            (leaver) =>
                !isQuorum(
                    committee,
                    coalition.filter((mspId) => mspId !== leaver),
                ),
        )
    );
}

function weightOf(seats: readonly Seat[]): bigint {
    return seats.reduce((sum, { weight }) => sum + weight, 0n);
}
