import { keyName, scheduleKey, scheduleProblemKey } from '../../../api/keys';
import type { Charter, DayAheadTermsRecord, ScheduleProblem, ScheduleRecord, ScheduleRun } from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import { dayAheadOn } from '../../../domain/schedule/terms';
import { SECONDS_PER_SLOT, slotStart, type LocalDay } from '../../../domain/slot';
import { charterAt } from '../../../ledger/charter-view';
import { roundPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { recordHash, requirePolicy } from '../guards';
import { firstRound, isReplay } from '../rounds';

/** A day that is agreed on ahead. */
export interface ScheduledDay {
    readonly local: LocalDay;
    readonly terms: DayAheadTermsRecord;
    readonly record: ScheduleRecord;
    /** Governance as it stood when the day was opened. */
    readonly view: Charter;
    /** Unix seconds at which a run must have ended, whenever it was opened; a replayed day has none. */
    readonly end: number | undefined;
}

/** A run that goes on. */
export interface OpenRun extends ScheduledDay {
    readonly run: ScheduleRun;
    readonly problem: ScheduleProblem;
}

/**
 * The schedule of a day; undefined where governance did not have the day agreed on ahead when it was opened. What is decided of it
 * later changes nothing. Refuses DAY_UNKNOWN, COMMITTEE_MISSING, KEY_POLICY_WRONG where others than committee and community could have written it.
 */
export async function scheduleOf(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
): Promise<ScheduleRecord | undefined> {
    return (await findScheduled(ctx, charter, day))?.record;
}

/** As `scheduleOf`. Refuses DAY_UNKNOWN, SCHEDULE_MISSING, COMMITTEE_MISSING, KEY_POLICY_WRONG. */
export const scheduledDay = async (ctx: TransactionContext, charter: Charter, day: string): Promise<ScheduledDay> =>
    (await findScheduled(ctx, charter, day)) ?? refuse('SCHEDULE_MISSING', day);

async function findScheduled(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
): Promise<ScheduledDay | undefined> {
    const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
    if (charter.dayAhead === undefined) {
        return undefined;
    }
    const round = await firstRound(ctx, charter, day);
    const view = charterAt(charter, round.charterVersion);
    const terms = dayAheadOn(view.dayAhead, day);
    const record = terms && (await ctx.ledger.find(scheduleKey(day)));
    if (terms === undefined || record === undefined) {
        return undefined;
    }
    await requirePolicy(ctx, scheduleKey(day), roundPolicy(view, day, local.first));
    if (record.day !== day || record.charterVersion !== round.charterVersion) {
        refuse('KEY_POLICY_WRONG', keyName(scheduleKey(day)));
    }
    const end = slotStart(local.first) - terms.deadlineSlots * SECONDS_PER_SLOT;
    return { local, terms, record, view, end: isReplay(charter, round) ? undefined : end };
}

/**
 * A run that goes on in this mode. What it is about stands in a key of its own, which the schedule names by its hash: the first write of a
 * key stands under no policy, so nothing else would say whose it is. Refuses what `scheduledDay` does, SCHEDULE_MODE_WRONG,
 * SCHEDULE_NOT_OPEN, SCHEDULE_OVERDUE.
 */
export async function openRun(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
    mode: ScheduleRecord['mode'],
): Promise<OpenRun> {
    const found = await scheduledDay(ctx, charter, day);
    const { run, status } = found.record;
    if (found.record.mode !== mode) {
        refuse('SCHEDULE_MODE_WRONG', `${day} is run by ${found.record.mode}`);
    }
    if (status !== 'open' || run === undefined) {
        refuse('SCHEDULE_NOT_OPEN', `${day} is ${status}`);
    }
    if (ctx.now >= run.deadline) {
        refuse('SCHEDULE_OVERDUE', `${day}, by ${ctx.now - run.deadline} s`);
    }
    const problem = await ctx.ledger.find(scheduleProblemKey(day));
    if (problem === undefined || recordHash(problem) !== run.problemHash) {
        refuse('KEY_POLICY_WRONG', keyName(scheduleProblemKey(day)));
    }
    return { ...found, run, problem };
}

/** Rounds of a day that is agreed on ahead do not trade, unless that has failed. Refuses DAY_SCHEDULED, and what `scheduleOf` does. */
export async function requireNotScheduled(ctx: TransactionContext, charter: Charter, day: string): Promise<void> {
    const record = await scheduleOf(ctx, charter, day);
    if (record !== undefined && record.status !== 'notConverged') {
        refuse('DAY_SCHEDULED', `${day} is ${record.status}`);
    }
}

/** The key of a day that is opened, where governance has it agreed on ahead: it is there before anybody can make it otherwise. */
export async function createSchedule(ctx: TransactionContext, charter: Charter, local: LocalDay): Promise<void> {
    const { day, first } = local;
    const terms = dayAheadOn(charter.dayAhead, day);
    if (terms !== undefined) {
        const { mode, shortPrice, longPrice } = terms;
        const imbalance = { shortPrice, longPrice };
        const record = { day, charterVersion: charter.version, mode, imbalance, status: 'planned' } as const;
        await ctx.ledger.create(scheduleKey(day), record, roundPolicy(charter, day, first));
    }
}
