import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROUTES } from '../server/schemas/routes';
import type { PageRoute } from './pages/page-reader';
import { testBroker } from '../testing/mqtt-broker';
import { command, output, startCommand, testHome } from '../testing/command';

const DAY = '2025-04-16';

describe('what the pages show, as commands', () => {
    const home = testHome(3, 28_100);
    const at = ['--home', home.directory];
    const json = async (...args: readonly string[]): Promise<unknown> =>
        JSON.parse(await output(...args, '--json', ...at));

    it('needs a network that is up, and says so with an exit code of its own', async () => {
        const { exitCode, stderr } = await command('now', 'H1', ...at, '--community', home.community);
        expect([exitCode, stderr]).toEqual([2, expect.stringContaining("unknown option '--community'")]);
        expect(await command('now', 'H1', ...at)).toMatchObject({ exitCode: 4, stdout: '' });
    });

    describe('of a day that was traded', () => {
        beforeAll(async () => {
            await output('up', '--json', ...at, '--community', home.community);
            await output('day', '--json', '--no-election', ...at);
        }, 240_000);
        afterAll(async () => {
            await command('down', ...at);
            home.remove();
        }, 300_000);

        const pages: { route: PageRoute; args: readonly string[] }[] = [
            { route: 'GET /now', args: ['now', 'H1'] },
            { route: 'GET /money', args: ['money', 'H1'] },
            { route: 'GET /market/rounds', args: ['market', 'H1'] },
            { route: 'GET /market/rounds/:slot', args: ['market', 'H1', '12:00'] },
            { route: 'GET /market/prices', args: ['prices', 'H1'] },
            { route: 'GET /community', args: ['community', 'H1'] },
            { route: 'GET /explorer/blocks', args: ['blocks', 'H1', '--limit', '3'] },
            { route: 'GET /explorer/blocks/:number', args: ['block', 'H1', '5'] },
            { route: 'GET /preferences', args: ['preferences', 'H1'] },
            { route: 'GET /agent/journal', args: ['journal', 'H1'] },
        ];
        it.each(pages)('$args are $route', async ({ route, args }) => {
            expect(ROUTES[route].answers.safeParse(await json(...args))).toMatchObject({ success: true });
        });

        it('show the same transaction as the block that it is in', async () => {
            const block = (await json('block', 'H1', '5')) as { list: { id: string; block: string }[] };
            const id = block.list[0]?.id ?? '';
            expect(await json('transaction', 'H2', id)).toMatchObject({ id, block: '5' });
        });

        it('change by what the agent acts, all of it or nothing', async () => {
            const changes = ['--buy-up-to', '0.31', '--sources', 'green,local,grid'];
            expect(await json('preferences', 'H1', ...changes)).toMatchObject({ buyUpTo: '310000' });
            const wrong = await command(
                'preferences',
                'H1',
                '--sell-from',
                '0.2',
                '--sources',
                'local,local,grid',
                ...at,
            );
            expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
            expect(await json('preferences', 'H1')).toMatchObject({
                buyUpTo: '310000',
                sources: ['green', 'local', 'grid'],
                sellFrom: '100000',
            });
        });

        it.each([
            { args: ['now', 'H99'], exitCode: 2 },
            { args: ['block', 'H1', 'x'], exitCode: 2 },
            { args: ['block', 'H1', '9999'], exitCode: 3 },
            { args: ['now', 'H1', '--watch'], exitCode: 2 },
        ])('$args end with $exitCode and print nothing', async ({ args, exitCode }) => {
            expect(await command(...args, ...at)).toMatchObject({ exitCode, stdout: '' });
        });

        it('have nothing in the way, says the doctor', async () => {
            const { well, findings } = (await json('doctor')) as { well: boolean; findings: { check: string }[] };
            expect([well, findings]).toEqual([true, expect.anything()]);
            const checks = findings.map(({ check }) => check);
            expect(checks).toEqual(
                expect.arrayContaining([
                    'Node',
                    'network',
                    'ports',
                    'certificates',
                    'keys',
                    'disk',
                    'peers',
                    'pages',
                    'clock',
                ]),
            );
        });

        it("reach Home Assistant as the household's sensors", async () => {
            const broker = await testBroker();
            const shown = new Promise<string>((resolve) => {
                broker.aedes.on('publish', ({ topic, payload }) => {
                    if (topic === 'commonwatt/H1/state') {
                        resolve(payload.toString());
                    }
                });
            });
            const publishing = startCommand('meter', 'publish', 'H1', '--mqtt', broker.broker.url, ...at);
            const figures = await shown;
            publishing.process.kill('SIGTERM');
            expect(await publishing.ended).toMatchObject({ exitCode: 0 });
            await broker.close();
            expect(JSON.parse(figures)).toMatchObject({ price_now: expect.stringMatching(/^\d\.\d+$/) as unknown });
        });

        it("take a meter's messages and files in, and hand them on", async () => {
            const file = join(home.directory, 'meter.csv');
            writeFileSync(file, `time,import_wh,export_wh\n${DAY}T00:00:00+01:00,100,0\n${DAY}T00:15:00+01:00,150,5\n`);
            expect(await json('meter', 'import', 'H1', file)).toEqual({ added: 4, repeated: 0, contradicted: 0 });
            expect(await json('meter', 'import', 'H1', file)).toEqual({ added: 0, repeated: 4, contradicted: 0 });
            expect(await output('meter', 'export', 'H1', '--from', DAY, ...at)).toContain(',50,5,-45,metered');
            const broker = await testBroker();
            const listening = startCommand(
                'meter',
                'listen',
                'H2',
                '--mqtt',
                broker.broker.url,
                '--tasmota',
                'house',
                '--json',
                ...at,
            );
            await broker.subscribed('tele/house/SENSOR');
            await broker.publish('tele/house/SENSOR', '{"Time":"2025-04-16T00:00:00","ENERGY":{"Total":7.5}}');
            const line = new Promise<string>((resolve) => {
                listening.process.stdout?.once('data', (chunk: Buffer) => {
                    resolve(chunk.toString());
                });
            });
            expect(JSON.parse(await line)).toMatchObject({ register: 'import', wh: '7500' });
            listening.process.kill('SIGTERM');
            expect(await listening.ended).toMatchObject({ exitCode: 0 });
            expect(await json('meter', 'show', 'H2')).toMatchObject({ readings: [{ wh: '7500' }] });
            await broker.close();
        });
    });
});
