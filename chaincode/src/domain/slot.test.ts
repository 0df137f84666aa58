import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../testing/property';
import { dayFrom, daysSinceEpoch, isCalendarDay } from './calendar';
import {
    clockFlaw,
    dayOf,
    localDay,
    localTime,
    slot,
    slotAt,
    slotEnd,
    slotKey,
    slotsOf,
    slotStart,
    type Clock,
} from './slot';

const at = (iso: string) => slotAt(Date.parse(iso) / 1000);
const FIXED: Clock = [{ fromSlot: slot(0), offsetMinutes: 60 }];
/** Central Europe in 2014. */
const CHANGING: Clock = [
    { fromSlot: slot(0), offsetMinutes: 60 },
    { fromSlot: at('2014-03-30T01:00Z'), offsetMinutes: 120 },
    { fromSlot: at('2014-10-26T01:00Z'), offsetMinutes: 60 },
];
/** A clock that goes back at midnight, so that the last hour of a day is shown twice. */
const OVER_MIDNIGHT: Clock = [
    { fromSlot: slot(0), offsetMinutes: -180 },
    { fromSlot: at('2014-02-16T02:00Z'), offsetMinutes: -240 },
    { fromSlot: at('2014-10-19T04:00Z'), offsetMinutes: -180 },
];

/** A clock that goes back from 00:30 to 23:30: the old day is shown again after the new one has begun. */
const PAST_MIDNIGHT: Clock = [
    { fromSlot: slot(0), offsetMinutes: 0 },
    { fromSlot: at('2014-11-02T00:30Z'), offsetMinutes: -60 },
];

describe('a slot', () => {
    it('is a quarter of an hour from its first second up to the next', () => {
        const one = at('2014-10-03T12:00Z');
        expect([slotStart(one), slotEnd(one)]).toEqual([1412337600, 1412338500]);
        expect([slotAt(1412338499), slotAt(1412338500)]).toEqual([one, one + 1]);
    });

    it('has a key of fixed width', () => {
        expect(slotKey(slot(1569264))).toBe('0001569264');
    });

    it.each([-1, 0.5, NaN, 1e10])('is not %p', (n) => {
        expect(() => slot(n)).toThrow('not a slot');
    });
});

describe('localDay', () => {
    it.each([
        { day: '2014-10-03', clock: FIXED, from: '2014-10-02T23:00Z', count: 96, why: 'an ordinary day' },
        { day: '2014-10-26', clock: FIXED, from: '2014-10-25T23:00Z', count: 96, why: 'a fixed clock never changes' },
        {
            day: '2014-03-30',
            clock: CHANGING,
            from: '2014-03-29T23:00Z',
            count: 92,
            why: 'an hour is missing in spring',
        },
        {
            day: '2014-10-26',
            clock: CHANGING,
            from: '2014-10-25T22:00Z',
            count: 100,
            why: 'an hour comes twice in autumn',
        },
        {
            day: '2014-02-15',
            clock: OVER_MIDNIGHT,
            from: '2014-02-15T03:00Z',
            count: 100,
            why: 'an hour comes twice before midnight',
        },
        {
            day: '2014-10-19',
            clock: OVER_MIDNIGHT,
            from: '2014-10-19T04:00Z',
            count: 92,
            why: 'midnight itself is missing',
        },
    ])('$day: $why', ({ day, clock, from, count }) => {
        expect(localDay(day, clock)).toEqual({ day, first: at(from), count });
    });

    it.each(['2014-02-29', '2014-13-01', '2014-00-01', '2014-1-01', '2014-10-03T00:00', ''])('refuses %p', (day) => {
        expect(() => localDay(day, FIXED)).toThrow('not a day');
    });

    it('refuses a day before the clock begins', () => {
        expect(() => localDay('2014-10-03', [{ fromSlot: at('2014-10-03T00:00Z'), offsetMinutes: 60 }])).toThrow(
            'does not reach back',
        );
        expect(() => localTime(slot(1), [{ fromSlot: slot(2), offsetMinutes: 0 }])).toThrow('does not reach back');
    });

    it.each([{ clock: FIXED }, { clock: CHANGING }, { clock: OVER_MIDNIGHT }, { clock: PAST_MIDNIGHT }])(
        'leaves no slot between days and none in two',
        ({ clock }) => {
            const days = fc.integer({ min: daysSinceEpoch('2013-12-01'), max: daysSinceEpoch('2014-12-31') });
            holds(
                fc.property(days, (n) => {
                    const [today, tomorrow] = [localDay(dayFrom(n), clock), localDay(dayFrom(n + 1), clock)];
                    expect(today.first + today.count).toBe(tomorrow.first);
                    for (const one of slotsOf(today)) {
                        expect(dayOf(one, clock)).toEqual(today);
                    }
                }),
                150,
            );
        },
    );
});

describe('dayOf', () => {
    it.each([
        { iso: '2014-10-02T22:45Z', clock: FIXED, day: '2014-10-02', why: 'the last quarter hour of a day' },
        { iso: '2014-10-02T23:00Z', clock: FIXED, day: '2014-10-03', why: 'the first of the next' },
        { iso: '2014-02-16T02:15Z', clock: OVER_MIDNIGHT, day: '2014-02-15', why: 'shown 23:15 before clocks go back' },
        { iso: '2014-02-16T03:15Z', clock: OVER_MIDNIGHT, day: '2014-02-15', why: 'shown 23:15 again' },
        { iso: '2014-11-02T00:15Z', clock: PAST_MIDNIGHT, day: '2014-11-02', why: 'shown 00:15 before clocks go back' },
        { iso: '2014-11-02T01:15Z', clock: PAST_MIDNIGHT, day: '2014-11-02', why: 'shown 00:15 again' },
        {
            iso: '2014-11-02T00:45Z',
            clock: PAST_MIDNIGHT,
            day: '2014-11-02',
            why: 'shown 23:45 of the day that was over',
        },
    ])('$iso is on $day: $why', ({ iso, clock, day }) => {
        expect(dayOf(at(iso), clock).day).toBe(day);
    });
});

describe('localTime', () => {
    it.each([
        { iso: '2014-10-03T15:45Z', clock: FIXED, time: '16:45' },
        { iso: '2014-10-26T00:30Z', clock: CHANGING, time: '02:30' },
        { iso: '2014-10-26T01:30Z', clock: CHANGING, time: '02:30' },
    ])('$iso is $time', ({ iso, clock, time }) => {
        expect(localTime(at(iso), clock)).toBe(time);
    });
});

describe('clockFlaw', () => {
    it.each([
        { clock: [], flaw: 'at least one' },
        { clock: [{ fromSlot: slot(0), offsetMinutes: 61 }], flaw: 'quarter hours' },
        { clock: [{ fromSlot: slot(0), offsetMinutes: 16 * 60 }], flaw: 'quarter hours' },
        { clock: [FIXED[0], FIXED[0]].filter((change) => change !== undefined), flaw: 'not after' },
    ])('$flaw', ({ clock, flaw }) => {
        expect(clockFlaw(clock)).toContain(flaw);
    });

    it('finds none in a clock', () => {
        expect([FIXED, CHANGING, OVER_MIDNIGHT].map(clockFlaw)).toEqual([undefined, undefined, undefined]);
    });
});

describe('the calendar', () => {
    it('counts days as the platform does', () => {
        holds(
            fc.property(fc.integer({ min: -100_000, max: 100_000 }), (n) => {
                const day = new Date(n * 86_400_000).toISOString().slice(0, 10);
                expect(dayFrom(n)).toBe(day);
                expect(daysSinceEpoch(day)).toBe(n);
                expect(isCalendarDay(day)).toBe(true);
            }),
        );
    });
});
