import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { common } from '@hyperledger/fabric-protos';
import { blockEnvelopes, headerHash } from '../fabric/blocks';
import { headerOf } from '../ordering/app/block-header';
import { OrderingClient } from '../ordering/testing/client';
import { OrderingCommunity } from '../ordering/testing/community';
import { repositoryRoot } from '../topology/layout';

// Shared machines are slow at times.
jest.setTimeout(300_000);

const PORT = 22_100;
const PROGRAM = join(repositoryRoot, 'network', 'dist', 'nodes', 'ordering.js');

let community: OrderingCommunity;
let running: ChildProcess | undefined;

beforeAll(async () => {
    community = await OrderingCommunity.create(4, PORT, { timeoutMs: 30, maxMessageCount: 20 });
});

afterEach(() => {
    running?.kill('SIGKILL');
});

afterAll(() => {
    community.remove();
});

async function start(): Promise<ChildProcess> {
    const log = await open(join(community.layout.home, 'ordering.log'), 'a');
    const child = spawn(process.execPath, [PROGRAM, '--home', community.layout.home], {
        stdio: ['ignore', log.fd, log.fd],
    });
    await log.close();
    running = child;
    for (let tries = 0; !isReady(child); tries += 1) {
        if (tries > 6_000 || child.exitCode !== null) {
            throw new Error('the ordering service did not become ready');
        }
        await sleep(20);
    }
    return child;
}

/** The file of a killed predecessor may still be there. */
function isReady(child: ChildProcess): boolean {
    const file = community.layout.readyFile('ordering');
    return existsSync(file) && readFileSync(file, 'utf8').includes(`"pid":${child.pid ?? 0},`);
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
}

const connect = (): OrderingClient => new OrderingClient(`127.0.0.1:${PORT}`, community.tlsRoot('H1'));

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

async function allBlocks(): Promise<readonly common.Block[]> {
    const client = connect();
    const { blocks } = await client.deliver(community.peer('H4'));
    client.close();
    return blocks;
}

/** Sends them all, kills the service while they are on their way, and tells which ones were acknowledged. */
async function broadcastAndKill(
    child: ChildProcess,
    envelopes: readonly common.Envelope[],
): Promise<common.Envelope[]> {
    const client = connect();
    let acknowledged = 0;
    const sent = envelopes.map(async (envelope) => {
        const answers = await client.broadcast(envelope).catch(() => []);
        acknowledged += answers.length;
        if (acknowledged === 40) {
            child.kill('SIGKILL');
        }
        return answers[0]?.status === 'SUCCESS' ? [envelope] : [];
    });
    const exited = once(child, 'exit');
    const all = (await Promise.all(sent)).flat();
    await exited;
    client.close();
    return all;
}

describe('the process of the ordering service', () => {
    test('killed at any moment, loses nothing it acknowledged, orders nothing twice and keeps its blocks', async () => {
        const acknowledged: common.Envelope[] = [];
        const seen = new Map<number, string>();
        for (const round of [1, 2, 3]) {
            const child = await start();
            for (const block of await allBlocks()) {
                const header = headerOf(block);
                const hash = hex(headerHash(header));
                expect(seen.get(header.getNumber()) ?? hash).toBe(hash);
                seen.set(header.getNumber(), hash);
            }
            const envelopes = Array.from({ length: 120 }, () => community.transaction({ padding: 500 * round }));
            acknowledged.push(...(await broadcastAndKill(child, envelopes)));
        }
        const last = await start();
        const sent = acknowledged.map((each) => hex(each.serializeBinary()));
        const orderedNow = async (): Promise<string[]> =>
            (await allBlocks()).flatMap((block) => blockEnvelopes(block)).map(hex);
        let ordered = await orderedNow();
        for (let tries = 0; tries < 600 && sent.some((each) => !ordered.includes(each)); tries += 1) {
            await sleep(100); // What was taken in last waits for its block.
            ordered = await orderedNow();
        }
        expect(new Set(ordered).size).toBe(ordered.length);
        expect(acknowledged.length).toBeGreaterThanOrEqual(3 * 40);
        expect(ordered).toEqual(expect.arrayContaining(sent));
        expect(await end(last, 'SIGTERM')).toBe(0);
    });

    test('says which address is taken, and ends', async () => {
        await start();
        const second = spawn(process.execPath, [PROGRAM, '--home', community.layout.home], { stdio: 'pipe' });
        let output = '';
        second.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
        await once(second, 'exit');
        expect(second.exitCode).toBe(1);
        expect(output).toMatch(/did not start/);
    });
});
