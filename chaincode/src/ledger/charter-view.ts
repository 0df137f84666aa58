import type { Charter, Recorded } from '../api/records';
import { refuse } from '../domain/refusals';

const SLOTS_PER_24_HOURS = 96;

/**
 * Members, committees and how days are run as they were on record at a version of the charter. A day's keys stand under the policies of the charter
 * that it was opened under, so governance may change at any time without taking anybody's keys away. Refuses
 * KEY_POLICY_WRONG for a version that has not been.
 */
export function charterAt(charter: Charter, version: number): Charter {
    if (version > charter.version) {
        refuse('KEY_POLICY_WRONG', `the charter has version ${charter.version}, not ${version}`);
    }
    const known = views.get(charter) ?? new Map<number, Charter>();
    views.set(charter, known);
    const view = known.get(version) ?? viewOf(charter, version);
    known.set(version, view);
    return view;
}

/**
 * Whoever forged the keys of a day before it was opened could pick a version whose committee suits him. A day is opened at most
 * so many days ahead, so what was recorded before that cannot be missed by it. Refuses KEY_POLICY_WRONG.
 */
export function requireLawfulVersion(charter: Charter, firstSlot: number, version: number): void {
    const { replayAllowed, openAheadDays } = charter.rules;
    const earliest = firstSlot - openAheadDays * SLOTS_PER_24_HOURS;
    const missed = recordsOf(charter).find((recorded) => recorded.version > version && recorded.slot < earliest);
    if (!replayAllowed && missed !== undefined) {
        refuse('KEY_POLICY_WRONG', `version ${version} does not know what version ${missed.version} recorded before`);
    }
    const elected = replayAllowed ? undefined : missedElection(charter, firstSlot, version);
    if (elected !== undefined) {
        refuse('KEY_POLICY_WRONG', `version ${version} does not know who was elected in ${elected}`);
    }
}

/** Before a day begins without an election of its own it is opened under the committee before; not earlier. */
export const UNELECTED_SLOTS = 8;

/**
 * Where committees are elected, a day is opened when its own is known, or shortly before it begins. So a version under which the
 * newest committee was an elected one of an earlier day must know every election for the day that was over by then.
 */
function missedElection(charter: Charter, firstSlot: number, version: number): string | undefined {
    const known = charter.committees.filter(isKnown(version));
    const isOfDay = known.some(({ fromSlot }) => fromSlot === firstSlot);
    if (known.at(-1)?.electedIn === undefined || isOfDay) {
        return undefined;
    }
    return charter.committees.find(
        ({ recorded, fromSlot }) =>
            recorded.version > version && fromSlot <= firstSlot && recorded.slot < firstSlot - UNELECTED_SLOTS,
    )?.electedIn;
}

// The same few versions are asked for hundreds of times in a transaction; views are functions of the charter.
const views = new WeakMap<Charter, Map<number, Charter>>();

function viewOf(charter: Charter, version: number): Charter {
    if (recordsOf(charter).every((recorded) => recorded.version <= version)) {
        return charter;
    }
    const members = Object.entries(charter.members)
        .map(([mspId, member]) => [mspId, { ...member, standings: member.standings.filter(isKnown(version)) }] as const)
        .filter(([, { standings }]) => standings.length > 0);
    return {
        ...charter,
        members: Object.fromEntries(members),
        committees: charter.committees.filter(isKnown(version)),
        ...(charter.dayAhead && { dayAhead: charter.dayAhead.filter(isKnown(version)) }),
    };
}

const isKnown =
    (version: number) =>
    ({ recorded }: { readonly recorded: Recorded }): boolean =>
        recorded.version <= version;

function recordsOf({ members, committees, dayAhead = [] }: Charter): Recorded[] {
    const standings = Object.values(members).flatMap((member) => member.standings);
    return [...standings, ...committees, ...dayAhead].map(({ recorded }) => recorded);
}
