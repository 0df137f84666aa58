import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DaySummary } from '../report/day-summary';
import { command, output, testHome } from '../testing/command';

interface Shown {
    readonly dispute: { readonly id: string; readonly status: string; readonly evidence: readonly string[] };
}
interface Listed {
    readonly disputes: readonly {
        readonly dispute: Shown['dispute'];
        readonly statements: readonly { readonly by: string; readonly text: string; readonly evidence: string[] }[];
    }[];
}

describe('a community with a feeder', () => {
    const home = testHome(6, 30_400);
    const at = ['--home', home.directory];
    const photo = join(home.directory, 'meter.jpg');
    let summary: DaySummary;
    const dispute = async (...args: readonly string[]): Promise<Shown['dispute']> =>
        (JSON.parse(await output('dispute', ...args, '--json', ...at)) as Shown).dispute;

    beforeAll(async () => {
        writeFileSync(photo, 'what the display showed');
        const text = await output('start', '--json', '--no-election', ...at, '--community', home.community);
        summary = JSON.parse(text) as DaySummary;
    }, 300_000);
    afterAll(async () => {
        await command('down', ...at);
        home.remove();
    }, 300_000);

    it('knows after each day what was lost and who pays, and every nano of it', () => {
        expect(summary.feeder).toMatchObject({ fits: true, payer: 'grid', suspected: null, told: false });
        expect(summary.feeder?.lostWh).toBeGreaterThan(96 * 20);
        expect(summary.feeder?.costNanos).toBeGreaterThan(0);
        expect(summary).toMatchObject({ moneyImbalanceNanos: 0, energyImbalanceWh: 0, invalid: {} });
        expect(summary.accounts).toMatchObject({ unaccountedNanos: 0, unpaid: [] });
    });

    it('lets everybody see it and work it out again', async () => {
        const feeder = JSON.parse(await output('feeder', '--as', 'H2', '--json', ...at)) as Record<string, unknown>;
        expect(feeder).toMatchObject({ day: summary.day, fits: true, lostWh: String(summary.feeder?.lostWh) });
        expect(feeder).not.toHaveProperty('suspicion');
        expect(await output('feeder', summary.day, ...at)).toMatch(/^The day fits;/m);
        const checked = await output('check', ...at);
        expect(checked).toMatch(/^yes {2}for the losses the supplier gets its tariffs/m);
        expect(checked).toMatch(/^Everything that was checked holds\.$/m);
    }, 300_000);

    it('lets a home contest a bill, with evidence that stays where it is, until it is resolved', async () => {
        const said = ['--about', 'bill', '--text', 'the meter stood still', '--evidence', photo];
        const hash = createHash('sha256').update('what the display showed').digest('hex');
        const opened = await dispute('H1', 'open', '--id', 'd1', ...said);
        expect(opened).toMatchObject({ id: 'd1', status: 'opened', evidence: [hash] });
        const early = await command('dispute', 'H1', 'resolve', '--id', 'd1', '--decision', 'rejected', ...at);
        expect(early).toMatchObject({ exitCode: 3, stdout: '' });
        expect(early.stderr).toContain('DISPUTE_NOT_ANSWERED');
        expect(await dispute('H1', 'answer', '--id', 'd1', '--text', 'it was read again')).toMatchObject({
            status: 'answered',
        });
        const listed = JSON.parse(await output('dispute', 'H1', '--json', ...at)) as Listed;
        expect(listed.disputes[0]?.statements).toMatchObject([
            { by: 'member', text: 'the meter stood still', evidence: [hash] },
            { by: 'operator', text: 'it was read again', evidence: [] },
        ]);
        const ended = await output(
            'dispute',
            'H1',
            'resolve',
            '--id',
            'd1',
            '--decision',
            'rejected',
            '--committee',
            ...at,
        );
        expect(ended).toMatch(/is rejected;[^]*stays as it is/);
    }, 300_000);

    it('lets it take one back, and the grid operator and the home agree on another', async () => {
        const reading = ['--about', 'reading', '--slot', '12:15', '--text', 'nobody was at home'];
        expect(await dispute('H2', 'open', '--id', 'd1', ...reading)).toMatchObject({ status: 'opened' });
        expect(await dispute('H2', 'withdraw', '--id', 'd1')).toMatchObject({ status: 'withdrawn' });
        const settlement = ['--about', 'settlement', '--text', 'too much'];
        expect(await dispute('H2', 'open', '--id', 'd2', ...settlement)).toMatchObject({ status: 'opened' });
        expect(await dispute('H2', 'resolve', '--id', 'd2', '--decision', 'upheld')).toMatchObject({
            status: 'upheld',
        });
    }, 300_000);

    it('tells a home whose meter counts half, and it alone sees the figures', async () => {
        const next = ['--day', '2025-04-17', '--understating', 'H6', '--no-election', '--json'];
        const day = JSON.parse(await output('day', ...next, ...at)) as DaySummary;
        expect(day.feeder).toMatchObject({ fits: false, suspected: 'H6MSP', told: true });
        expect(day).toMatchObject({ moneyImbalanceNanos: 0, invalid: {} });
        expect(await output('feeder', ...at, '--as', 'H6')).toMatch(
            /does NOT fit[^]*H6MSP was told: the consumption that its meter shows explains \d\d/,
        );
        expect(await output('feeder', ...at, '--as', 'H5')).not.toMatch(/was told/);
        const contested = ['open', '--about', 'suspicion', '--text', 'it is the one next door'];
        expect(await dispute('H6', ...contested)).toMatchObject({ status: 'opened' });
        expect(await output('check', ...at)).toMatch(/^Everything that was checked holds\.$/m);
    }, 300_000);

    it.each([
        { args: ['dispute', 'H9'], exitCode: 2, says: /is no household/ },
        { args: ['dispute', 'H1', 'open', '--text', 'x'], exitCode: 2, says: /--about says which/ },
        { args: ['dispute', 'H1', 'open', '--about', 'bill'], exitCode: 2, says: /--text says/ },
        {
            args: ['dispute', 'H1', 'open', '--about', 'bill', '--text', 'x', '--evidence', '/nowhere'],
            exitCode: 2,
            says: /cannot be read as evidence/,
        },
        { args: ['dispute', 'H1', 'open', '--about', 'suspicion', '--text', 'x'], exitCode: 3, says: /NOT_FOUND/ },
        {
            args: ['dispute', 'H1', 'answer', '--id', 'd9', '--text', 'x'],
            exitCode: 3,
            says: /no dispute 'd9'; there is d1/,
        },
        { args: ['dispute', 'H1', 'withdraw', '--id', 'd1'], exitCode: 3, says: /DISPUTE_OVER/ },
        { args: ['feeder', 'yesterday'], exitCode: 2, says: /is not a day/ },
        { args: ['feeder', '2014-10-04'], exitCode: 3, says: /was not compared/ },
    ])(
        'answers $args with $exitCode',
        async ({ args, exitCode, says }) => {
            const ended = await command(...args, ...at);
            expect(ended).toMatchObject({ exitCode, stdout: '' });
            expect(ended.stderr).toMatch(says);
        },
        300_000,
    );
});
