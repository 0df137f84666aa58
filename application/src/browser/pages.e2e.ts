import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@commonwatt/network/topology/layout';
import type { Browser } from 'playwright-core';
import { command, output, startCommand, testHome, type Running, type TestHome } from '../testing/command';
import { findChromium, launchChromium } from './chromium';
import { DESKTOP, PHONE, Visitor, type Look } from './visitor';

const FIRST_PORT = 25_200;
const SERVER_PORT = 25_690;
const ADDRESS = `http://127.0.0.1:${SERVER_PORT}`;
const HOMES = 4;
const FIRST_PAGE_BYTES = 200_000;
const DAY = '2025-04-16';
/** Noon, and a quarter of an hour in the morning in which neighbours trade. */
const NOON = 1_938_668;
const MORNING = 1_938_651;
const TOUR = process.env['COMMONWATT_TOUR'];
/** A community may call itself whatever it likes; on pictures it is a plain name. */
const NAME = TOUR === undefined ? '<img src=x onerror="document.title=1"><b>Sonnenhang</b>' : 'Sonnenhang';

const PATHS = ['/now', '/money', '/bills', '/market', '/agent', '/community', '/explorer'];
const AFTER_A_DAY = [...PATHS, `/bills/${DAY}`, `/market/${NOON}`, '/explorer/blocks/5'];
/** Where all colours are. */
const COLOURFUL = ['/now', '/market', `/bills/${DAY}`];

const LOOKS = [
    { name: 'a phone, light, in English', viewport: PHONE, colorScheme: 'light', locale: 'en-GB', paths: AFTER_A_DAY },
    { name: 'a desktop, dark, in German', viewport: DESKTOP, colorScheme: 'dark', locale: 'de-DE', paths: AFTER_A_DAY },
    { name: 'a phone, dark, in German', viewport: PHONE, colorScheme: 'dark', locale: 'de-DE', paths: COLOURFUL },
    {
        name: 'a desktop, light, in English',
        viewport: DESKTOP,
        colorScheme: 'light',
        locale: 'en-GB',
        paths: COLOURFUL,
    },
] as const satisfies readonly (Look & { readonly paths: readonly string[] })[];

const executable = findChromium(process.env);

(executable === undefined ? describe.skip : describe)('the pages in a browser (needs chromium)', () => {
    let home: TestHome;
    let browser: Browser;
    let server: Running;
    let resident: Visitor;
    const traded: { day?: Running } = {};

    beforeAll(async () => {
        home = testHome(HOMES, FIRST_PORT);
        const text = readFileSync(home.community, 'utf8');
        writeFileSync(home.community, text.replace('name: Sonnenhang', `name: '${NAME}'`));
        await output('up', '--home', home.directory, '--community', home.community);
        const args = ['serve', '--home', home.directory, '--port', String(SERVER_PORT), '--log', 'silent', '--json'];
        server = startCommand(...args);
        await new Promise((resolve) => server.process.stdout?.once('data', resolve));
        browser = await launchChromium(executable ?? '');
        resident = await Visitor.open(browser, ADDRESS, LOOKS[0]);
    });

    afterAll(async () => {
        await browser.close();
        traded.day?.process.kill('SIGKILL');
        server.process.kill('SIGTERM');
        await server.ended;
        await command('down', '--home', home.directory);
        home.remove();
    }, 120_000);

    it('let nobody in without a password, and say so', async () => {
        const stranger = await Visitor.open(browser, ADDRESS, LOOKS[0]);
        await stranger.page.goto('/bills');
        await stranger.page.waitForSelector('#household');
        expect(await stranger.barriers()).toEqual([]);
        await stranger.logIn('H1', 'not the password');
        expect(await stranger.text('[role=alert]')).toBe('Home, password or code are not right.');
        await stranger.close();
    });

    it('open with the code of the one who runs the server, within 200 kB and from no other host', async () => {
        const bytes = new Map<string, number>();
        const finished: Promise<unknown>[] = [];
        resident.page.on('requestfinished', (request) => {
            finished.push(
                request.sizes().then(({ responseBodySize, responseHeadersSize }) => {
                    bytes.set(request.url(), responseBodySize + responseHeadersSize);
                }),
            );
        });
        const { link } = JSON.parse(
            await output('login', 'H1', '--json', '--address', ADDRESS, '--home', home.directory),
        ) as { link: string };
        await resident.setPassword(link);
        await resident.settled();
        await Promise.all(finished);
        expect(resident.page.url()).not.toContain('code=');
        expect([...bytes.keys()].filter((url) => !url.startsWith(ADDRESS))).toEqual([]);
        const first = [...bytes].reduce((sum, [, size]) => sum + size, 0);
        expect(first).toBeGreaterThan(10_000);
        expect(first).toBeLessThan(FIRST_PAGE_BYTES);
    });

    it('have something to say before the first day', async () => {
        for (const path of PATHS) {
            await resident.visit(path);
            expect(await resident.text()).toMatch(/\w/);
            expect([path, await resident.barriers()]).toEqual([path, []]);
        }
        expect(await resident.text('.brand')).toBe(NAME);
        expect(await resident.page.locator('.brand img').count()).toBe(0);
        expect(await resident.page.title()).toContain('Commonwatt');
    });

    it('change by themselves while a day is traded, until there is a bill', async () => {
        await resident.visit('/market');
        traded.day = startCommand('day', '--home', home.directory, '--json');
        await resident.page.waitForSelector('tbody a[href^="/market/"]');
        await resident.page.click('nav a[href="/bills"]');
        await resident.page.waitForSelector('a.row');
        expect((await traded.day.ended).exitCode).toBe(0);
    });

    it('are walked by keyboard alone, and say where one is', async () => {
        const { page } = resident;
        await resident.visit('/now');
        await page.keyboard.press('Tab');
        expect(await page.evaluate('document.activeElement.className')).toBe('skip');
        await page.keyboard.press('Enter');
        expect(await page.evaluate('document.activeElement.id')).toBe('main');
        await page.focus('nav a[href="/money"]');
        await page.keyboard.press('Enter');
        await page.waitForURL('**/money');
        await page.waitForSelector('h1:focus');
        expect(await page.title()).toBe('Money · Commonwatt');
        await page.goBack();
        await page.waitForSelector('nav a[href="/now"][aria-current]');
        await page.waitForSelector('h1:focus');
        expect(await page.title()).toBe('Now · Commonwatt');
    });

    it('check a bill in the browser, and show in red what is not right', async () => {
        const { page } = resident;
        await resident.visit(`/bills/${DAY}`);
        await page.click('button.primary');
        await page.waitForSelector('.check.good');
        expect(await page.locator('.verdict.good').count()).toBe(await page.locator('.lines > li').count());
        await page.route('**/evidence', async (route) => {
            const answer = await route.fetch();
            const evidence = (await answer.json()) as { bill: { lines: { amountNanos: string }[]; dueMinor: string } };
            const [line] = evidence.bill.lines;
            Object.assign(line ?? {}, { amountNanos: '-99000000000' });
            await route.fulfill({ response: answer, json: evidence });
        });
        await page.click('button.primary');
        await page.waitForSelector('.check.wrong');
        expect(await page.locator('.verdict.bad').count()).toBe(1);
        expect(await page.locator('.lines details.wrong').count()).toBe(1);
        expect(await resident.barriers()).toEqual([]);
        await page.unroute('**/evidence');
    });

    it('lead from a line of a bill to its quarter-hour and to its entry in the record', async () => {
        const { page } = resident;
        await resident.visit(`/bills/${DAY}`);
        await page.locator('.lines summary').first().click();
        await page.locator('.lines details[open] .rounds a').first().click();
        await page.waitForURL('**/market/*');
        await resident.settled();
        await page.locator('main a[href^="/explorer/transactions/"]').click();
        await page.waitForURL('**/explorer/transactions/*');
        await resident.settled();
        expect(await resident.text()).toContain('Valid: every peer wrote it.');
        expect(await resident.barriers()).toEqual([]);
    });

    it('hand out a bill as a file', async () => {
        const { page } = resident;
        await resident.visit(`/bills/${DAY}`);
        const [pdf] = await Promise.all([page.waitForEvent('download'), page.click('a[href$="/pdf"]')]);
        const [csv] = await Promise.all([page.waitForEvent('download'), page.click('a[href$="/csv"]')]);
        expect([pdf.suggestedFilename(), csv.suggestedFilename()].map((name) => name.split('.').at(-1))).toEqual([
            'pdf',
            'csv',
        ]);
        expect(
            readFileSync(await pdf.path())
                .subarray(0, 5)
                .toString(),
        ).toBe('%PDF-');
    });

    it('say what is wrong when the server does not answer, and go on when it does', async () => {
        const { page } = resident;
        await page.route('**/api/v1/money*', (route) => route.abort());
        await page.goto('/money');
        await page.waitForSelector('main [role=alert]');
        expect(await resident.barriers()).toEqual([]);
        await page.unroute('**/api/v1/money*');
        await page.click('main [role=alert] button');
        await page.waitForSelector('main .facts');
        await resident.visit('/bills/2001-01-01');
        expect(await resident.text('[role=alert]')).toContain('There is nothing here');
    });

    it.each(LOOKS)('are complete and without barriers on $name', async (look) => {
        const visitor = await Visitor.open(browser, ADDRESS, look);
        await visitor.logIn('H1');
        for (const path of look.paths) {
            await visitor.visit(path);
            expect([path, await visitor.barriers()]).toEqual([path, []]);
            expect([path, (await visitor.overflow()) > 0]).toEqual([path, false]);
            expect(await visitor.page.locator('h1').count()).toBe(1);
            expect(await visitor.page.locator('main .failed').count()).toBe(0);
            expect(await visitor.page.getAttribute('html', 'lang')).toBe(look.locale.slice(0, 2));
        }
        expect(visitor.errors).toEqual([]);
        await visitor.close();
    });

    it('keep colours and language that were chosen on the device', async () => {
        const { page } = resident;
        await resident.visit('/now');
        const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
        const light = await ground();
        await page.locator('.settings select').nth(1).selectOption('dark');
        expect(await ground()).not.toBe(light);
        await page.locator('.settings select').nth(0).selectOption('de');
        await resident.visit('/now');
        expect([(await ground()) === light, await page.title()]).toEqual([false, 'Jetzt · Commonwatt']);
    });

    it('make the pictures of the tour', async () => {
        const folder = TOUR === undefined ? join(home.directory, 'images') : join(repositoryRoot, 'docs', 'images');
        mkdirSync(folder, { recursive: true });
        // Small enough to be kept with the code.
        const visitor = await Visitor.open(browser, ADDRESS, { ...LOOKS[0], viewport: { width: 375, height: 720 } });
        await visitor.logIn('H1');
        const shot = (name: string): Promise<Buffer> => visitor.page.screenshot({ path: join(folder, `${name}.png`) });
        await visitor.visit(`/bills/${DAY}`);
        await visitor.page.click('button.primary');
        await visitor.page.waitForSelector('.check.good');
        const taken = [await shot('bill')];
        await visitor.visit(`/now?slot=${MORNING}`);
        taken.push(await shot('now'));
        for (const name of ['money', 'market', 'community', 'explorer']) {
            await visitor.visit(`/${name}`);
            taken.push(await shot(name));
        }
        expect(taken.filter(({ length }) => length < 5_000 || length > 90_000)).toEqual([]);
        await visitor.close();
    });

    it('ask for the password again where the session has ended', async () => {
        const { page } = resident;
        await resident.visit('/now');
        await page.context().clearCookies();
        await page.click('nav a[href="/money"]');
        await page.waitForSelector('#household');
        expect(resident.errors.filter((text) => !text.includes('ERR_'))).toEqual([]);
    });
});
