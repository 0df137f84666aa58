/** A day of the Gregorian calendar, `2014-10-03`. */
export type CalendarDay = `${number}-${number}-${number}`;

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Whether the text names a day that exists, spelt in the one way. */
export function isCalendarDay(text: string): text is CalendarDay {
    return DAY.test(text) && dayFrom(daysSinceEpoch(text)) === text;
}

/**
 * Days from 1970-01-01, negative before it. Counted in eras of 400 years that begin in March, so that the leap day is a
 * year's last (Howard Hinnant, chrono-compatible low-level date algorithms).
 */
export function daysSinceEpoch(day: string): number {
    const [, y, m, d] = DAY.exec(day) ?? [];
    if (y === undefined || m === undefined || d === undefined) {
        throw new RangeError(`not a day: ${day}`);
    }
    const month = Number(m);
    const year = Number(y) - (month <= 2 ? 1 : 0);
    const era = Math.floor(year / 400);
    const yearOfEra = year - era * 400;
    const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + Number(d) - 1;
    const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
    return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse of `daysSinceEpoch`. */
export function dayFrom(days: number): CalendarDay {
    const shifted = days + 719_468;
    const era = Math.floor(shifted / 146_097);
    const dayOfEra = shifted - era * 146_097;
    const yearOfEra = Math.floor(
        (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
    );
    const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
    const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
    const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
    const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
    const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}` as CalendarDay;
}

/** Saturday or Sunday. 1970-01-01 was a Thursday. */
export function isWeekend(day: string): boolean {
    const weekday = (((daysSinceEpoch(day) + 4) % 7) + 7) % 7;
    return weekday === 0 || weekday === 6;
}

/** The day's month, or its year: which day of it this is, counted from 0, and how many it has. */
export function placeIn(period: 'month' | 'year', day: string): { readonly index: number; readonly length: number } {
    const year = day.slice(0, 4);
    const first = period === 'month' ? `${day.slice(0, 7)}-01` : `${year}-01-01`;
    const next = digits(Number(year) + 1, 4);
    const month = Number(day.slice(5, 7));
    const isLast = period === 'year' || month === 12;
    const end = isLast ? `${next}-01-01` : `${year}-${digits(month + 1, 2)}-01`;
    const begin = daysSinceEpoch(first);
    return { index: daysSinceEpoch(day) - begin, length: daysSinceEpoch(end) - begin };
}

const digits = (n: number, width: number): string => n.toString().padStart(width, '0');
