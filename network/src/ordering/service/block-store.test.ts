import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BlockStore } from './block-store';

let directory: string;
let store: BlockStore;

beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'block-store-'));
    store = await BlockStore.open(directory);
});

afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true });
});

describe('block store', () => {
    test('keeps blocks by number and knows its height after it is opened again', async () => {
        for (let number = 0; number < 300; number += 1) {
            await store.append(number, Buffer.from(`block ${number}`));
        }
        await store.close();
        store = await BlockStore.open(directory);
        expect(store.height).toBe(300);
        expect((await store.get(256)).toString()).toBe('block 256');
        await expect(store.get(300)).rejects.toThrow('there is no block 300');
    });

    test('takes no block but the next', async () => {
        await expect(store.append(1, Buffer.from('one'))).rejects.toThrow('does not follow');
        await store.append(0, Buffer.from('zero'));
        await expect(store.append(0, Buffer.from('zero'))).rejects.toThrow('does not follow');
    });

    test('wakes who waits when the block is there, and lets go who gives up', async () => {
        const leaving = new AbortController();
        const staying = new AbortController();
        const left = store.reaches(1, leaving.signal);
        const stayed = store.reaches(1, staying.signal);
        await store.append(0, Buffer.from('zero'));
        leaving.abort();
        expect(await left).toBe(false);
        await store.append(1, Buffer.from('one'));
        expect(await stayed).toBe(true);
        expect(await store.reaches(0, staying.signal)).toBe(true);
        expect(await store.reaches(0, leaving.signal)).toBe(false);
    });
});
