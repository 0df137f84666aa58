import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomNumbers } from '../data/random';
import { dayKey } from '@commonwatt/chaincode/api/keys';
import { FailingDatabase } from '../testing/chain/failing-database';
import { marketChain, writing } from '../testing/chain/market-chain';
import { sourceOf, TestChain } from '../testing/chain/test-chain';
import { testPostgres, type TestPostgres } from '../testing/postgres';
import { follow, type FollowOptions } from './follow';
import { ForkedChain, WrongChannel, type BlockSource, type ReadModel } from './model';
import { openDatabase, openReadModel } from './open';
import { StoredReadModel } from './store';

/** Numbers from 0 up to but without another, the same in every run. */
function dice(name: string): (below: number) => number {
    const random = randomNumbers(`following ${name}`);
    return (below) => Math.floor(random() * below);
}

let chain: TestChain;
let folder: string;
let last: number;
let whole: string;
let files = 0;
const file = (): string => join(folder, `${(files += 1)}.sqlite`);
const NEVER = new AbortController().signal;
const AT_ONCE: FollowOptions = { waits: [0] };

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'following-'));
    chain = await marketChain();
    last = chain.blocks.length - 1;
    const model = await openReadModel(file());
    await follow(sourceOf(chain.blocks), model, NEVER, { upTo: last });
    whole = await model.digest();
    await model.close();
});

afterAll(() => {
    chain.remove();
    rmSync(folder, { recursive: true });
});

/** A peer whose streams break off after so many blocks. */
function breakingOff(after: () => number): BlockSource {
    return {
        blocks: async (from) => {
            const end = from + after();
            const stream = await sourceOf(chain.blocks, end).blocks(from);
            return {
                close: () => undefined,
                async *[Symbol.asyncIterator]() {
                    yield* stream;
                    throw new Error('the connection is gone');
                },
            };
        },
    };
}

async function digestAt(connection: string): Promise<string> {
    const model = await openReadModel(connection);
    try {
        return await model.digest();
    } finally {
        await model.close();
    }
}

describe('who follows a chain', () => {
    it('goes on where blocks stopped coming, and is told why they did', async () => {
        const random = dice('0');
        const heard: string[] = [];
        const model = await openReadModel(file());
        await follow(
            breakingOff(() => random(4)),
            model,
            NEVER,
            {
                ...AT_ONCE,
                upTo: last,
                onInterruption: (error) => heard.push(error instanceof Error ? error.message : ''),
            },
        );
        expect(heard.length).toBeGreaterThan(3);
        expect(heard[0]).toBe('no more blocks come: the connection is gone');
        expect(await model.digest()).toBe(whole);
        await model.close();
    });

    it('ends when it is told to, and goes on another time', async () => {
        const connection = file();
        const model = await openReadModel(connection);
        const stopping = new AbortController();
        const stop = model.subscribe(({ to }) => {
            if (to >= 3) {
                stopping.abort();
            }
        });
        await follow(
            breakingOff(() => 2),
            model,
            stopping.signal,
            AT_ONCE,
        );
        stop();
        expect((await model.checkpoint())?.block).toBeLessThan(last);
        await follow(sourceOf(chain.blocks), model, NEVER, { upTo: last });
        await model.close();
        expect(await digestAt(connection)).toBe(whole);
    });

    it('tells listeners of every fact once', async () => {
        const model = await openReadModel(file());
        const facts: (string | null)[] = [];
        model.subscribe((applied) => facts.push(...applied.facts.map(({ type }) => type)));
        const random = dice('1');
        await follow(
            breakingOff(() => 1 + random(3)),
            model,
            NEVER,
            { ...AT_ONCE, upTo: last },
        );
        expect(facts.filter((type) => type === 'DayOpened')).toHaveLength(1);
        expect(facts).toHaveLength((await model.queries.facts(undefined, undefined, 500)).length);
        await model.close();
    });

    it('may have others beside it: each block is in once', async () => {
        const connection = file();
        const models = [await openReadModel(connection), await openReadModel(connection)];
        const random = dice('2');
        const blocks = (): number => 1 + random(3);
        await Promise.all(models.map((model) => follow(breakingOff(blocks), model, NEVER, { ...AT_ONCE, upTo: last })));
        await Promise.all(models.map((model) => model.close()));
        expect(await digestAt(connection)).toBe(whole);
    });
});

describe('a database that fails between any two statements', () => {
    let postgres: TestPostgres;
    beforeAll(async () => {
        postgres = await testPostgres();
    });
    afterAll(() => postgres.stop());

    /** Follows, fails after so many statements, and goes on with what the database has then, as after a kill. */
    async function broken(connection: string, statements: number): Promise<string> {
        const failing = new FailingDatabase(await openDatabase(connection), statements);
        const model = await StoredReadModel.over(failing);
        const stopped = follow(
            breakingOff(() => 3),
            model,
            NEVER,
            { ...AT_ONCE, upTo: last },
        );
        await expect(stopped).rejects.toThrow('the process is killed');
        await failing.close();
        const again = await openReadModel(connection);
        await follow(sourceOf(chain.blocks), again, NEVER, { upTo: last });
        const digest = await again.digest();
        await again.close();
        return digest;
    }

    it('loses and repeats nothing in a file', async () => {
        const random = dice('3');
        for (let run = 0; run < 20; run += 1) {
            const statements = 3 + random(90);
            expect([statements, await broken(file(), statements)]).toEqual([statements, whole]);
        }
    });

    it("loses and repeats nothing in PostgreSQL, nor where the server's connections end", async () => {
        const random = dice('4');
        for (let run = 0; run < 4; run += 1) {
            const database = await openDatabase(postgres.connection);
            await database.become(await database.beside());
            await database.close();
            const statements = 3 + random(90);
            expect([statements, await broken(postgres.connection, statements)]).toEqual([statements, whole]);
        }
        const database = await openDatabase(postgres.connection);
        await database.become(await database.beside());
        const model = await StoredReadModel.over(database);
        let applied = 0;
        model.subscribe(() => {
            applied += 1;
            if (applied === 3) {
                void postgres.interrupt();
            }
        });
        await follow(
            breakingOff(() => 2),
            model,
            NEVER,
            { ...AT_ONCE, upTo: last },
        );
        expect(await model.digest()).toBe(whole);
        await model.close();
    });
});

describe('another chain', () => {
    let connection: string;
    let model: ReadModel;
    const half = 8;
    beforeEach(async () => {
        connection = file();
        model = await openReadModel(connection);
        await follow(sourceOf(chain.blocks), model, NEVER, { upTo: half });
    });

    async function expectRefusal(source: BlockSource, kind: typeof ForkedChain | typeof WrongChannel): Promise<void> {
        const before = await model.digest();
        await expect(follow(source, model, NEVER, AT_ONCE)).rejects.toThrow(kind);
        expect(await model.digest()).toBe(before);
        await model.close();
    }

    it('is refused where its first block is another, also if it is shorter', async () => {
        const other = await TestChain.create(1);
        await expectRefusal(sourceOf(other.blocks), WrongChannel);
        other.remove();
    });

    it('is refused where it parts at the block that was taken in last', async () => {
        const fork = chain.forked(half);
        fork.add(writing('auction:openDay', [[dayKey('2014-10-09'), null]]));
        await expectRefusal(sourceOf(fork.blocks), ForkedChain);
    });

    it('is refused where the next block names another predecessor', async () => {
        const fork = chain.forked(half);
        fork.add(writing('auction:openDay', [[dayKey('2014-10-09'), null]]));
        fork.add(writing('auction:openDay', [[dayKey('2014-10-10'), null]]));
        await expectRefusal(
            sourceOf([...chain.blocks.slice(0, half + 1), ...fork.blocks.slice(half + 1)]),
            ForkedChain,
        );
    });

    it('is refused where a block holds other data than its header says', async () => {
        const forged = chain.blocks[half + 1]?.clone();
        forged?.getData()?.setDataList([chain.envelope(writing('auction:openDay', [[dayKey('2014-10-09'), null]]))]);
        const before = await model.digest();
        const blocks = [...chain.blocks.slice(0, half + 1), ...(forged ? [forged] : [])];
        await expect(follow(sourceOf(blocks), model, NEVER, AT_ONCE)).rejects.toThrow(/holds other data/);
        expect(await model.digest()).toBe(before);
        await model.close();
    });
});
