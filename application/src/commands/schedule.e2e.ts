import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommunity } from '@commonwatt/network/topology/community/read';
import { parse, stringify } from 'yaml';
import { differences, fixedLoadOf, type HomeRegisters } from '../data/meter-day';
import type { DaySummary } from '../report/day-summary';
import type { ScheduleSummary } from '../report/schedule/schedule-summary';
import { chosenDay, meterData } from './day-choice';
import { command, output, startCommand, testHome } from '../testing/command';

const HOMES = ['H1', 'H2', 'H3', 'H4', 'H5', 'H6'];
/** Of these the first five have a seat: who is left out below has none. */
const LAST = 'H6';
const home = testHome(HOMES.length, 13_100, 'movable.yaml');
const at = ['--home', home.directory];

/** Short waits, so that who is late is late soon; and a run that fails if it takes too long. */
function withWaits(iterationSeconds: number): void {
    const file = parse(readFileSync(home.community, 'utf8')) as { dayAhead: Record<string, unknown> };
    writeFileSync(home.community, stringify({ ...file, dayAhead: { ...file.dayAhead, iterationSeconds } }));
}

const scheduled = async (day: string, ...args: string[]): Promise<ScheduleSummary> =>
    JSON.parse(await output('schedule', day, '--json', ...args, ...at)) as ScheduleSummary;

const sums = ({ fromGridWh, homes }: ScheduleSummary): number =>
    homes.reduce((sum, { takenWh, givenWh }) => sum + takenWh - givenWh, 0) -
    fromGridWh.reduce((sum, wh) => sum + wh, 0);

const CENT = 10_000_000;

/** The last home's deposit after that, in nanos. */
async function paidIn(amount: string): Promise<number> {
    const said = JSON.parse(await output('deposit', LAST, amount, '--json', ...at)) as {
        readonly depositNanos: string;
    };
    return Number(said.depositNanos);
}

const producedOf = ({ produced }: HomeRegisters): bigint[] => differences(produced);
const sumOf = (registers: HomeRegisters | undefined, of: (registers: HomeRegisters) => bigint[]): number =>
    registers === undefined ? 0 : Number(of(registers).reduce((sum, energy) => sum + energy, 0n));

beforeAll(async () => {
    withWaits(3);
    await output('up', ...at, '--community', home.community);
});
afterAll(async () => {
    await command('down', ...at);
    home.remove();
});

describe('a day that is agreed on ahead', () => {
    it('is metered, settled and billed, and costs nobody more than the tariffs alone', async () => {
        const day = JSON.parse(await output('day', '--schedule', '--json', '--no-election', ...at)) as DaySummary;
        expect(day).toMatchObject({ energyImbalanceWh: 0, moneyImbalanceNanos: 0, worseOff: [], peersAgree: true });
        expect(day.schedule).toMatchObject({ status: 'converged', deviationWh: 0 }); // Everybody foresaw everything.
        expect(day.bills).toHaveLength(HOMES.length);
        expect(await command('schedule', day.day, ...at)).toMatchObject({ exitCode: 0 });
        // On the meters is what the devices did: the car is charged, the washing machine has run.
        const data = meterData(readCommunity(home.community), chosenDay({})).metered;
        for (const [index, moved] of [
            [1, 9000],
            [2, 1210],
        ] as const) {
            const [load, pv] = [fixedLoadOf, producedOf].map((of) => sumOf(data.homes[index], of));
            expect(day.bills[index]?.meteredNetWh).toBe((pv ?? 0) - (load ?? 0) - moved);
        }
    });

    it('goes on where all agents were killed among its iterations', async () => {
        const plot = join(home.directory, 'plot.svg');
        const forecast = ['--forecast', 'smoothing'];
        const broken = startCommand('schedule', '2025-04-17', ...forecast, ...at);
        await broken.said('iteration 4 closed');
        broken.process.kill('SIGKILL');
        await broken.ended;
        const done = await scheduled('2025-04-17', ...forecast, '--plot', plot);
        expect(done).toMatchObject({ status: 'converged', silent: [], forecast: { kind: 'smoothing' } });
        expect(done.forecast?.load?.maeWh).toBeGreaterThan(10);
        expect(sums(done)).toBe(0);
        expect(readFileSync(plot, 'utf8')).toContain('</svg>');
    });

    it('is agreed on without the agent that was killed in an iteration, which is told as late', async () => {
        const before = await paidIn('5.00');
        const others = startCommand(
            'schedule',
            '2025-04-18',
            '--json',
            '--as',
            ['DSO', ...HOMES.slice(0, -1)].join(),
            ...at,
        );
        await others.said('by schedule');
        const alone = startCommand('schedule', '2025-04-18', '--as', LAST, ...at);
        await alone.said(' closed');
        alone.process.kill('SIGKILL');
        await alone.ended;
        const { stdout, exitCode } = await others.ended;
        const done = JSON.parse(stdout) as ScheduleSummary;
        expect({ exitCode, status: done.status }).toEqual({ exitCode: 0, status: 'converged' });
        const { homes } = await scheduled('2025-04-18');
        // On a slow machine others may be late, too: nobody as often as who is gone.
        const [most = 0, next = 0] = homes.map(({ late }) => late).sort((one, other) => other - one);
        expect(homes.find((each) => each.home === LAST)?.late).toBe(most);
        expect(most).toBeGreaterThan(next);
        // It had the day covered, so the grid operator's agent reported it once the run had ended. Nobody does so twice.
        const reported = done.reported?.find((each) => each.home === LAST);
        expect(reported).toMatchObject({ iterations: most, notTaken: null });
        expect(reported?.forfeitedNanos).toBeGreaterThan(0);
        const after = await paidIn('0.01');
        expect(before + CENT - after).toBe(reported?.forfeitedNanos);
        const again = await output('stake', 'report-silent', '2025-04-18', '--as', 'H2', ...at);
        expect(again).toMatch(`${LAST} did not answer in ${most} iterations of the schedule; nothing more was taken`);
    });

    it('is agreed on by the seats where the agent that closes iterations was killed', async () => {
        const homes = startCommand('schedule', '2025-04-19', '--json', '--as', HOMES.join(), ...at);
        const operator = startCommand('schedule', '2025-04-19', '--as', 'DSO', ...at);
        await homes.said('iteration 3 closed');
        operator.process.kill('SIGKILL');
        await operator.ended;
        const { stdout, exitCode } = await homes.ended;
        const done = JSON.parse(stdout) as ScheduleSummary;
        expect({ exitCode, status: done.status }).toEqual({ exitCode: 0, status: 'converged' });
        expect(sums(done)).toBe(0);
    });
});
