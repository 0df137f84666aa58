import { keyName, readingKey } from '../../../api/keys';
import type { BillRecord, Charter, ReadingRecord } from '../../../api/records';
import { dayFrom, daysSinceEpoch } from '../../../domain/calendar';
import { statusOn } from '../../../domain/community/roster';
import { shownRegisters } from '../../../domain/metering/shown';
import { refuse } from '../../../domain/refusals';
import type { LocalDay } from '../../../domain/slot';
import type { TransactionContext } from '../../transaction-context';
import { memberOf } from '../guards';
import { readingMarkersOf } from '../markers';
import { openedReading } from './settling';

interface Period {
    readonly mspId: string;
    readonly first: LocalDay;
    readonly last: LocalDay;
}

/** Of a bill that is its household's last: it is no member on the day after. */
export const isLastBill = (charter: Charter, { mspId, last }: Pick<Period, 'mspId' | 'last'>): boolean =>
    statusOn(memberOf(charter, mspId).standings, dayFrom(daysSinceEpoch(last.day) + 1)) === 'left';

/**
 * What the meters showed when the period began and ended, as the readings of its first and last slot say; either may be left out, but the
 * last one of a household that moves out may not. Refuses OPENING_UNKNOWN, KEY_POLICY_WRONG, OPENING_MISMATCH, SIGNATURE_INVALID,
 * OPENING_MISSING.
 */
export async function registersOn(
    ctx: TransactionContext,
    charter: Charter,
    period: Period,
    readings: readonly ReadingRecord[],
): Promise<Pick<BillRecord, 'registers' | 'last'>> {
    const { mspId, first, last } = period;
    const ends = [
        { at: 'begin' as const, local: first, slot: first.first as number },
        { at: 'end' as const, local: last, slot: last.first + last.count - 1 },
    ];
    const slots = readings.map(({ slot }) => slot);
    const stranger = readings.find(
        ({ slot }, i) => slots.indexOf(slot) !== i || !ends.some((end) => end.slot === slot),
    );
    if (stranger !== undefined) {
        refuse('OPENING_UNKNOWN', stranger.key);
    }
    const shown = [];
    for (const { at, local, slot } of ends) {
        const reading = readings.find((each) => each.slot === slot);
        if (reading !== undefined) {
            const marker = (await readingMarkersOf(ctx, mspId, local.day)).get(slot);
            await openedReading(ctx, charter, local, mspId, reading, marker);
            shown.push(...shownRegisters(at, slot, reading.spans));
        }
    }
    const end = ends[1]?.slot ?? 0;
    const isLast = isLastBill(charter, period);
    if (isLast && !slots.includes(end)) {
        refuse('OPENING_MISSING', keyName(readingKey(mspId, last.day, end)));
    }
    return {
        ...(readings.length === 0 ? {} : { registers: shown }),
        ...(isLast ? { last: true as const } : {}),
    };
}
