import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { applyLoad } from './load';

describe('a load', () => {
    it('keeps exactly so many transactions under way, and counts only those after the warm-up', async () => {
        let [underWay, most] = [0, 0];
        const submitted: number[] = [];
        const edges: string[] = [];
        const figures = await applyLoad({
            concurrency: 5,
            warmUp: 10,
            measured: 40,
            onWindow: (edge) => edges.push(`${edge} after ${submitted.length}`),
            submit: async (index) => {
                underWay += 1;
                most = Math.max(most, underWay);
                submitted.push(index);
                await pause(1);
                underWay -= 1;
                return { endorseMs: index < 10 ? 1_000 : 3, commitMs: 4 };
            },
        });
        expect(most).toBe(5);
        expect(submitted).toEqual(Array.from({ length: 55 }, (_, index) => index));
        expect(figures).toMatchObject({
            concurrency: 5,
            transactions: 40,
            endorseMs: { p50: 3, p95: 3 },
            wholeMs: { p50: 7, p95: 7 },
        });
        expect(figures.transactionsPerSecond).toBeGreaterThan(0);
        expect(edges.map((edge) => edge.split(' ')[0])).toEqual(['begins', 'ends']);
    });

    it('ends with the first failure and submits nothing more', async () => {
        let submitted = 0;
        const load = applyLoad({
            concurrency: 2,
            warmUp: 0,
            measured: 100,
            submit: async (index) => {
                submitted += 1;
                await pause(1);
                if (index === 3) throw new Error('MVCC_READ_CONFLICT');
                return { endorseMs: 1, commitMs: 1 };
            },
        });
        await expect(load).rejects.toThrow('MVCC_READ_CONFLICT');
        expect(submitted).toBeLessThan(8);
    });
});
