import { dayKey, keyName, scheduleKey, scheduleProblemKey } from '../../../api/keys';
import type { Charter, DayAheadTermsRecord, ScheduleProblem, ScheduleRecord, ScheduleRun } from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import { dayAheadOn } from '../../../domain/schedule/terms';
import { SECONDS_PER_SLOT, slotStart, type LocalDay } from '../../../domain/slot';
import { charterAt, requireLawfulVersion } from '../../../ledger/charter-view';
import { roundPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { recordHash, requirePolicy } from '../guards';

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
 * The schedule of a day; undefined where governance does not have the day agreed on ahead, or it was opened before that was decided. Refuses
 * DAY_UNKNOWN, COMMITTEE_MISSING, KEY_POLICY_WRONG where others than committee and community could have written it.
 */
export async function scheduleOf(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
): Promise<ScheduleRecord | undefined> {
    return (await findScheduled(ctx, charter, day))?.record;
}

/** As `scheduleOf`. Refuses DAY_UNKNOWN, SCHEDULE_MISSING, COMMITTEE_MISSING, KEY_POLICY_WRONG. */
export async function scheduledDay(ctx: TransactionContext, charter: Charter, day: string): Promise<ScheduledDay> {
    const found = await findScheduled(ctx, charter, day);
    if (found === undefined) {
        refuse('SCHEDULE_MISSING', day);
    }
    const opened = await ctx.ledger.find(dayKey(day));
    const isReplay = charter.rules.replayAllowed && opened?.replay === true;
    const { local, terms } = found;
    return { ...found, end: isReplay ? undefined : slotStart(local.first) - terms.deadlineSlots * SECONDS_PER_SLOT };
}

async function findScheduled(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
): Promise<Omit<ScheduledDay, 'end'> | undefined> {
    const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
    const terms = dayAheadOn(charter.dayAhead, day);
    const record = terms && (await ctx.ledger.find(scheduleKey(day)));
    if (terms === undefined || record === undefined) {
        return undefined;
    }
    requireLawfulVersion(charter, local.first, record.charterVersion);
    const view = charterAt(charter, record.charterVersion);
    await requirePolicy(ctx, scheduleKey(day), roundPolicy(view, day, local.first));
    if (record.day !== day) {
        refuse('KEY_POLICY_WRONG', keyName(scheduleKey(day)));
    }
    return { local, terms, record, view };
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
    if (terms !== undefined && terms.mode !== 'auction') {
        const record = { day, charterVersion: charter.version, mode: terms.mode, status: 'planned' } as const;
        await ctx.ledger.create(scheduleKey(day), record, roundPolicy(charter, day, first));
    }
}
