import { describe, expect, it } from '@jest/globals';
import { parseRefusal } from '../refusals';
import { activeMembers, statusOn, withChange, type Standing } from './roster';

const standings: readonly Standing[] = [
    { fromDay: '2014-10-01', status: 'active' },
    { fromDay: '2014-11-01', status: 'suspended' },
    { fromDay: '2014-12-01', status: 'active' },
];

describe('standings', () => {
    it.each([
        { day: '2014-09-30', status: undefined },
        { day: '2014-10-01', status: 'active' },
        { day: '2014-10-31', status: 'active' },
        { day: '2014-11-01', status: 'suspended' },
        { day: '2030-01-01', status: 'active' },
    ])('say $status on $day', ({ day, status }) => {
        expect(statusOn(standings, day)).toBe(status);
    });

    it('list the active members of a day by MSP id', () => {
        const members = {
            H10MSP: { mspId: 'H10MSP', standings },
            H2MSP: { mspId: 'H2MSP', standings: standings.slice(0, 1) },
        };
        expect(activeMembers(members, '2014-10-15')).toEqual(['H10MSP', 'H2MSP']);
        expect(activeMembers(members, '2014-11-15')).toEqual(['H2MSP']);
    });

    it.each<Standing & { allowed: boolean }>([
        { status: 'suspended', fromDay: '2015-01-01', allowed: true },
        { status: 'left', fromDay: '2015-01-01', allowed: true },
        { status: 'active', fromDay: '2015-01-01', allowed: false },
        { status: 'suspended', fromDay: '2014-12-01', allowed: false },
        { status: 'suspended', fromDay: '2014-11-15', allowed: false },
    ])('take $status from $fromDay: $allowed', ({ allowed, ...change }) => {
        const changed = (): Standing[] => withChange(standings, change);
        if (allowed) {
            expect(changed()).toHaveLength(4);
        } else {
            expect(changed).toThrow(/STANDING_UNCHANGED/);
        }
    });

    it('never leave the end: who left does not come back', () => {
        const left = withChange(standings, { status: 'left', fromDay: '2015-01-01' });
        const error = (() => {
            try {
                return withChange(left, { status: 'active', fromDay: '2016-01-01' });
            } catch (thrown) {
                return thrown;
            }
        })();
        expect(parseRefusal((error as Error).message)?.code).toBe('STANDING_UNCHANGED');
    });
});
