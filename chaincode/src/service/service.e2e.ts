import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { encode } from '../api/wire';
import { parseRefusal } from '../domain/refusals';
import { asked, DSO, FOUNDING } from '../testing/community';
import { testAuthority, type Pem } from '../testing/wire/certificates';
import { FakePeer } from '../testing/wire/fake-peer';
import { codeDigest } from './approved-code';

const ADDRESS = '127.0.0.1:26001';
const CODE = join(__dirname, '..', '..');
const START = join(CODE, 'dist', 'start.js');
const WAIT_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'chaincode-service-'));
let roots: string;
let own: Pem;
let service: ChildProcess;
let log = '';

function start(args: readonly string[], env: Record<string, string>): ChildProcess {
    const child = spawn(process.execPath, [START, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (data: Buffer) => (log += data.toString()));
    child.stderr.on('data', (data: Buffer) => (log += data.toString()));
    return child;
}

async function untilListening(port = 26_001): Promise<void> {
    for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline;) {
        const socket = connect(port, '127.0.0.1');
        const isOpen = await Promise.race([
            once(socket, 'connect').then(() => true),
            once(socket, 'error').then(() => false),
        ]).catch(() => false);
        socket.destroy();
        if (isOpen) {
            return;
        }
        await pause(50);
    }
    throw new Error(`the chaincode does not listen: ${log}`);
}

beforeAll(async () => {
    const authority = await testAuthority('tlsca');
    [roots, own] = [authority.certificate, await authority.issue()];
    const files = { cert: own.certificate, key: own.key, roots };
    for (const [name, text] of Object.entries(files)) {
        writeFileSync(join(folder, name), text);
    }
    service = start(['governance'], {
        CHAINCODE_SERVER_ADDRESS: ADDRESS,
        CHAINCODE_ID: `governance_1.${codeDigest(CODE)}:test`,
        CHAINCODE_TLS_CERT_FILE: join(folder, 'cert'),
        CHAINCODE_TLS_KEY_FILE: join(folder, 'key'),
        CHAINCODE_TLS_CLIENT_CACERT_FILE: join(folder, 'roots'),
    });
    await untilListening();
}, 2 * WAIT_MS);

afterAll(() => {
    service.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
});

describe('the chaincode as a service', () => {
    it('serves transactions to a peer through the unmodified shim', async () => {
        const peer = await FakePeer.connect(ADDRESS, roots, own);
        const as = { mspId: DSO, certificate: own.certificate };
        const established = await peer.invoke({ ...as, args: ['community:establish', encode(FOUNDING)] });
        expect(established).toMatchObject({ status: 200, payload: '{"version":"1"}' });
        expect([...established.written.keys()]).toEqual(['\u0000charter\u0000document\u0000']);
        expect(established.event).toBe(
            '{"events":[{"name":"Test community","type":"CommunityEstablished"}],"version":"1"}',
        );

        const refusals = [];
        for (const args of [['charter:document', '{}'], ['charter:document'], ['charter:document', '{}', '{}']]) {
            refusals.push(parseRefusal((await peer.invoke({ ...as, args })).message)?.code);
        }
        expect(refusals).toEqual(['NOT_ESTABLISHED', 'MALFORMED', 'MALFORMED']);
        expect(await peer.invoke({ ...as, args: ['charter:burn', '{}'] })).toMatchObject({ status: 500 });
        peer.close();
    });

    it('sends its writes in batches to a peer that takes them, one by one to another, and writes the same', async () => {
        const args = ['community:establish', encode(FOUNDING)];
        const outcomes = [];
        for (const maxWrites of [0, 1000]) {
            const peer = await FakePeer.connect(ADDRESS, roots, own, maxWrites);
            outcomes.push(await peer.invoke({ mspId: DSO, certificate: own.certificate, args }));
            peer.close();
        }
        const [plain, batched] = outcomes;
        expect(plain?.requests).toEqual(['GET_STATE', 'PUT_STATE']);
        expect(batched?.requests).toEqual(['GET_STATE', 'WRITE_BATCH_STATE']);
        expect({ ...batched, requests: [] }).toEqual({ ...plain, requests: [] });
    });

    it('says nothing of private inputs, neither to the client nor in its log', async () => {
        const peer = await FakePeer.connect(ADDRESS, roots, own);
        const transient = { applications: JSON.stringify([{ secret: 'street 4711' }]) };
        const args = ['community:admit', encode({ applications: [asked('H1MSP')] })];
        const { status, message } = await peer.invoke({ mspId: DSO, certificate: own.certificate, args, transient });
        expect(parseRefusal(message)?.code).toBe('TRANSIENT_MALFORMED');
        expect([status, message, log].join(' ')).not.toMatch(/4711/);
        peer.close();
    });

    it('takes no connection without a certificate of the community, nor with a foreign one', async () => {
        const stranger = await (await testAuthority('another')).issue();
        await expect(FakePeer.connect(ADDRESS, roots)).rejects.toThrow(/UNAVAILABLE/);
        await expect(FakePeer.connect(ADDRESS, roots, stranger)).rejects.toThrow(/UNAVAILABLE/);
    });

    it('starts under no package of other code', async () => {
        const env = {
            CHAINCODE_SERVER_ADDRESS: ADDRESS,
            CHAINCODE_ID: `governance_1.${'ab'.repeat(32)}:test`,
            CHAINCODE_TLS_CERT_FILE: join(folder, 'cert'),
            CHAINCODE_TLS_KEY_FILE: join(folder, 'key'),
            CHAINCODE_TLS_CLIENT_CACERT_FILE: join(folder, 'roots'),
        };
        const [code] = (await once(start(['governance'], env), 'exit')) as [number];
        expect(code).toBe(1);
        expect(log).toMatch(/not the code that was approved: the package names abab/);
    });

    it('names all that is missing at once, and ends on SIGTERM', async () => {
        const nameless = start(['market'], { CHAINCODE_ID: 'x' });
        const [code] = (await once(nameless, 'exit')) as [number];
        expect(code).toBe(1);
        expect(log).toMatch(/CHAINCODE_SERVER_ADDRESS, CHAINCODE_TLS_CERT_FILE/);
        const ended = once(service, 'exit');
        service.kill('SIGTERM');
        expect(await ended).toEqual([0, null]);
    });
});

describe('a service whose organisation has transactions attested', () => {
    const attestation = join(folder, 'attestation.json');
    const environment = (serves: string): Record<string, string> => ({
        CHAINCODE_SERVER_ADDRESS: '127.0.0.1:26003',
        CHAINCODE_ID: `governance_1.${codeDigest(CODE)}:test`,
        CHAINCODE_TLS_CERT_FILE: join(folder, 'cert'),
        CHAINCODE_TLS_KEY_FILE: join(folder, 'key'),
        CHAINCODE_TLS_CLIENT_CACERT_FILE: join(folder, 'roots'),
        CHAINCODE_SERVES: serves,
        CHAINCODE_ATTESTATION_FILE: attestation,
    });
    beforeAll(() => {
        writeFileSync(
            attestation,
            JSON.stringify({ service: 'unix:none.sock', transactions: ['community:establish'] }),
        );
    });

    it('refuses these without a yes, by whatever name they are called, and nothing else', async () => {
        const asking = start(['governance'], environment(DSO));
        await untilListening(26_003);
        const peer = await FakePeer.connect('127.0.0.1:26003', roots, own);
        const codes = [];
        for (const args of [
            ['community:establish', encode(FOUNDING)],
            ['establish', encode(FOUNDING)],
            [':establish', encode(FOUNDING)],
            ['community:establish', '{}'],
            ['charter:document', '{}'],
        ]) {
            const { message, written } = await peer.invoke({ mspId: DSO, certificate: own.certificate, args });
            codes.push(parseRefusal(message)?.code ?? `written: ${written.size}`);
        }
        expect(codes).toEqual(['ATTESTATION_MISSING', 'MALFORMED', 'MALFORMED', 'MALFORMED', 'NOT_ESTABLISHED']);
        peer.close();
        asking.kill('SIGKILL');
    });

    it('does not start where it serves others as well', async () => {
        const [code] = (await once(start(['governance'], environment(`${DSO},H1MSP`)), 'exit')) as [number];
        expect(code).toBe(1);
        expect(log).toMatch(/serves one organisation \(CHAINCODE_SERVES\), not DSOMSP, H1MSP/);
    });
});
