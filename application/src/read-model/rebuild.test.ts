import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { marketChain } from '../testing/chain/market-chain';
import { sourceOf, TestChain } from '../testing/chain/test-chain';
import { testPostgres, type TestPostgres } from '../testing/postgres';
import { follow } from './follow';
import { WrongChannel } from './model';
import { openDatabase, openReadModel } from './open';
import { rebuild } from './rebuild';
import { LAYOUT, TABLES } from './sql/schema';
import { OtherLayout } from './store';

let chain: TestChain;
let folder: string;
let postgres: TestPostgres;
const NEVER = new AbortController().signal;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rebuild-'));
    [chain, postgres] = await Promise.all([marketChain(), testPostgres()]);
});

afterAll(async () => {
    await postgres.stop();
    chain.remove();
    rmSync(folder, { recursive: true });
});

const half = 5;
const last = (): number => chain.blocks.length - 1;

describe.each([
    { name: 'a file', connection: () => join(folder, 'read-model.sqlite') },
    { name: 'PostgreSQL', connection: () => postgres.connection },
])('a read model in $name that is rebuilt from block 0', ({ connection }) => {
    const digest = async (): Promise<string> => {
        const model = await openReadModel(connection());
        const said = await model.digest();
        await model.close();
        return said;
    };

    it('is the same, byte for byte, as the one that followed', async () => {
        const model = await openReadModel(connection());
        await follow(sourceOf(chain.blocks), model, NEVER, { upTo: half });
        const before = await model.digest();
        await model.close();
        const rebuilt = await rebuild(sourceOf(chain.blocks), connection(), last(), NEVER);
        expect(rebuilt).toMatchObject({ isSame: true, before: { block: half, digest: before } });
        expect(rebuilt.again).toEqual(rebuilt.before);
        expect(rebuilt.after).toEqual({ block: last(), digest: await digest() });
        expect(readdirSync(folder).filter((file) => file.includes('rebuild'))).toEqual([]);
    });

    it('says that it was another where somebody changed it, and is right again', async () => {
        const right = await digest();
        const database = await openDatabase(connection());
        await database.write((sql) =>
            sql.put(
                TABLES.payments,
                [{ msp_id: 'H2MSP', from_day: 'a', to_day: 'b', id: 'bill', status: 'paid' }],
                'replace',
            ),
        );
        await database.close();
        expect(await digest()).not.toBe(right);
        expect(await rebuild(sourceOf(chain.blocks), connection(), last(), NEVER)).toMatchObject({
            isSame: false,
            after: { digest: right },
        });
        expect(await digest()).toBe(right);
    });

    it('stays as it is where the rebuild is broken off', async () => {
        const before = await digest();
        const stopping = new AbortController();
        const blocks = sourceOf(chain.blocks);
        const ending = {
            blocks: (from: number) => {
                stopping.abort();
                return blocks.blocks(from);
            },
        };
        await expect(rebuild(ending, connection(), last(), stopping.signal)).rejects.toThrow();
        expect(await digest()).toBe(before);
    });

    it('is not replaced by another channel', async () => {
        const before = await digest();
        const other = await TestChain.create(1);
        await expect(rebuild(sourceOf(other.blocks), connection(), 0, NEVER)).rejects.toThrow(WrongChannel);
        other.remove();
        expect(await digest()).toBe(before);
    });

    it('is not opened where another version made it, and a rebuild mends that', async () => {
        const before = await digest();
        const database = await openDatabase(connection());
        await database.write((sql) => sql.put(LAYOUT, [{ id: 1, layout: 'older' }], 'replace'));
        await database.close();
        await expect(openReadModel(connection())).rejects.toThrow(OtherLayout);
        const rebuilt = await rebuild(sourceOf(chain.blocks), connection(), last(), NEVER);
        expect(rebuilt).toMatchObject({ before: undefined, isSame: true, after: { digest: before } });
        expect(await digest()).toBe(before);
    });
});

describe('who has a read model open that is rebuilt', () => {
    it('sees the new one, and goes on from there', async () => {
        const file = join(folder, 'open.sqlite');
        const model = await openReadModel(file);
        await follow(sourceOf(chain.blocks), model, NEVER, { upTo: half });
        const { after } = await rebuild(sourceOf(chain.blocks), file, half + 2, NEVER);
        expect(await model.checkpoint()).toMatchObject({ block: half + 2 });
        expect(await model.digest()).toBe(after.digest);
        await follow(sourceOf(chain.blocks), model, NEVER, { upTo: last() });
        expect(await model.checkpoint()).toMatchObject({ block: last() });
        await model.close();
    });
});
