import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { LightMyRequestResponse } from 'fastify';
import { layout as layoutOf, type Layout } from '@commonwatt/network/topology/layout';
import { readTopology } from '@commonwatt/network/topology/topology-file';
import { agentStoreFile, openAgentStore } from '../agent/store/agent-store';
import { CommunityMembers } from '../community/members';
import { command, output, startCommand, testHome, type Ended } from '../testing/command';
import { AccessStore, accessFile, SESSION_SECONDS } from './access/access-store';
import { serverLogger } from './logger';
import { runServer, type RunningServer } from './run-server';
import { LIMITS } from './server';
import type { BillEvidence, Blocks, BlockDetail, Bills, Session } from './schemas';
import { ROUTES } from './schemas/routes';

const HOMES = 3;
const FIRST_PORT = 22_300;
const START_PORT = FIRST_PORT + 130;
const PORT = FIRST_PORT + 131;
const HOST = `127.0.0.1:${PORT}`;
const PASSWORD = 'correct horse battery';
const NAME = '<img src=x onerror=alert(1)> & =1+1';
/** What the server answers to, besides its interface: files and what its keeper asks for. */
const OPEN = [
    '/healthz',
    '/metrics',
    '/api/v1/openapi.json',
    '/',
    '/login',
    '/now',
    '/money',
    '/bills',
    '/bills/:id',
    '/market',
    '/market/:slot',
    '/community',
    '/explorer',
    '/explorer/blocks/:number',
    '/explorer/transactions/:id',
    '/agent',
    '/manifest.webmanifest',
    '/icon.svg',
    '/assets/:file',
];
const HOUSEHOLD_ROUTES = Object.entries(ROUTES)
    .filter(([, { access }]) => access === 'household')
    .map(([name]) => name);

/** Pages that a household asks for, as they are after the day. */
const SHOWN = [
    '/session',
    '/now?slot=1938680',
    '/money?by=day',
    '/money?by=month',
    '/bills',
    '/bills/:bill',
    '/bills/:bill/evidence',
    '/bills/:bill/pdf',
    '/bills/:bill/csv',
    '/market/rounds',
    '/market/prices',
    '/community',
    '/explorer/blocks',
    '/explorer/blocks/3',
    '/preferences',
    '/agent/journal',
    '/exports/readings.csv',
    '/exports/greenbutton.xml',
];
/** What is public, or by terms that are the same for these homes. */
const SAME_FOR_ALL: ReadonlySet<string> = new Set([
    '/market/prices',
    '/community',
    '/explorer/blocks',
    '/explorer/blocks/3',
]);
const IDS_OF_H1 = ['household', 'home', 'id', 'mspid', 'mspId'].map(
    (name) => [name, name.toLowerCase() === 'mspid' ? 'H1MSP' : 'H1'] as const,
);

/** Without when it was made and until when a session lasts: the same in each of two answers a moment apart. */
const bodyOf = ({ body }: LightMyRequestResponse): string =>
    body
        .replaceAll(/"(idleUntil|endsAt|at)":"\d+"/g, '"$1":""')
        .replaceAll(/\((D:\d{14}[^)]*)\)|<[0-9a-fA-F]{32}>/g, '')
        .replaceAll(/<(\w+:)?(updated|published|timestamp)>[^<]*</gi, '<');

interface Browser {
    readonly cookie: string;
    readonly csrf: string;
}

describe('the pages of three homes', () => {
    const home = testHome(HOMES, FIRST_PORT);
    const at = ['--home', home.directory];
    const logged: string[] = [];
    const browsers: Record<string, Browser> = {};
    const sent: string[] = [PASSWORD];
    const ends: (() => Promise<void> | void)[] = [];
    let started: Ended;
    let health: unknown;
    let layout: Layout;
    let members: CommunityMembers;
    let server: RunningServer;
    let bill: string;
    let secretsOfH1: string[];

    beforeAll(async () => {
        writeFileSync(home.community, readFileSync(home.community, 'utf8').replace('Sonnenhang\n', `'${NAME}'\n`));
        const asked = ['start', ...at, '--community', home.community, '--port', String(START_PORT), '--no-election'];
        const running = startCommand(...asked);
        const address = await Promise.race([addressIn(running.process.stdout), running.ended.then(failedToStart)]);
        health = await (await fetch(`${address}/healthz`)).json();
        running.process.kill('SIGINT');
        started = await running.ended;

        layout = layoutOf(home.directory);
        members = new CommunityMembers(readTopology(layout), layout);
        const log = new PassThrough();
        log.on('data', (chunk: Buffer) => logged.push(chunk.toString()));
        const limits = { ...LIMITS, requestsPerMinute: 100_000 };
        ends.push(() => {
            members.close();
        });
        server = await runServer(members, { port: PORT, limits }, serverLogger(log));
        ends.unshift(() => server.close());
        for (const id of ['H1', 'H2']) {
            browsers[id] = await firstAccess(id);
        }
        for (const id of ['H1', 'H2']) {
            const store = openAgentStore(agentStoreFile(layout, id));
            store.journal.note({ kind: 'started', facts: { organisation: id } });
            store.close();
        }
        await untilRead();
        const { bills } = (await get('H1', '/bills')).json<Bills>();
        bill = bills[0]?.id ?? 'none';
        secretsOfH1 = secretsIn((await get('H1', `/bills/${bill}/evidence`)).json<BillEvidence>());
    }, 300_000);

    afterAll(async () => {
        for (const end of ends) {
            await end();
        }
        await command('down', ...at);
        home.remove();
    }, 60_000);

    const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, more: object = {}) =>
        server.app.inject({ method, url, ...more, headers: { host: HOST, ...(more as { headers?: object }).headers } });
    const as = (id: string): Record<string, string> => ({
        cookie: browsers[id]?.cookie ?? '',
        'x-csrf-token': browsers[id]?.csrf ?? '',
    });
    const get = (id: string, path: string) => ask('GET', `/api/v1${path}`, { headers: as(id) });

    async function firstAccess(id: string): Promise<Browser> {
        const code = server.access.makeCode(id);
        const payload = { household: id, code, password: PASSWORD };
        const answered = await ask('POST', '/api/v1/session/first-access', { payload });
        expect(answered.statusCode).toBe(200);
        return browserOf(answered, code);
    }

    function browserOf(answered: LightMyRequestResponse, ...secrets: readonly string[]): Browser {
        const cookie = String(answered.headers['set-cookie']).split(';')[0] ?? '';
        const csrf = answered.json<Session>().csrfToken;
        sent.push(...secrets, cookie.split('=')[1] ?? '', csrf);
        return { cookie, csrf };
    }

    /** The read model takes blocks in as fast as it can, but not before it is asked to. */
    async function untilRead(): Promise<void> {
        const height = await members.member('H1').calls.gateway.height();
        for (;;) {
            const blocks = (await ask('GET', '/healthz')).json<{ blocks: number }>().blocks;
            if (blocks >= height) {
                return;
            }
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }

    /** A route with ids that are there, as they are for every household. */
    function pathOf(route: string): string {
        const [, path = ''] = route.split(' ');
        const params: Readonly<Record<string, string>> = {
            id: path.includes('transactions') ? 'ab'.repeat(32) : bill,
            slot: '1938680',
            number: '3',
        };
        return path.replace(/:(\w+)/, (_, name: string) => params[name] ?? '');
    }

    /** The answer of a route, or what it refuses; event streams stay open and are asked elsewhere. */
    async function tried(route: string, headers: Record<string, string>): Promise<LightMyRequestResponse> {
        const [method = 'GET'] = route.split(' ');
        const payload = method === 'GET' ? {} : { payload: {} };
        return ask(method as 'GET', `/api/v1${pathOf(route)}`, { headers, ...payload });
    }

    it('are served by start, which says where, and lets go of them at Ctrl-C', () => {
        expect(health).toMatchObject({ status: 'up', peers: { H1: expect.any(Number), H3: expect.any(Number) } });
        expect(started.exitCode).toBe(0);
        expect(started.stdout).toContain(`http://127.0.0.1:${START_PORT}/login?household=H1#code=`);
        expect(started.stdout).toContain('The network stays up');
    });

    describe('every route', () => {
        it('is one that is known, and says who may ask', () => {
            const expected = [
                ...Object.entries(ROUTES).map(([name, { access }]) => ({
                    name: name.replace(' ', ' /api/v1'),
                    access,
                })),
                ...OPEN.map((url) => ({ name: `GET ${url}`, access: 'anybody' })),
            ];
            const sorted = (routes: readonly { readonly name: string }[]) =>
                [...routes].sort((a, b) => (a.name < b.name ? -1 : 1));
            const registered = sorted(server.app.registered);
            const names = new Set(registered.map(({ name }) => name));
            // Without built pages there is no more than a word at /.
            expect(registered).toEqual(sorted(expected).filter(({ name }) => names.has(name)));
            expect(registered.filter(({ name }) => name.includes('/api/v1'))).toHaveLength(
                Object.keys(ROUTES).length + 1,
            );
        });

        it.each(HOUSEHOLD_ROUTES)('%s refuses strangers, made up, ended and expired sessions', async (route) => {
            const past = Math.floor(Date.now() / 1000) - SESSION_SECONDS - 1;
            const store = new AccessStore(accessFile(layout), () => past);
            const expired = store.openSession('H2');
            store.close();
            const other = server.access.openSession('H2');
            server.access.endSession(other);
            const cookies = [
                '',
                `commonwatt=${'A'.repeat(43)}`,
                'commonwatt=H1',
                ...[expired, other].map((t) => `commonwatt=${t}`),
            ];
            for (const cookie of cookies) {
                const answered = await tried(route, { cookie });
                expect(answered.statusCode).toBe(401);
                expect(answered.json()).toEqual({ code: 'LOGIN_NEEDED', message: 'log in first' });
            }
        });

        it.each(HOUSEHOLD_ROUTES.filter((route) => route !== 'GET /events' && route !== 'DELETE /session'))(
            '%s shows another household nothing of H1',
            async (route) => {
                for (const query of ['', '?household=H1', '?mspId=H1MSP', '?home=H1']) {
                    const [method = 'GET'] = route.split(' ');
                    const payload = method === 'GET' ? {} : { payload: { household: 'H1' } };
                    const url = `/api/v1${pathOf(route)}${query}`;
                    const answered = await ask(method as 'GET', url, { headers: as('H2'), ...payload });
                    expect([200, 400, 404]).toContain(answered.statusCode);
                    expect(secretsOfH1.filter((secret) => answered.body.includes(secret))).toEqual([]);
                    expect(answered.headers['cache-control']).toBe('no-store');
                    expect(answered.headers['content-security-policy']).toContain("default-src 'none'");
                    expect(answered.headers['x-content-type-options']).toBe('nosniff');
                }
            },
        );

        it.each(SHOWN)('%s is the same to H2 whatever it says of H1, and not what H1 sees', async (path) => {
            const url = `/api/v1${path.replace(':bill', bill)}`;
            const own = await ask('GET', url, { headers: as('H2') });
            expect(own.statusCode).toBe(200);
            const ofH1 = await ask('GET', url, { headers: as('H1') });
            expect(ofH1.statusCode).toBe(200);
            if (!SAME_FOR_ALL.has(path)) {
                expect(bodyOf(own)).not.toBe(bodyOf(ofH1));
            }
            for (const [name, value] of IDS_OF_H1) {
                const asked = `${url}${url.includes('?') ? '&' : '?'}${name}=${value}`;
                const inQuery = await ask('GET', asked, { headers: as('H2') });
                expect([bodyOf(own), 'refused']).toContain(inQuery.statusCode === 200 ? bodyOf(inQuery) : 'refused');
                expect([200, 400, 404]).toContain(inQuery.statusCode);
                const headers = { ...as('H2'), [name]: value, [`x-${name}`]: value };
                expect(bodyOf(await ask('GET', url, { headers }))).toBe(bodyOf(own));
            }
        });

        it('of changes refuses those without the token of the session', async () => {
            const before = (await get('H1', '/preferences')).json<object>();
            const others = (await get('H2', '/preferences')).json<object>();
            const payload = { ...before, buyUpTo: '1' };
            const tokens = [undefined, '', 'x', browsers['H2']?.csrf];
            for (const token of tokens) {
                const headers = {
                    cookie: as('H1')['cookie'],
                    ...(token === undefined ? {} : { 'x-csrf-token': token }),
                };
                const answered = await ask('PUT', '/api/v1/preferences', { headers, payload });
                expect(answered.statusCode).toBe(403);
                expect((await ask('DELETE', '/api/v1/session', { headers })).statusCode).toBe(403);
            }
            expect((await get('H1', '/preferences')).json()).toEqual(before);
            const done = await ask('PUT', '/api/v1/preferences', { headers: as('H1'), payload });
            expect(done.json()).toEqual(payload);
            expect((await get('H2', '/preferences')).json()).toEqual(others);
        });
    });

    describe("a household's own", () => {
        it('is shown to itself: bill, evidence, readings', async () => {
            expect(secretsOfH1.length).toBeGreaterThan(200);
            for (const id of ['H1', 'H2']) {
                expect((await get(id, `/bills/${bill}`)).json()).toMatchObject({ id: bill, household: id });
                expect((await get(id, `/bills/${bill}/evidence`)).json()).toMatchObject({ mspId: `${id}MSP` });
                expect((await get(id, `/bills/${bill}/pdf`)).body).toMatch(/^%PDF-/);
                expect((await get(id, `/bills/${bill}/csv`)).body).toMatch(/^item,charge,kWh/);
                expect((await get(id, '/exports/readings.csv')).body.split('\r\n')).toHaveLength(98);
                expect((await get(id, '/exports/greenbutton.xml')).body).toContain(`Energy of ${id}`);
            }
        });

        it('names the transaction of a bill and of each round on it', async () => {
            const shown = (await get('H1', `/bills/${bill}`)).json<{
                issuedIn: string;
                rounds: { transaction: string }[];
            }>();
            const transactions = [shown.issuedIn, shown.rounds[0]?.transaction ?? ''];
            for (const id of transactions) {
                expect((await get('H1', `/explorer/transactions/${id}`)).json()).toMatchObject({ id, isValid: true });
            }
        });

        it('is nowhere on the channel: no block shows it', async () => {
            let before = '';
            let seen = 0;
            do {
                const page = (await get('H2', `/explorer/blocks${before}`)).json<Blocks>();
                for (const { number } of page.blocks) {
                    const block = (await get('H2', `/explorer/blocks/${number}`)).json<BlockDetail>();
                    for (const { id, type } of block.list) {
                        if (type === 'transaction') {
                            const { body } = await get('H2', `/explorer/transactions/${id}`);
                            expect(secretsOfH1.filter((secret) => body.includes(secret))).toEqual([]);
                            seen += 1;
                        }
                    }
                }
                before = page.before === null ? '' : `?before=${page.before}`;
            } while (before !== '');
            expect(seen).toBeGreaterThan(HOMES * 20);
        });
    });

    describe('what does not belong here', () => {
        it.each([
            { what: 'another host', headers: { host: 'evil.example' }, status: 421 },
            { what: 'the right name with another port', headers: { host: '127.0.0.1:1' }, status: 421 },
            { what: 'a form of another site', headers: { origin: 'https://evil.example' }, status: 403 },
            { what: 'a request of another site', headers: { 'sec-fetch-site': 'cross-site' }, status: 403 },
            { what: 'text', headers: { 'content-type': 'text/plain' }, status: 415 },
            { what: 'a form', headers: { 'content-type': 'application/x-www-form-urlencoded' }, status: 415 },
            { what: 'half of JSON', payload: '{"household":', status: 400 },
            { what: 'a list', payload: '[]', status: 400 },
            { what: 'numbers', payload: '{"household":1,"password":2}', status: 400 },
            { what: 'more than is asked', payload: '{"household":"H1","password":"x","role":"admin"}', status: 400 },
            { what: 'a prototype', payload: '{"__proto__":{"household":"H1"}}', status: 400 },
            {
                what: 'too much',
                payload: JSON.stringify({ household: 'H1', password: 'x'.repeat(20_000) }),
                status: 413,
            },
        ])('$what is refused at the login: $status', async ({ headers = {}, payload = '{}', status }) => {
            const json = { 'content-type': 'application/json', ...headers };
            const answered = await ask('POST', '/api/v1/session', { headers: json, payload });
            expect(answered.statusCode).toBe(status);
            expect(answered.headers['set-cookie']).toBeUndefined();
        });

        it.each([
            '/assets/../package.json',
            '/assets/..%2f..%2fpackage.json',
            '/assets/%2e%2e/%2e%2e/package.json',
            '/assets/..%5c..%5cpackage.json',
            '/assets/%00',
            '/%00',
            '//etc/passwd',
            '/..%2f..%2f..%2fetc/passwd',
            '/api/v1/bills/..%2f..%2fsession',
            '/api/v1/bills/%00',
            `/api/v1/bills/${'9'.repeat(400)}`,
            '/api/v1/market/rounds/-1',
            '/api/v1/market/rounds/1e9',
            '/api/v1/explorer/blocks/99999999999999999999',
            '/api/v1/explorer/transactions/%27%20OR%201=1',
            '/api/v1/explorer/blocks?before=1%3BDROP%20TABLE%20block',
            '/api/v1/money?by=year',
            '/api/v1/money?from=2025-13-01',
            '/api/v1/money?from=2020-01-01&to=2025-01-01',
            '/api/v1/money?by=day&by=month',
        ])('%s leads nowhere', async (url) => {
            const answered = await ask('GET', url, { headers: as('H1') });
            expect([400, 404, 414]).toContain(answered.statusCode);
            expect(answered.body).not.toMatch(/root:|"workspaces"|at .*\.js:/);
        });

        it('a name with markup and formulas is text wherever it is shown', async () => {
            const answered = await get('H1', '/session');
            expect(answered.json()).toMatchObject({ community: NAME });
            expect(answered.headers['content-type']).toBe('application/json; charset=utf-8');
            expect((await get('H1', `/bills/${bill}/pdf`)).headers['content-disposition']).toMatch(/^attachment/);
        });
    });

    describe('a login', () => {
        it('keeps its session from scripts and other sites', async () => {
            const payload = { household: 'H1', password: PASSWORD };
            const answered = await ask('POST', '/api/v1/session', { payload });
            expect(answered.headers['set-cookie']).toMatch(
                /^commonwatt=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
            );
            const again = browserOf(answered);
            const headers = { cookie: again.cookie, 'x-csrf-token': again.csrf };
            expect((await ask('DELETE', '/api/v1/session', { headers })).statusCode).toBe(204);
            expect((await ask('GET', '/api/v1/now', { headers })).statusCode).toBe(401);
        });

        it('with a code works once, and for its household alone', async () => {
            const code = server.access.makeCode('H2');
            const tryIt = (household: string) =>
                ask('POST', '/api/v1/session/first-access', { payload: { household, code, password: PASSWORD } });
            expect((await tryIt('H1')).statusCode).toBe(401);
            expect((await tryIt('H2')).statusCode).toBe(200);
            expect((await tryIt('H2')).statusCode).toBe(401);
            // A new password ends the sessions that there were.
            expect((await get('H2', '/now')).statusCode).toBe(401);
            browsers['H2'] = await firstAccess('H2');
        });

        it('is refused after too many attempts, with the right password, too', async () => {
            browsers['H3'] = await firstAccess('H3');
            const tryIt = (password: string) =>
                ask('POST', '/api/v1/session', { payload: { household: 'H3', password } });
            const statuses: number[] = [];
            for (let attempt = 1; attempt < LIMITS.loginsPerQuarterHour; attempt += 1) {
                statuses.push((await tryIt('wrong horse battery')).statusCode);
            }
            expect(new Set(statuses)).toEqual(new Set([401]));
            expect((await tryIt(PASSWORD)).statusCode).toBe(429);
            // Whoever is logged in stays so.
            expect((await get('H3', '/now')).statusCode).toBe(200);
        });
    });

    it('events reach the pages as they happen, and end with the session', async () => {
        const session = server.access.openSession('H1');
        sent.push(session);
        const headers = { cookie: `commonwatt=${session}` };
        const { csrfToken } = (await (await fetch(`http://${HOST}/api/v1/session`, { headers })).json()) as Session;
        const events = await fetch(`http://${HOST}/api/v1/events`, { headers });
        expect(events.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
        expect(events.headers.get('content-security-policy')).toContain("default-src 'none'");
        const heard = { text: '', isOver: false };
        const hearing = (async () => {
            for await (const chunk of events.body ?? []) {
                heard.text += Buffer.from(chunk as Uint8Array).toString();
            }
            heard.isOver = true;
        })();
        await output('deposit', 'H2', '1.00', ...at);
        while (!heard.text.includes('event: block')) {
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        expect(heard.text).toMatch(
            /id: [0-9a-f]{8}-\d+\nevent: block\ndata: \{"number":"\d+","transactions":"1"\}\n\n/,
        );
        const logout = { method: 'DELETE', headers: { ...headers, 'x-csrf-token': csrfToken } };
        expect((await fetch(`http://${HOST}/api/v1/session`, logout)).status).toBe(204);
        await hearing;
        expect(heard.isOver).toBe(true);
    });

    it('logins by ever new names end, whoever they are about, and other addresses still log in', async () => {
        const payload = (household: string) => ({ household, password: 'wrong horse battery' });
        const from = (remoteAddress: string, household: string) =>
            ask('POST', '/api/v1/session', { remoteAddress, payload: payload(household) });
        const most = 5 * LIMITS.loginsPerQuarterHour;
        const tried: number[] = [];
        for (let attempt = 0; attempt < most; attempt += 1) {
            tried.push((await from('192.0.2.1', `H${100 + attempt}`)).statusCode);
        }
        expect(new Set(tried.slice(0, -1))).toEqual(new Set([401]));
        expect((await from('192.0.2.1', 'H999')).statusCode).toBe(429);
        expect((await from('192.0.2.2', 'H999')).statusCode).toBe(401);
    }, 60_000);

    it('logs say what was asked by its route, and no secret', () => {
        const log = logged.join('');
        expect(log).toContain('/api/v1/session/first-access');
        expect(log.split('\n').length).toBeGreaterThan(100);
        expect(sent.length).toBeGreaterThan(8);
        expect(sent.filter((secret) => log.includes(secret))).toEqual([]);
        expect(secretsOfH1.filter((secret) => log.includes(secret))).toEqual([]);
    });
});

/** Where the pages are, as soon as start says so. */
async function addressIn(stdout: NodeJS.ReadableStream | null): Promise<string> {
    let said = '';
    for (;;) {
        const [chunk] = (await once(stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
        said += chunk.toString();
        const found = /pages are at (http:\S+)/.exec(said);
        if (found?.[1] !== undefined && said.includes('Ctrl-C ends')) {
            return found[1];
        }
    }
}

function failedToStart({ stderr }: Ended): never {
    throw new Error(`start ended: ${stderr}`);
}

/** What nobody but the household and its parties has: salts and signatures under readings, orders, settlement and bill. */
function secretsIn({ days, bill }: BillEvidence): string[] {
    const records = [bill, ...days.flatMap((day) => [...day.readings, ...day.orders, day.settlement])];
    return records.flatMap((record) => (record === null ? [] : [record.salt, record.signature]));
}
