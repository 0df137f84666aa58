import { keyName, submissionKey } from '../../../api/keys';
import type { Charter, SubmissionMarker, SubmissionRecord } from '../../../api/records';
import type { ArgsOf } from '../../../api/transactions';
import { isQuorum } from '../../../domain/committee';
import { compareStrings } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { committeeOf, gridOperator } from '../../../ledger/market-policies';
import type { TransactionContext } from '../../transaction-context';
import { requireCovered } from '../accounts/covering';
import { hasSeat, isSigned, memberOf, recordHash } from '../guards';
import type { OpenRun } from './schedule-of-day';

/** Whose energies are judged, and by what it may take and give. */
type Household = OpenRun['problem']['households'][number];

/** Refuses FORBIDDEN for who has no seat in the day's committee, COALITION_TOO_LIGHT where those named are no quorum of it. */
export function requireQuorum({ view, local }: Pick<OpenRun, 'view' | 'local'>, to: readonly string[]): void {
    const stranger = to.find((mspId) => !hasSeat(view, local.first, mspId));
    if (stranger !== undefined) {
        refuse('FORBIDDEN', `${stranger} has no seat in the committee of ${local.day}`);
    }
    if (!isQuorum(committeeOf(view, local.first), to)) {
        refuse('COALITION_TOO_LIGHT', `${to.join(', ')} on ${local.day}`);
    }
}

/**
 * The caller's answer in the iteration that is open, and who keeps it. The marker was made when the run was opened, under the policy of
 * household, grid operator and committee. Refuses FORBIDDEN, COALITION_TOO_LIGHT, NOT_COVERED, ITERATION_WRONG, SUBMISSION_EXISTS, RECORD_WRONG,
 * SCHEDULE_SHAPE_WRONG, ENERGY_ABOVE_LIMIT, SIGNATURE_INVALID.
 */
export async function answered(
    ctx: TransactionContext,
    charter: Charter,
    open: OpenRun,
    { asked, submission }: { readonly asked: ArgsOf<'schedule:submit'>; readonly submission: SubmissionRecord },
): Promise<{ readonly marker: SubmissionMarker; readonly keepers: readonly string[] }> {
    const { day, iteration, to } = asked;
    const mspId = ctx.caller;
    const household = open.problem.households.find((each) => each.mspId === mspId);
    if (household === undefined) {
        refuse('FORBIDDEN', `${mspId} takes no part in the schedule of ${day}`);
    }
    requireQuorum(open, to);
    await requireCovered(ctx, charter, day, mspId);
    if (iteration !== open.run.iteration + 1) {
        refuse('ITERATION_WRONG', `${iteration}, ${open.run.iteration + 1} is open`);
    }
    const found = await ctx.ledger.find(submissionKey(day, mspId));
    if (found?.mspId !== mspId || found.day !== day) {
        refuse('KEY_POLICY_WRONG', keyName(submissionKey(day, mspId)));
    }
    if (found.iteration >= iteration) {
        refuse('SUBMISSION_EXISTS', `${mspId} in iteration ${iteration}`);
    }
    requireAnswer(submission, { day, mspId, iteration });
    requireCarried(submission, household, open.problem.slots);
    if (!isSigned(submission, memberOf(charter, mspId).ownerKey)) {
        refuse('SIGNATURE_INVALID', `the answer of ${mspId}`);
    }
    const holders = [...new Set(to)].sort(compareStrings);
    return {
        marker: { mspId, day, iteration, hash: recordHash(submission), holders },
        keepers: [...new Set([mspId, gridOperator(charter), ...holders])],
    };
}

/** Refuses RECORD_WRONG for what is no answer of this household in this iteration. */
function requireAnswer(
    submission: SubmissionRecord,
    { day, mspId, iteration }: { readonly day: string; readonly mspId: string; readonly iteration: number },
): void {
    if (!isRecordOf(submission, day, mspId) || submission.iteration !== iteration || submission.claim !== undefined) {
        refuse('RECORD_WRONG', `not the answer of ${mspId} in iteration ${iteration}`);
    }
}

export const isRecordOf = (record: SubmissionRecord, day: string, mspId: string): boolean =>
    record.key === keyName(submissionKey(day, mspId)) && record.mspId === mspId && record.day === day;

/** Refuses SCHEDULE_SHAPE_WRONG, ENERGY_ABOVE_LIMIT; the detail says in which slot, and never how much. */
export function requireCarried(
    { energiesWh }: SubmissionRecord,
    { mspId, importLimitWh, exportLimitWh }: Household,
    slots: number,
): void {
    if (energiesWh.length !== slots) {
        refuse('SCHEDULE_SHAPE_WRONG', `${energiesWh.length} energies of ${mspId} for ${slots} slots`);
    }
    const slot = energiesWh.findIndex((taken) => taken > importLimitWh || -taken > exportLimitWh);
    if (slot >= 0) {
        refuse('ENERGY_ABOVE_LIMIT', `${mspId} in slot ${slot} of the day`);
    }
}
