import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IntakeLog } from './intake-log';

const bytes = (content: string): Uint8Array => Uint8Array.from(Buffer.from(content));

describe('the log of what was taken in', () => {
    let directory: string;
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), 'commonwatt-intake-'));
    });
    afterEach(async () => {
        for (const log of opened.splice(0)) await log.close();
        rmSync(directory, { recursive: true, force: true });
    });

    const opened: IntakeLog[] = [];
    const reopened = async (longestFile?: number): Promise<{ log: IntakeLog; messages: string[] }> => {
        const { log, messages } = await IntakeLog.open(directory, longestFile);
        opened.push(log);
        return { log, messages: messages.map((each) => Buffer.from(each).toString('utf8')) };
    };

    test('gives back, in order and once, everything that was not forgotten in time', async () => {
        const { log } = await reopened();
        await Promise.all(['one', 'two', 'three', 'two'].map((each) => log.append(bytes(each))));
        await log.close();
        const { log: second, messages } = await reopened();
        expect(messages).toEqual(['one', 'two', 'three']);
        second.forget(bytes('two'));
        await second.append(bytes('four'));
        await second.close();
        // It was forgotten, but the file that says so has not been begun: whoever asks will find it decided.
        expect((await reopened()).messages).toEqual(['one', 'two', 'three', 'four']);
    });

    test('begins a new file with what waits when the old one is long, and loses nothing that comes meanwhile', async () => {
        const { log } = await reopened(40);
        for (let at = 0; at < 30; at += 1) {
            await Promise.all([log.append(bytes(`gone ${at}`)), log.append(bytes(`kept ${at}`))]);
            log.forget(bytes(`gone ${at}`));
            if (at < 25) log.forget(bytes(`kept ${at}`));
        }
        await log.close();
        expect(readdirSync(directory)).toHaveLength(1);
        const { messages } = await reopened(40);
        expect(messages.filter((each) => each.startsWith('kept')).slice(-5)).toEqual(
            [25, 26, 27, 28, 29].map((at) => `kept ${at}`),
        );
        expect(messages.length).toBeLessThan(20);
    });

    test('survives an end between two files: the older one is still there', async () => {
        const { log } = await reopened();
        await log.append(bytes('one'));
        await log.close();
        const [name = ''] = readdirSync(directory);
        const next = name.replace(/\d+/, (number) => String(Number(number) + 1));
        rmSync(join(directory, next), { force: true });
        const { log: begun } = await IntakeLog.open(directory);
        await begun.close();
        expect((await reopened()).messages).toEqual(['one']);
    });
});
