import { describe, expect, it } from '@jest/globals';
import { periodsDue, type BillEvery } from './periods';

const APRIL = (...days: number[]): string[] => days.map((day) => `2025-04-${String(day).padStart(2, '0')}`);
const always = (every: BillEvery) => () => every;
const member = () => true;

describe('the bills that are due', () => {
    it.each<{
        what: string;
        days: string[];
        today: string;
        every?: (day: string) => BillEvery;
        isMemberOn?: (day: string) => boolean;
        due: string[];
    }>([
        { what: 'none without days', days: [], today: '2025-04-30', due: [] },
        {
            what: 'one for each day',
            days: APRIL(1, 2),
            today: '2025-04-02',
            every: always('day'),
            due: ['2025-04-01 2025-04-01', '2025-04-02 2025-04-02'],
        },
        { what: 'none within a month', days: APRIL(1, 2), today: '2025-04-02', due: [] },
        { what: 'one when the month ends', days: APRIL(29, 30), today: '2025-04-30', due: ['2025-04-29 2025-04-30'] },
        {
            what: 'the last month, when its agent was away at its end',
            days: [...APRIL(29, 30), '2025-05-01'],
            today: '2025-05-01',
            due: ['2025-04-29 2025-04-30'],
        },
        {
            what: 'one for each run of days that follow each other',
            days: APRIL(1, 2, 4),
            today: '2025-04-04',
            due: ['2025-04-01 2025-04-02'],
        },
        {
            what: 'the last one on the last day of a member',
            days: APRIL(9, 10),
            today: '2025-04-10',
            isMemberOn: (day) => day <= '2025-04-10',
            due: ['2025-04-09 2025-04-10'],
        },
        {
            what: 'one up to the day before the period changes',
            days: APRIL(9, 10),
            today: '2025-04-10',
            every: (day) => (day <= '2025-04-10' ? 'month' : 'day'),
            due: ['2025-04-09 2025-04-10'],
        },
        { what: 'nothing of days after today', days: APRIL(1, 30), today: '2025-04-01', due: [] },
    ])('are $what', ({ days, today, every = always('month'), isMemberOn = member, due }) => {
        expect(periodsDue(days, today, every, isMemberOn).map(({ from, to }) => `${from} ${to}`)).toEqual(due);
    });
});
