import { expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { concurrently } from './concurrently';

const ITEMS = Array.from({ length: 20 }, (_, index) => index);

it('keeps the order of the items and never does more than allowed at once', async () => {
    let running = 0;
    let most = 0;
    const results = await concurrently(ITEMS, 3, async (item) => {
        most = Math.max(most, ++running);
        await turn();
        running -= 1;
        return item * 2;
    });
    expect(results).toEqual(ITEMS.map((item) => item * 2));
    expect(most).toBe(3);
});

it('starts nothing more after a failure, and waits for what it had started', async () => {
    const started: number[] = [];
    const ended: number[] = [];
    const work = concurrently(ITEMS, 2, async (item) => {
        started.push(item);
        await turn();
        if (item === 2) {
            throw new Error('no');
        }
        await turn();
        ended.push(item);
    });
    await expect(work).rejects.toThrow('no');
    expect(started).toEqual([0, 1, 2, 3]);
    expect(ended).toEqual([0, 1, 3]);
});

it('has nothing to do with no items', async () => {
    expect(await concurrently([], 4, () => Promise.reject(new Error('never')))).toEqual([]);
});
