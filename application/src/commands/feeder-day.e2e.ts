import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { DaySummary } from '../report/day-summary';
import type { ScheduleSummary } from '../report/schedule/schedule-summary';
import { command, output, testHome } from '../testing/command';

const HOMES = ['H1', 'H2', 'H3', 'H4'];
/** Two homes with panels stand behind a line that carries 300 Wh in a quarter of an hour. */
const LINE = { bus: 'lane', from: 'root', resistanceMilliohm: 100, reactanceMilliohm: 30, limitW: 1200 };
const BEHIND = ['H3', 'H4'];
const LIMIT_WH = 300;
const [FIRST, SILENT_DAY, CERTIFIED] = ['2025-04-16', '2025-04-17', '2025-04-18'];
const SILENT = 'H2';
const home = testHome(HOMES.length, 19_100);
const at = ['--home', home.directory];
const LIMIT_MS = 300_000;

beforeAll(async () => {
    const file = parse(readFileSync(home.community, 'utf8')) as { dayAhead: Record<string, unknown> };
    const homes = Object.fromEntries(BEHIND.map((id) => [id, LINE.bus]));
    const feeder = { rootVolt: 400, leastVolt: 360, mostVolt: 440, transformerW: 100_000, lines: [LINE], homes };
    writeFileSync(home.community, stringify({ ...file, dayAhead: { ...file.dayAhead, iterationSeconds: 3, feeder } }));
    await output('up', ...at, '--community', home.community);
}, LIMIT_MS);
afterAll(async () => {
    await command('down', ...at);
    home.remove();
}, LIMIT_MS);

const scheduled = async (...args: string[]): Promise<ScheduleSummary> =>
    JSON.parse(await output('schedule', ...args, '--json', ...at)) as ScheduleSummary;
const day = async (...args: string[]): Promise<DaySummary> =>
    JSON.parse(await output('day', '--schedule', '--json', '--no-election', ...args, ...at)) as DaySummary;

/** By bus, the slots in which the price behind the line is another than before it. */
function apart({ prices }: ScheduleSummary): { readonly cheaper: number; readonly dearer: number } {
    const [root = [], lane = []] = ['root', LINE.bus].map(
        (bus) => prices.find((each) => each.bus === bus)?.nanosPerKwh,
    );
    const differences = root.map((price, slot) => (lane[slot] ?? 0) - price);
    return {
        cheaper: differences.filter((difference) => difference < 0).length,
        dearer: differences.filter((difference) => difference > 0).length,
    };
}

describe('a scheduled day on a feeder whose line is full', () => {
    it(
        'has prices of its own behind the line, is metered, settled and billed by them, and holds what it says',
        async () => {
            const summary = await day('--day', FIRST);
            expect(summary).toMatchObject({
                energyImbalanceWh: 0,
                moneyImbalanceNanos: 0,
                invalid: {},
                peersAgree: true,
            });
            expect(summary.schedule).toMatchObject({ status: 'converged', deviationWh: 0 });
            expect(summary.bills.map((bill) => bill.home)).toEqual(HOMES);
            // There is more sun than the line carries.
            const { cheaper, dearer } = apart(await scheduled(FIRST));
            expect(cheaper).toBeGreaterThan(4);
            expect(dearer).toBe(0);
            const behind = summary.bills.filter(({ home: id }) => BEHIND.includes(id));
            const netWh = behind.reduce((sum, { meteredNetWh }) => sum + meteredNetWh, 0);
            expect(netWh).toBeLessThanOrEqual(LIMIT_WH * 96);
            expect(await output('check', FIRST, ...at)).toMatch(/^Everything that was checked holds\.$/m);
            expect(await output('check', FIRST, '--as', 'H3', ...at)).toMatch(/^Everything that was checked holds\.$/m);
        },
        LIMIT_MS,
    );

    it(
        'converges without a home that is silent, which is settled and billed provisionally',
        async () => {
            const summary = await day('--day', SILENT_DAY, '--silent', SILENT);
            expect(summary).toMatchObject({ energyImbalanceWh: 0, moneyImbalanceNanos: 0, peersAgree: true });
            expect(summary.schedule).toMatchObject({ status: 'converged' });
            expect(summary.bills.map((bill) => bill.home)).toEqual(HOMES.filter((id) => id !== SILENT));
            expect(summary.provisional).toMatchObject([{ home: SILENT, estimatedSlots: 96 }]);
            expect(summary.late).toEqual([]); // Its agent had no day covered, so nobody waits for it.
            expect(await output('check', SILENT_DAY, ...at)).toMatch(/^Everything that was checked holds\.$/m);
        },
        LIMIT_MS,
    );

    it(
        'has them by certificate, too: the line explains them to the nano',
        async () => {
            const summary = await scheduled(CERTIFIED, '--mode', 'certificate');
            expect(summary).toMatchObject({ status: 'converged', silent: [] });
            const { cheaper, dearer } = apart(summary);
            expect([cheaper > 0, dearer]).toEqual([true, 0]);
        },
        LIMIT_MS,
    );
});
