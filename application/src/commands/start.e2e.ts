import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { DaySummary } from '../report/day-summary';
import { command, testHome, type Ended, type TestHome } from '../testing/command';

const HOMES = 4;
const FIRST_PORT = 10_350;

describe('start --exit --json, with the generated sample', () => {
    let home: TestHome;
    let ended: Ended;
    beforeAll(async () => {
        home = testHome(HOMES, FIRST_PORT);
        ended = await command('start', '--exit', '--json', '--home', home.directory, '--community', home.community);
    }, 240_000);
    afterAll(() => {
        home.remove();
    });

    it('prints one JSON object, alone on standard output', () => {
        expect(ended).toMatchObject({ exitCode: 0 });
        expect(ended.stdout.trim().split('\n')).toHaveLength(1);
        const summary = JSON.parse(ended.stdout) as DaySummary;
        expect(summary).toMatchObject({
            homes: HOMES,
            rounds: 96,
            invalid: {},
            energyImbalanceWh: 0,
            moneyImbalanceNanos: 0,
            worseOff: [],
            peersAgree: true,
        });
        expect(summary.tradedWh).toBeGreaterThan(500);
        // Orders, reveals and rounds go in batches of several slots; readings, bills and secrets do not.
        expect(summary.transactions).toBeGreaterThan(HOMES * 40);
        expect(summary.savedMicros + summary.sellersGainMicros).toBeGreaterThan(0);
        expect(summary.bills.map(({ home: name }) => name)).toEqual(['H1', 'H2', 'H3', 'H4']);
        expect(Object.keys(summary.seconds)).toEqual(['start', 'trading', 'settlement']);
    });

    it('gains add up to what the tariffs alone would have cost more', () => {
        const { bills, savedMicros, sellersGainMicros } = JSON.parse(ended.stdout) as DaySummary;
        const gain = bills.reduce((sum, bill) => sum + bill.withoutMarketNanos - bill.nanos, 0);
        expect(Math.abs(gain / 1000 - savedMicros - sellersGainMicros)).toBeLessThan(2);
    });

    it('says what it does on standard error, in plain lines', () => {
        expect(ended.stderr).toMatch(/^Starting the network of 5 organisations$/m);
        expect(ended.stderr).toMatch(/^ {2}96 of 96 rounds cleared$/m);
        expect(ended.stderr).not.toContain('\u001b[');
    });

    it('leaves neither process nor file', async () => {
        expect(existsSync(join(home.directory, 'var'))).toBe(false);
        expect(existsSync(join(home.directory, 'organizations'))).toBe(false);
        for (const port of [FIRST_PORT, FIRST_PORT + 10, FIRST_PORT + 20]) {
            await expect(isListening(port)).resolves.toBe(false);
        }
    });
});

describe('the command line tells what is wrong', () => {
    const home = testHome(2, FIRST_PORT + 100);
    afterAll(() => {
        home.remove();
    });
    it.each([
        { args: ['day'], exitCode: 4, says: /the network in .* is down; `commonwatt up` starts it/ },
        { args: ['bill', 'H1', '--day', '2014-10-03'], exitCode: 4, says: /is down/ },
        { args: ['start', '--day', '2014-02-30'], exitCode: 2, says: /--day: '2014-02-30' is not a day/ },
        { args: ['start', '--data', '/nowhere'], exitCode: 2, says: /say which day/ },
        {
            args: ['start', '--data', '/nowhere', '--day', '2014-10-03'],
            exitCode: 2,
            says: /load\.csv: cannot be read .*\nNothing was changed/,
        },
        { args: ['sell'], exitCode: 2, says: /unknown command 'sell'/ },
        { args: ['day', '--forecast', 'weather'], exitCode: 2, says: /Allowed choices are perfect, yesterday/ },
    ])('$args', async ({ args, exitCode, says }) => {
        const [name = '', ...rest] = args;
        const common = ['--home', home.directory, ...(name === 'start' ? ['--community', home.community] : [])];
        const ended = await command(name, ...rest, ...common);
        expect(ended).toMatchObject({ exitCode, stdout: '' });
        expect(ended.stderr).toMatch(says);
    });
});

function isListening(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1')
            .once('connect', () => {
                socket.destroy();
                resolve(true);
            })
            .once('error', () => {
                resolve(false);
            });
    });
}
