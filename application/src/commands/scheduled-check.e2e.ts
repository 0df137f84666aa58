import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DaySummary } from '../report/day-summary';
import { command, output, testHome } from '../testing/command';

interface Said {
    readonly holds: boolean;
    readonly checks: readonly { readonly what: string; readonly holds: boolean }[];
}

describe('a day that was agreed on ahead and went otherwise', () => {
    const home = testHome(4, 18_250);
    const at = ['--home', home.directory];

    beforeAll(async () => {
        await output('up', ...at, '--community', home.community);
    }, 300_000);
    afterAll(async () => {
        await command('down', ...at);
        home.remove();
    }, 300_000);

    it('holds what its totals and bills say, asked of one household and worked out from what is public', async () => {
        const args = ['--schedule', '--forecast', 'yesterday', '--json', '--no-election'];
        const day = JSON.parse(await output('day', ...args, ...at)) as DaySummary;
        expect(day.schedule).toMatchObject({ status: 'converged' });
        expect(day.schedule?.deviationWh).not.toBe(0);
        const said = JSON.parse(await output('check', '--as', 'H2', '--json', ...at)) as Said;
        expect(said.checks.filter(({ holds }) => !holds)).toEqual([]);
        const checked = said.checks.map(({ what }) => what).join('\n');
        expect(checked).toMatch(/in each of the 96 slots the households were settled for what the schedule says/);
        expect(checked).toMatch(/the community stood to its schedule as was stated/);
        expect(checked).toMatch(/the commitments of the 4 bills open/);
    });
});
