import { dayFrom, daysSinceEpoch } from '../calendar';

/** How much a bill covers that agents issue by themselves. */
export type BillEvery = 'day' | 'month';

export interface Period {
    readonly from: string;
    readonly to: string;
}

const next = (day: string): string => dayFrom(daysSinceEpoch(day) + 1);

/** Whether two days that follow each other stand on one bill: days of one calendar month whose terms both bill by the month. */
const isSamePeriod = (one: string, other: string, every: (day: string) => BillEvery): boolean =>
    every(one) === 'month' && every(other) === 'month' && one.slice(0, 7) === other.slice(0, 7);

/**
 * The bills that are due when `today` is over, oldest first, of days that no bill has yet. A bill covers days that follow each other, of one
 * period: it ends before a day that is missing (nobody traded on it, or another bill has it), where the period changes, and at a
 * month's end. What could still grow (the period goes on after today, and the household is there on the day after) is not due.
 */
export function periodsDue(
    days: readonly string[],
    today: string,
    every: (day: string) => BillEvery,
    isMemberOn: (day: string) => boolean,
): Period[] {
    const periods: { from: string; to: string }[] = [];
    for (const day of days.filter((each) => each <= today)) {
        const open = periods.at(-1);
        if (open !== undefined && next(open.to) === day && isSamePeriod(open.to, day, every)) {
            open.to = day;
        } else {
            periods.push({ from: day, to: day });
        }
    }
    const goesOn = (to: string): boolean => to === today && isSamePeriod(to, next(to), every) && isMemberOn(next(to));
    return periods.filter(({ to }) => !goesOn(to));
}
