import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testPostgres, type TestPostgres } from '../testing/postgres';
import type { TestChain } from '../testing/chain/test-chain';
import { sourceOf } from '../testing/chain/test-chain';
import { DAY, FIRST, tradedChain, TRADED } from '../testing/chain/traded-chain';
import { follow } from './follow';
import { openReadModel } from './open';

let chain: TestChain;
let folder: string;
let postgres: TestPostgres;
beforeAll(async () => {
    let t = performance.now();
    folder = mkdtempSync(join(tmpdir(), 'read-model-'));
    chain = await tradedChain();
    console.log('chain', chain.blocks.length, performance.now() - t);
    t = performance.now();
    postgres = await testPostgres();
    console.log('pg', performance.now() - t);
});
afterAll(async () => {
    await postgres.stop();
    chain.remove();
    rmSync(folder, { recursive: true });
});
describe('x', () => {
    it('y', async () => {
        for (const c of [join(folder, 'a.sqlite'), postgres.connection]) {
            const t = performance.now();
            const model = await openReadModel(c);
            console.log('open', performance.now() - t);
            await follow(sourceOf(chain.blocks), model, new AbortController().signal, {
                upTo: chain.blocks.length - 1,
                onInterruption: (e) => console.log(e),
            });
            console.log(await model.digest(), await model.queries.counts(), performance.now() - t);
            console.log(await model.queries.day(DAY), await model.queries.round(TRADED));
            await model.close();
        }
        expect(FIRST).toBeGreaterThan(0);
    });
});
