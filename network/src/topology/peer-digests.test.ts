import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout as layoutOf, type Layout } from './layout';
import { peerDigests } from './peer-digests';
import { smallCommunity } from './small-community';

const topology = smallCommunity(1, { portBase: 21000 });
const HELD = { height: 3, blockHash: 'aa', codesDigest: 'bb', stateDigest: 'cc' };
const digest = (org: string) => ({ mspId: `${org}MSP`, ...HELD });
let layout: Layout;
let server: Server;
let answer: unknown;

beforeAll(async () => {
    server = createServer((request, response) => {
        response.statusCode = request.url === '/digests' ? 200 : 404;
        response.end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

beforeEach(() => {
    layout = layoutOf(mkdtempSync(join(tmpdir(), 'digests-')));
    mkdirSync(layout.run, { recursive: true });
    const { port } = server.address() as AddressInfo;
    writeFileSync(join(layout.run, 'peers.control.json'), JSON.stringify({ pid: process.pid, port }));
});

afterEach(() => {
    rmSync(layout.home, { recursive: true });
});

afterAll(() => {
    server.close();
});

describe('digests of the peers', () => {
    test('come in the order of the community', async () => {
        answer = [digest('H1'), digest('DSO')];
        expect(await peerDigests(topology, layout)).toEqual([
            { org: 'DSO', ...HELD },
            { org: 'H1', ...HELD },
        ]);
    });

    test('are refused when a peer is not among them', async () => {
        answer = [digest('DSO')];
        await expect(peerDigests(topology, layout)).rejects.toThrow('no peer of H1MSP among DSOMSP');
    });

    test('are refused when they are not digests', async () => {
        answer = [{ mspId: 'DSOMSP' }];
        await expect(peerDigests(topology, layout)).rejects.toThrow();
    });

    test('are not there when the peers are not up', async () => {
        rmSync(layout.run, { recursive: true });
        await expect(peerDigests(topology, layout)).rejects.toThrow('are not up');
    });
});
