import { dayFrom, daysSinceEpoch, isCalendarDay, type CalendarDay } from './calendar';

declare const unit: unique symbol;

/** A quarter of an hour, numbered by ⌊unix seconds / 900⌋. */
export type Slot = number & { readonly [unit]: 'slot' };

export const SECONDS_PER_SLOT = 900;
const MINUTES_PER_SLOT = 15;
export const SLOTS_PER_24_HOURS = 96;
/** Ten decimal digits, the width of a slot in a key. */
const LAST_SLOT = 9_999_999_999;

export function slot(n: number): Slot {
    if (!Number.isSafeInteger(n) || n < 0 || n > LAST_SLOT) {
        throw new RangeError(`not a slot: ${n}`);
    }
    return n as Slot;
}

/** The slot that a moment lies in; the moment at which a slot ends belongs to the next. */
export const slotAt = (unixSeconds: number): Slot => slot(Math.floor(unixSeconds / SECONDS_PER_SLOT));
export const slotStart = (of: Slot): number => of * SECONDS_PER_SLOT;
export const slotEnd = (of: Slot): number => (of + 1) * SECONDS_PER_SLOT;

/** A slot in a key: fixed width, so that key order is time order. */
export const slotKey = (of: Slot): string => of.toString().padStart(10, '0');

/** From `fromSlot` on local clocks are `offsetMinutes` ahead of UTC, until the next change. */
export interface ClockChange {
    readonly fromSlot: Slot;
    readonly offsetMinutes: number;
}

/** The governed table of a community's local time, because time zone data differ between machines. Earliest change first. */
export type Clock = readonly ClockChange[];

/** The slots of a local day: 96, or 92 and 100 where clocks change by an hour. */
export interface LocalDay {
    readonly day: CalendarDay;
    readonly first: Slot;
    readonly count: number;
}

/** Why this is not a clock, or undefined if it is. */
export function clockFlaw(clock: Clock): string | undefined {
    if (clock.length === 0) {
        return 'a clock needs at least one offset';
    }
    const odd = clock.find(({ offsetMinutes: m }) => !Number.isInteger(m / MINUTES_PER_SLOT) || Math.abs(m) > 15 * 60);
    if (odd !== undefined) {
        return `an offset is a whole number of quarter hours up to 15 hours, not ${odd.offsetMinutes} minutes`;
    }
    const late = clock.find((change, i) => i > 0 && change.fromSlot <= (clock[i - 1]?.fromSlot ?? 0));
    return late === undefined ? undefined : `the change at slot ${late.fromSlot} is not after the one before it`;
}

/** The local day of that name. Throws a RangeError where there is no such day or the clock does not reach back to it. */
export function localDay(day: string, clock: Clock): LocalDay {
    if (!isCalendarDay(day)) {
        throw new RangeError(`not a day: ${day}`);
    }
    const first = midnight(daysSinceEpoch(day), clock);
    return { day, first, count: midnight(daysSinceEpoch(day) + 1, clock) - first };
}

/** The local day that a slot lies in. */
export function dayOf(of: Slot, clock: Clock): LocalDay {
    const shown = Math.floor(localSlot(of, clock) / SLOTS_PER_24_HOURS);
    const day = localDay(dayFrom(shown), clock);
    // Clocks that go back over midnight show the old day again within the new one.
    return of < day.first + day.count ? day : localDay(dayFrom(shown + 1), clock);
}

/** What a local clock shows when the slot begins, `17:45`. Twice a year it says the same of two slots. */
export function localTime(of: Slot, clock: Clock): string {
    const minutes = (localSlot(of, clock) % SLOTS_PER_24_HOURS) * MINUTES_PER_SLOT;
    return `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

/** Which quarter hour of the day local clocks show when the slot begins: 0 is midnight. Twice a year it says the same of two slots. */
export const quarterOfDay = (of: Slot, clock: Clock): number => localSlot(of, clock) % SLOTS_PER_24_HOURS;

export function slotsOf({ first, count }: LocalDay): Slot[] {
    return Array.from({ length: count }, (_, i) => slot(first + i));
}

/** The first slot that local clocks show on or after midnight of the day. */
function midnight(days: number, clock: Clock): Slot {
    for (const [i, { fromSlot, offsetMinutes }] of clock.entries()) {
        const wanted = days * SLOTS_PER_24_HOURS - offsetMinutes / MINUTES_PER_SLOT;
        const ends = clock[i + 1]?.fromSlot ?? Infinity;
        if (i === 0 && wanted < fromSlot) {
            break;
        }
        if (wanted < ends) {
            return slot(Math.max(wanted, fromSlot));
        }
    }
    throw new RangeError(`the clock does not reach back to ${dayFrom(days)}`);
}

/** Quarter hours of local time since 1970-01-01 00:00 on the wall. */
function localSlot(of: Slot, clock: Clock): number {
    const change = clock.findLast(({ fromSlot }) => fromSlot <= of);
    if (change === undefined) {
        throw new RangeError(`the clock does not reach back to slot ${of}`);
    }
    return of + change.offsetMinutes / MINUTES_PER_SLOT;
}

const twoDigits = (n: number): string => n.toString().padStart(2, '0');
