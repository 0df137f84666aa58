import { once, EventEmitter } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { crc16 } from './telegram';
import { openerOf, P1Reader, p1Source, type P1Parts } from './p1-source';
import type { RunningSource } from '../sink';

const telegram = (kwh: string): string => {
    const body = `/ABC5METER\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(250416120000S)\r\n1-0:1.8.1(${kwh}*kWh)\r\n!`;
    return `${body}${crc16(Buffer.from(body)).toString(16).toUpperCase().padStart(4, '0')}\r\n`;
};
const meter = { meterId: 'main', source: 'p1', isSame: () => true };
const heard = new EventEmitter();
let running: RunningSource | undefined;

const listening = (): {
    parts: P1Parts;
    readings: bigint[];
    notes: string[];
    until: (count: number) => Promise<void>;
} => {
    const [readings, notes]: [bigint[], string[]] = [[], []];
    const parts: P1Parts = {
        sink: (more) => {
            readings.push(...more.map(({ wh }) => wh));
            heard.emit('reading');
        },
        notes: (note) => notes.push(note),
        now: () => Date.parse('2025-04-16T10:00:00Z') / 1000,
    };
    const until = async (count: number): Promise<void> => {
        while (readings.length < count) {
            await once(heard, 'reading');
        }
    };
    return { parts, readings, notes, until };
};

afterEach(async () => {
    await running?.stop();
});

describe('a P1 port', () => {
    it('at a TCP address is opened again when it ends', async () => {
        const server = createServer((socket: Socket) => {
            socket.end(telegram('000001.000'));
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const address = server.address();
        const port = typeof address === 'object' ? address?.port : 0;
        const { parts, notes, until } = listening();
        running = p1Source(openerOf(`tcp://127.0.0.1:${String(port)}`), new P1Reader(meter, parts), parts, 1);
        await until(3);
        expect(notes).toContain('the P1 port is not there (it ended); trying again');
        await running.stop();
        server.close();
    });

    it('that is not there is tried again, and left as soon as it is told to stop', async () => {
        const { parts, notes, readings, until } = listening();
        let tries = 0;
        const open = (): Readable => {
            tries += 1;
            if (tries < 3) {
                throw new Error('ENOENT: no such device');
            }
            return Readable.from([Buffer.from(telegram('000002.000'))]);
        };
        running = p1Source(open, new P1Reader(meter, parts), parts, 1);
        await until(1);
        await running.stop();
        expect(readings).toContain(2_000n);
        expect(notes.slice(0, 2)).toEqual(
            Array(2).fill('the P1 port is not there (ENOENT: no such device); trying again'),
        );
    });

    it.each(['tcp://', 'tcp://host', 'tcp://host:0'])('is not at %s', (where) => {
        expect(() => openerOf(where)).toThrow(/is no address; write it as tcp:\/\/host:port/);
    });
});
