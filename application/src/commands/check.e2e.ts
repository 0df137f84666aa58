import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { command, output, testHome } from '../testing/command';

interface Said {
    readonly day: string;
    readonly holds: boolean;
    readonly checks: readonly { readonly what: string; readonly holds: boolean }[];
}

describe('a day that was traded on a network', () => {
    const home = testHome(4, 16_100);
    const at = ['--home', home.directory];

    beforeAll(async () => {
        await output('start', '--json', '--no-election', ...at, '--community', home.community);
    }, 240_000);
    afterAll(async () => {
        await command('down', ...at);
        home.remove();
    }, 300_000);

    it('holds what its totals and bills say, asked of one household and worked out from what is public', async () => {
        const said = JSON.parse(await output('check', '--as', 'H2', '--json', ...at)) as Said;
        expect(said.holds).toBe(true);
        const checked = said.checks.map(({ what }) => what).join('\n');
        expect(checked).toMatch(/the 4 commitments open to the \d+ sums; in each of the 96 slots/);
        expect(checked).toMatch(/the commitments of the 4 bills open/);
        expect(await output('check', said.day, ...at)).toMatch(/^Everything that was checked holds\.$/m);
    });

    it('cannot be checked where there is none', async () => {
        expect(await command('check', 'yesterday', ...at)).toMatchObject({ exitCode: 2 });
        expect((await command('check', '2014-10-04', ...at)).exitCode).toBe(3);
    });
});
