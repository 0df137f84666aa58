import { keyName, roundKey, slotPart } from '../../../api/keys';
import type { AgreedSchedule, Charter, RoundRecord, ScheduleRecord } from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import { slotsOf, type LocalDay } from '../../../domain/slot';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { isFinal, requireRoundPolicy } from '../rounds';
import { scheduleOf } from '../schedule/schedule-of-day';

export interface DayOnLedger {
    readonly local: LocalDay;
    /** One for each slot; all final, unless the day was scheduled. */
    readonly rounds: readonly RoundRecord[];
    /** What was agreed on a day ahead; undefined where the rounds traded. Then nothing in them counts. */
    readonly agreed: (AgreedSchedule & Pick<ScheduleRecord, 'imbalance'>) | undefined;
}

/**
 * A day whose trades are decided: by a schedule, or by its rounds, one after the other. Refuses DAY_UNKNOWN, KEY_POLICY_WRONG, SCHEDULE_OPEN,
 * ROUND_NOT_FINAL.
 */
export async function finishedDay(ctx: TransactionContext, charter: Charter, day: string): Promise<DayOnLedger> {
    const { local, rounds } = await openedDay(ctx, charter, day);
    const schedule = await scheduleOf(ctx, charter, day);
    if (schedule?.status === 'planned' || schedule?.status === 'open') {
        refuse('SCHEDULE_OPEN', `${day} is ${schedule.status}`);
    }
    if (schedule?.status === 'converged') {
        const { agreed, imbalance } = schedule;
        if (agreed === undefined) {
            throw new Error(`the schedule of ${day} says that it converged, and not to what`);
        }
        return { local, rounds, agreed: { ...agreed, imbalance } };
    }
    const running = rounds.find((round) => !isFinal(round));
    if (running !== undefined) {
        refuse('ROUND_NOT_FINAL', `slot ${running.slot} is ${running.status}`);
    }
    return { local, rounds, agreed: undefined };
}

async function openedDay(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
): Promise<Pick<DayOnLedger, 'local' | 'rounds'>> {
    const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
    const found = new Map(
        (await ctx.ledger.listWithParts('round', day)).map(({ parts: [, part = ''], record }) => [part, record]),
    );
    const rounds: RoundRecord[] = [];
    for (const slot of slotsOf(local)) {
        const round = found.get(slotPart(slot)) ?? refuse('DAY_UNKNOWN', `${day} has no round for slot ${slot}`);
        const { charterVersion } = rounds[0] ?? round;
        if (round.slot !== slot || round.day !== day || round.charterVersion !== charterVersion) {
            refuse('KEY_POLICY_WRONG', keyName(roundKey(day, slot)));
        }
        await requireRoundPolicy(ctx, charter, round);
        rounds.push(round);
    }
    return { local, rounds };
}
