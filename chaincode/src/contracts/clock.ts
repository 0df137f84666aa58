import type { Charter } from '../api/records';
import { dayOf, localDay, slot as slotOf, type Clock, type LocalDay } from '../domain/slot';

/** The governed clock of the community. */
export function clockOf({ clock }: Pick<Charter, 'clock'>): Clock {
    return clock.map(({ fromSlot, offsetMinutes }) => ({ fromSlot: slotOf(fromSlot), offsetMinutes }));
}

/** The local day, or undefined where there is no such day or the clock does not reach it. */
export function findDay(charter: Pick<Charter, 'clock'>, day: string): LocalDay | undefined {
    return unlessOutOfRange(() => localDay(day, clockOf(charter)));
}

/** The local day that the slot lies in, or undefined where the clock does not reach it. */
export function findDayOf(charter: Pick<Charter, 'clock'>, slot: number): LocalDay | undefined {
    return unlessOutOfRange(() => dayOf(slotOf(slot), clockOf(charter)));
}

function unlessOutOfRange<T>(compute: () => T): T | undefined {
    try {
        return compute();
    } catch (error) {
        if (error instanceof RangeError) {
            return undefined;
        }
        throw error;
    }
}
