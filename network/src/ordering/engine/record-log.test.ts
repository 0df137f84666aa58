import { appendFile, mkdtemp, open, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RecordLog } from './record-log';

let directory: string;
let path: string;

beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'record-log-'));
    path = join(directory, 'log');
});

afterEach(async () => {
    await rm(directory, { recursive: true });
});

async function write(...bodies: string[]): Promise<void> {
    const { log } = await RecordLog.open(path);
    await Promise.all(bodies.map((body) => log.append(Buffer.from(body))));
    await log.close();
}

async function read(): Promise<{ records: string[]; cutBytes: number }> {
    const { log, records, cutBytes } = await RecordLog.open(path);
    await log.close();
    return { records: records.map((record) => record.toString()), cutBytes };
}

describe('record log', () => {
    test('gives back what was appended, in order, over several openings', async () => {
        await write('one', 'two');
        await write('three');
        expect(await read()).toEqual({ records: ['one', 'two', 'three'], cutBytes: 0 });
    });

    test('cuts a last record at whatever byte it was torn, and appends after it', async () => {
        await write('one', 'two');
        const whole = (await stat(path)).size;
        const last = 8 + 'two'.length;
        for (let missing = 1; missing <= last; missing += 1) {
            await truncate(path, whole - missing);
            expect(await read()).toEqual({ records: ['one'], cutBytes: missing === last ? 0 : last - missing });
            await write('two');
        }
        expect((await read()).records).toEqual(['one', 'two']);
    });

    test.each([
        { what: 'zeros', tail: Buffer.alloc(64) },
        { what: 'a length that cannot be', tail: Buffer.alloc(64, 0xff) },
        { what: 'a body that does not match its checksum', tail: Buffer.from([0, 0, 0, 1, 9, 9, 9, 9, 7]) },
    ])('cuts $what', async ({ tail }) => {
        await write('one');
        await appendFile(path, tail);
        expect(await read()).toEqual({ records: ['one'], cutBytes: tail.length });
        expect(await read()).toEqual({ records: ['one'], cutBytes: 0 });
    });

    test('takes no empty record', async () => {
        const { log } = await RecordLog.open(path);
        await expect(log.append(new Uint8Array())).rejects.toThrow('a record has');
        await log.close();
    });

    test('takes nothing more after the disk has failed once', async () => {
        const { log } = await RecordLog.open(path);
        await log.append(Buffer.from('one'));
        await log.close();
        await expect(log.append(Buffer.from('two'))).rejects.toThrow();
        await expect(log.append(Buffer.from('three'))).rejects.toThrow('failed before');
        expect((await read()).records).toEqual(['one']);
    });

    test('keeps the order of appends that share a write', async () => {
        const bodies = Array.from({ length: 500 }, (_, at) => `record ${at}`);
        await write(...bodies);
        expect((await read()).records).toEqual(bodies);
        const file = await open(path);
        expect((await file.stat()).mode & 0o777).toBe(0o600);
        await file.close();
    });
});
