import { dayAfter } from '../../data/zone';
import { Refused } from '../guard/failures';

interface Range {
    readonly from?: string | undefined;
    readonly to?: string | undefined;
}

/**
 * Those of a range, in their order; the newest so many where none is named.
 *
 * @throws Refused where it is longer or begins after its end
 */
export function daysWithin(days: readonly string[], { from, to }: Range, most: number): string[] {
    const last = to ?? days[0] ?? '';
    const inOrder = [...days].sort();
    if (from === undefined) {
        return inOrder.filter((day) => day <= last).slice(-most);
    }
    if (from > last) {
        throw new Refused(400, 'MALFORMED', `${from} is after ${last}`);
    }
    let end = from;
    for (let count = 1; count < most && end < last; count += 1) {
        end = dayAfter(end);
    }
    if (end < last) {
        throw new Refused(400, 'MALFORMED', `at most ${most} days at once`);
    }
    return inOrder.filter((day) => day >= from && day <= last);
}
