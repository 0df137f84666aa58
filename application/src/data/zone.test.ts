import { describe, expect, it } from '@jest/globals';
import { clockAround, dayAfter, dayBefore, isDay, localTime, slotsAt, slotsOfDay, zoneNamed, type Zone } from './zone';

const zone = (name: string): Zone => zoneNamed(name) ?? fail();
function fail(): never {
    throw new Error('there is such a zone');
}

describe('local days', () => {
    it.each([
        { name: 'UTC', day: '2014-10-26', count: 96, utcMidnight: Date.UTC(2014, 9, 26) },
        { name: 'UTC+01:00', day: '2014-10-26', count: 96, utcMidnight: Date.UTC(2014, 9, 25, 23) },
        { name: 'UTC-03:30', day: '2014-10-26', count: 96, utcMidnight: Date.UTC(2014, 9, 26, 3, 30) },
        { name: 'Europe/Berlin', day: '2014-10-26', count: 100, utcMidnight: Date.UTC(2014, 9, 25, 22) },
        { name: 'Europe/Berlin', day: '2014-03-30', count: 92, utcMidnight: Date.UTC(2014, 2, 29, 23) },
        { name: 'America/New_York', day: '2014-11-02', count: 100, utcMidnight: Date.UTC(2014, 10, 2, 4) },
        { name: 'Asia/Kathmandu', day: '2014-10-26', count: 96, utcMidnight: Date.UTC(2014, 9, 25, 18, 15) },
    ])('$day in $name has $count slots', ({ name, day, count, utcMidnight }) => {
        expect(slotsOfDay(zone(name), day)).toEqual({ first: utcMidnight / 900_000, count });
    });

    it('have times that strike twice in autumn and never in spring', () => {
        expect(slotsAt(zone('Europe/Berlin'), '2014-10-26 02:15:00')).toHaveLength(2);
        expect(slotsAt(zone('Europe/Berlin'), '2014-03-30 02:15:00')).toEqual([]);
        expect(slotsAt(zone('UTC'), '2014-03-30 02:10:00')).toEqual([]);
    });

    it('tell the time of each of their slots', () => {
        const { first, count } = slotsOfDay(zone('Europe/Berlin'), '2014-03-30');
        const times = Array.from({ length: count }, (_, i) =>
            localTime(zone('Europe/Berlin'), first + i).slice(11, 16),
        );
        expect(times.slice(6, 10)).toEqual(['01:30', '01:45', '03:00', '03:15']);
    });
});

it('a clock lists the changes of a zone, the first entry for all before', () => {
    expect(clockAround(zone('UTC+01:00'), '2014-10-03')).toEqual([{ fromSlot: 0, offsetMinutes: 60 }]);
    const berlin = clockAround(zone('Europe/Berlin'), '2014-10-03');
    expect(berlin[0]?.fromSlot).toBe(0);
    expect(berlin).toContainEqual({ fromSlot: Date.UTC(2014, 9, 26, 1) / 900_000, offsetMinutes: 60 });
});

it.each(['Europe/Atlantis', 'UTC+1', 'UTC+15:00', ''])('there is no zone %p', (name) => {
    expect(zoneNamed(name)).toBeUndefined();
});

it('days follow each other over the ends of months and years', () => {
    expect([dayAfter('2014-12-31'), dayBefore('2016-03-01')]).toEqual(['2015-01-01', '2016-02-29']);
    expect(['2016-02-29', '2015-02-29', '2014-1-1', '20141003'].map(isDay)).toEqual([true, false, false, false]);
});
