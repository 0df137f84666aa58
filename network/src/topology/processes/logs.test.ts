import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followLog, lastLines } from './logs';

let directory: string;

beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'logs-'));
});

afterAll(() => {
    rmSync(directory, { recursive: true });
});

describe('a log', () => {
    test('gives its last lines, also of a file that is much longer', () => {
        const file = join(directory, 'long.log');
        writeFileSync(file, Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`).join(''));
        expect(lastLines(file, 2)).toEqual(['line 99998', 'line 99999']);
    });

    test('that is not there has no lines', () => {
        expect(lastLines(join(directory, 'none.log'), 5)).toEqual([]);
    });

    test('is followed from its end', async () => {
        const file = join(directory, 'followed.log');
        writeFileSync(file, 'old\n');
        const stop = new AbortController();
        const texts: string[] = [];
        const following = followLog(
            file,
            (text) => {
                texts.push(text);
                stop.abort();
            },
            stop.signal,
        );
        appendFileSync(file, 'new\n');
        await following;
        expect(texts).toEqual(['new\n']);
    });
});
