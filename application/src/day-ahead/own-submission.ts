import { setTimeout as pause } from 'node:timers/promises';
import type { ScheduleRecord, SubmissionRecord } from '@commonwatt/chaincode/api/records';
import { hashOf } from '../household/records';
import type { Schedule } from '../market/schedule';

const POLL_MS = 100;

export interface OwnRecords {
    readonly home: string;
    readonly mspId: string;
    /** As the home's own peer has it. */
    readonly schedule: Pick<Schedule, 'find' | 'openings'>;
    readonly agreements: { readonly all: readonly SubmissionRecord[] };
}

/**
 * What a home agreed to, as the schedule names it: from its own peer, or, of a certificate, from its agent's folder. Undefined where it never said anything.
 *
 * @throws Error where it is in neither, with what to do.
 */
export async function ownSubmission(
    { home, mspId, schedule, agreements }: OwnRecords,
    { day, agreed }: Pick<ScheduleRecord, 'day' | 'agreed'>,
): Promise<SubmissionRecord | undefined> {
    const hash = agreed?.households.find((each) => each.mspId === mspId)?.hash ?? null;
    if (hash === null) {
        return undefined;
    }
    // Another peer said that the day is agreed on: ours may be a block behind, and without what was said in it.
    while ((await schedule.find(day))?.agreed === undefined) {
        await pause(POLL_MS);
    }
    const isNamed = (each: SubmissionRecord): boolean => hashOf(each) === hash;
    const { submissions } = await schedule.openings(day);
    const found = submissions.find(isNamed) ?? agreements.all.find(isNamed);
    if (found === undefined) {
        const why = `neither the peer of ${home} nor its agent's folder has what it agreed to for ${day}`;
        throw new Error(`${why}; the grid operator hands it over: commonwatt restore ${home}`);
    }
    return found;
}
