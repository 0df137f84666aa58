import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout as layoutOf } from '@commonwatt/network/topology/layout';
import type { DaySummary } from '../report/day-summary';
import type { ScheduleSummary } from '../report/schedule/schedule-summary';
import { parse, stringify } from 'yaml';
import { command, output, startCommand, testHome } from '../testing/command';

const HOMES = ['H1', 'H2', 'H3', 'H4', 'H5', 'H6'];
/** Of these the first five have a seat. */
const LAST = 'H6';
/** Homes sign for what the exchange leaves over, a quarter of the tolerance of 80 Wh in each slot; their devices were asked for what they answered. */
const MOST_LEFT_WH = 20 * 96;
const home = testHome(HOMES.length, 13_150);
const at = ['--home', home.directory];

const scheduled = async (day: string, ...args: string[]): Promise<ScheduleSummary> =>
    JSON.parse(await output('schedule', day, '--json', ...args, ...at)) as ScheduleSummary;

/** As if its agent's disk were gone. */
function loseAgreement(id: string): void {
    const folder = layoutOf(home.directory).agentFolder(id);
    const kept = readdirSync(folder).filter((name) => name.startsWith('agreements-2025-04-20-'));
    expect(kept).toHaveLength(1);
    kept.forEach((name) => {
        rmSync(join(folder, name));
    });
}

/** For so long a home waits for a coordinator that asked it. */
function waitFor(iterationSeconds: number): void {
    const file = parse(readFileSync(home.community, 'utf8')) as { dayAhead: Record<string, unknown> };
    writeFileSync(home.community, stringify({ ...file, dayAhead: { ...file.dayAhead, iterationSeconds } }));
}

beforeAll(async () => {
    waitFor(3);
    await output('up', ...at, '--community', home.community);
});
afterAll(async () => {
    await command('down', ...at);
    home.remove();
});

describe('a day that is agreed on ahead', () => {
    it('by certificate is settled and billed for all, also for who has no seat, and for who lost what it had agreed to', async () => {
        const done = await scheduled('2025-04-20', '--mode', 'certificate');
        expect(done).toMatchObject({ status: 'converged', silent: [] });
        const { homes } = await scheduled('2025-04-20');
        expect(homes).toEqual(done.homes);
        expect(homes.map((each) => each.home)).toEqual(HOMES);
        loseAgreement(LAST);
        const day = ['day', '--resume', '--day', '2025-04-20', '--json', '--no-election', ...at];
        const { exitCode, stderr } = await command(...day);
        expect(exitCode).not.toBe(0);
        expect(stderr).toContain(`commonwatt restore ${LAST}`);
        expect(JSON.parse(await output('restore', LAST, '--json', ...at))).toMatchObject({ restored: 1, lost: [] });
        const settled = JSON.parse(await output(...day)) as DaySummary;
        expect(settled).toMatchObject({ energyImbalanceWh: 0, moneyImbalanceNanos: 0, worseOff: [], peersAgree: true });
        expect(settled.schedule).toMatchObject({ status: 'converged' });
        expect(settled.schedule?.deviationWh).toBeLessThanOrEqual(MOST_LEFT_WH);
        expect(settled.bills).toHaveLength(HOMES.length);
        expect(await command('check', '2025-04-20', '--as', LAST, ...at)).toMatchObject({ exitCode: 0 });
    });

    it('by certificate between agents in processes of their own, whoever of those who bring it is killed', async () => {
        const agents = (...ids: string[]) =>
            startCommand('schedule', '2025-04-21', '--mode', 'certificate', '--json', '--as', ids.join(), ...at);
        const operator = agents('DSO');
        const homes = [agents('H1', 'H2'), agents('H3', 'H4', 'H5'), agents(LAST)];
        await operator.said('iteration 3:');
        operator.process.kill('SIGKILL');
        await operator.ended;
        const ended = await Promise.all(homes.map(async (each) => each.ended));
        expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
        const said = ended.map(({ stdout }) => JSON.parse(stdout) as ScheduleSummary);
        expect(said.flatMap((each) => each.homes.map((own) => own.home))).toEqual(HOMES);
        const { status, homes: all, fromGridWh } = await scheduled('2025-04-21');
        const taken = all.reduce((sum, own) => sum + own.takenWh - own.givenWh, 0);
        expect([status, taken]).toEqual(['converged', fromGridWh.reduce((sum, wh) => sum + wh, 0)]);
    });
});
