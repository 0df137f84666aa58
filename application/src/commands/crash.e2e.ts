import { afterAll, expect, it } from '@jest/globals';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { readCommunity } from '@commonwatt/network/topology/community/read';
import { layout } from '@commonwatt/network/topology/layout';
import { networkStatus } from '@commonwatt/network/topology/processes/network';
import type { DaySummary } from '../report/day-summary';
import type { ElectionSummary } from '../report/election';
import { command, output, startCommand, testHome, type TestHome } from '../testing/command';

const HOMES = ['H1', 'H2'];
const FIRST_PORT = 27_500;

const broken = testHome(HOMES.length, FIRST_PORT);
const whole = testHome(HOMES.length, FIRST_PORT);
afterAll(async () => {
    for (const home of [broken, whole]) {
        await command('down', '--home', home.directory);
        home.remove();
    }
}, 300_000);

const at = (home: TestHome): string[] => ['--home', home.directory];
const inCommunity = (home: TestHome): string[] => [...at(home), '--community', home.community];

/** Ends everything that belongs to the network, without asking. */
async function killNetwork(home: TestHome): Promise<number> {
    const { processes } = await networkStatus(readCommunity(home.community), layout(home.directory));
    const pids = processes.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    pids.forEach((pid) => process.kill(pid, 'SIGKILL'));
    return pids.length;
}

/** Breaks a day off where its output says so: kills all nodes, then the client. */
async function breakOff(home: TestHome, where: string, ...args: string[]): Promise<void> {
    const running = startCommand('day', ...args, ...at(home));
    await running.said(where);
    expect(await killNetwork(home)).toBe(4);
    running.process.kill('SIGKILL');
    await running.ended;
}

const bills = (home: TestHome): Promise<string[]> =>
    Promise.all(HOMES.map((name) => output('bill', name, '--json', ...at(home))));

const valid = ({ transactions, invalid }: DaySummary): number =>
    transactions - Object.values(invalid).reduce((sum, count) => sum + count, 0);

/** What does not depend on how the transactions fell into blocks. */
function lasting({ election, ...day }: DaySummary & { readonly election?: ElectionSummary }): object {
    const elected = { ...election, produced: 0, feesNanos: 0 };
    return { ...day, seconds: 0, transactions: 0, invalid: 0, election: elected };
}

it('a day that is killed among its rounds, its settlements and its election ends in the same bills and committee', async () => {
    await output('up', ...inCommunity(broken));
    // The same members with the same keys, for a day that nothing happens to.
    cpSync(join(broken.directory, 'organizations'), join(whole.directory, 'organizations'), { recursive: true });

    await breakOff(broken, '27 of 96 rounds cleared');
    await output('up', ...at(broken));
    await breakOff(broken, '1 of 2 households settled', '--resume');
    await output('up', ...at(broken));
    await breakOff(broken, '2 of 2 households committed to a secret', '--resume');
    await output('up', ...at(broken));
    const resumed = JSON.parse(await output('day', '--resume', '--json', ...at(broken))) as DaySummary;
    const resumedBills = await bills(broken);
    await output('down', ...at(broken));

    const undisturbed = JSON.parse(await output('start', '--json', ...inCommunity(whole))) as DaySummary;
    expect(resumedBills).toEqual(await bills(whole));
    expect(valid(resumed)).toBe(valid(undisturbed)); // Nothing lost, nothing done twice.
    expect(lasting(resumed)).toEqual(lasting(undisturbed)); // The same secrets, so the same draw.

    const again = await command('day', ...at(whole));
    expect(again).toMatchObject({ exitCode: 3, stdout: '' });
    expect(again.stderr).toContain('has been opened already; `commonwatt day --resume`');
}, 400_000);
