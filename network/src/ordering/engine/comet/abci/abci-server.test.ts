import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Request, Response } from 'cosmjs-types/tendermint/abci/types';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AbciServer, type RequestHandler } from './abci-server';
import { FrameReader, framed } from './framing';

/** What the tests ask for. */
const echoed = ({ echo: asked }: Request): Response => (asked === undefined ? {} : { echo: asked });
const echo = (message: string): Buffer => framed(Request.encode({ echo: { message } }).finish());

describe('the server of socket ABCI', () => {
    let directory: string;
    let path: string;
    const sockets: Socket[] = [];
    let server: AbciServer | undefined;
    let broken: unknown[];

    async function serving(handle: RequestHandler): Promise<Socket> {
        server = await AbciServer.listen({ path, handle, onBroken: (why) => broken.push(why) });
        return connected();
    }

    function connected(): Socket {
        const socket = connect(path);
        sockets.push(socket);
        return socket;
    }

    /** The echoes that come back, until there are so many or the connection ends. */
    async function answers(socket: Socket, count: number): Promise<(string | undefined)[]> {
        const reader = new FrameReader();
        const got: (string | undefined)[] = [];
        return new Promise((resolve) => {
            socket.on('data', (chunk) => {
                got.push(...reader.push(Buffer.from(chunk)).map((frame) => Response.decode(frame).echo?.message));
                if (got.length >= count) resolve(got);
            });
            socket.once('close', () => {
                resolve(got);
            });
        });
    }

    beforeEach(() => {
        broken = [];
        directory = mkdtempSync(join(tmpdir(), 'commonwatt-abci-'));
        path = join(directory, 'app.sock');
    });
    afterEach(async () => {
        sockets.splice(0).forEach((socket) => socket.destroy());
        await server?.close();
        rmSync(directory, { recursive: true, force: true });
    });

    test('answers in the order of the requests, also when later ones are ready first', async () => {
        const socket = await serving(async (request) => {
            await sleep(request.echo?.message === 'slow' ? 30 : 0);
            return echoed(request);
        });
        socket.write(Buffer.concat(['slow', 'fast', 'last'].map(echo)));
        expect(await answers(socket, 3)).toEqual(['slow', 'fast', 'last']);
    });

    test('keeps its connections apart: a slow answer on one holds up no other', async () => {
        const released: (() => void)[] = [];
        const first = await serving(async (request) => {
            if (request.echo?.message === 'held') await new Promise<void>((resolve) => released.push(resolve));
            return echoed(request);
        });
        first.write(echo('held'));
        const second = connected();
        second.write(echo('free'));
        expect(await answers(second, 1)).toEqual(['free']);
        released.forEach((release) => {
            release();
        });
        expect(await answers(first, 1)).toEqual(['held']);
    });

    test.each([
        { what: 'a frame that is too long', bytes: Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]) },
        { what: 'a length without end', bytes: Buffer.alloc(16, 0xff) },
        { what: 'a frame that is no request', bytes: framed(Buffer.from([0x0a, 0x7f, 0x01])) },
    ])('ends a connection that brings $what, says so, and serves the next one', async ({ bytes }) => {
        const socket = await serving(echoed);
        socket.write(bytes);
        expect(await answers(socket, 1)).toEqual([]);
        expect(broken).toHaveLength(1);
        const next = connected();
        next.write(echo('still here'));
        expect(await answers(next, 1)).toEqual(['still here']);
    });

    test('ends the connection, and answers nothing more on it, when the application fails', async () => {
        const socket = await serving((request) => {
            if (request.echo?.message === 'fatal') throw new Error('the disk is full');
            return echoed(request);
        });
        socket.write(Buffer.concat(['first', 'fatal', 'after'].map(echo)));
        expect(await answers(socket, 3)).toEqual(['first']);
        expect(broken.map(String)).toEqual(['Error: the disk is full']);
    });
});
