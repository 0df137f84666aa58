import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY, FIRST, marketChain, SECRET, SLOTS } from '../testing/chain/market-chain';
import { sourceOf, type TestChain } from '../testing/chain/test-chain';
import { testPostgres, type TestPostgres } from '../testing/postgres';
import { dump } from './digest';
import { follow } from './follow';
import type { Queries } from './model';
import { openDatabase } from './open';
import { StoredReadModel } from './store';

let chain: TestChain;
let folder: string;
let postgres: TestPostgres;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'read-model-'));
    [chain, postgres] = await Promise.all([marketChain(), testPostgres()]);
});

afterAll(async () => {
    await postgres.stop();
    chain.remove();
    rmSync(folder, { recursive: true });
});

/** A real server where there is one, besides PostgreSQL in this process. */
const SERVER = process.env['COMMONWATT_POSTGRES'];
const DATABASES = [
    { name: 'SQLite', connection: () => join(folder, 'read-model.sqlite') },
    { name: 'PostgreSQL', connection: () => postgres.connection },
    ...(SERVER === undefined ? [] : [{ name: "PostgreSQL's own server", connection: () => SERVER }]),
];
const digests = new Map<string, string>();

describe.each(DATABASES)('a read model in $name', ({ name, connection }) => {
    let model: StoredReadModel;
    let queries: Queries;

    beforeAll(async () => {
        const database = await openDatabase(connection());
        await database.become(await database.beside()); // Whatever an earlier run left on a server.
        model = await StoredReadModel.over(database);
        await follow(sourceOf(chain.blocks), model, new AbortController().signal, { upTo: chain.blocks.length - 1 });
        ({ queries } = model);
        digests.set(name, await model.digest());
    });
    afterAll(() => model.close());

    it('counts what is in it', async () => {
        const transactions = 1 + 3 + SLOTS * 4 + 8;
        expect(await queries.counts()).toEqual({
            blocks: chain.blocks.length,
            transactions,
            invalid: 1,
            unreadable: 0,
        });
        const at = await model.checkpoint();
        const newest = await queries.block(chain.blocks.length - 1);
        expect(at).toMatchObject({
            channel: chain.community.topology.channel,
            block: newest?.number,
            hash: newest?.hash,
        });
    });

    it('has blocks, newest first, each with its producer', async () => {
        const two = await queries.blocks(undefined, 2);
        expect(two.map(({ number }) => number)).toEqual([chain.blocks.length - 1, chain.blocks.length - 2]);
        expect(two[0]?.previousHash).toBe(two[1]?.hash);
        expect(await queries.block(2)).toMatchObject({ producer: 'H1MSP', height: 2, isConfiguration: false });
        expect(await queries.block(0)).toMatchObject({ producer: null, isConfiguration: true, invalid: 0 });
        expect(await queries.producers(1, 4)).toMatchObject({
            from: 1,
            to: 4,
            producers: [
                { mspId: 'H1MSP', blocks: 2, power: '1' },
                { mspId: 'H2MSP', blocks: 2 },
                { mspId: 'DSOMSP', blocks: 0 },
            ].sort((a, b) => (a.mspId < b.mspId ? -1 : 1)),
            unnamed: 0,
        });
    });

    it('knows the day, its rounds, prices and sums', async () => {
        const [day] = await queries.days();
        expect(day).toMatchObject({
            day: DAY,
            firstSlot: FIRST,
            isClosed: true,
            rounds: { open: 0, closed: 0, cleared: SLOTS - 1, void: 1 },
            sums: { tradedWh: '300', households: 2, postings: [{ account: 'community', amountNanos: '9000000' }, {}] },
            schedule: { status: 'notConverged', reason: 'too late' },
        });
        expect(await queries.day(DAY)).toEqual(day);
        const rounds = await queries.rounds(DAY);
        expect(rounds.map(({ status }) => status).filter((status) => status === 'void')).toHaveLength(1);
        expect(rounds.map(({ price }) => price).slice(0, 4)).toEqual([null, '150001', null, '150003']);
        expect((await queries.priceHistory(FIRST + 1, FIRST + 3)).map(({ slot }) => slot - FIRST)).toEqual([1, 2, 3]);
        expect(rounds[1]).toMatchObject({ volumeWh: '300', surplusNanos: '0', orders: 2, replay: true });
    });

    it('leads from a round to the transactions that made it, of which the invalid one is none', async () => {
        const round = await queries.round(FIRST);
        const made = ['auction:openDay', 'auction:closeRound', 'auction:clearRound'];
        expect(round?.history.map((each) => each.function)).toEqual(made);
        expect(JSON.parse(round?.record ?? '')).toMatchObject({ status: 'cleared', slot: String(FIRST) });
        expect(round?.transactionId).toBe(round?.history.at(-1)?.transactionId);
    });

    it('tells a transaction with its arguments, endorsers, facts, and what it wrote', async () => {
        const [made] = await queries.facts('OrderSubmitted', undefined, 1);
        const transaction = await queries.transaction(made?.transactionId ?? '');
        expect(transaction).toMatchObject({
            type: 'transaction',
            chaincode: 'market',
            function: 'auction:submitOrders',
            arguments: ['{"of":"auction:submitOrders"}'],
            creator: 'H2MSP',
            endorsers: ['DSOMSP', 'H1MSP'],
            code: 0,
            isValid: true,
            facts: [{ type: 'OrderSubmitted' }],
            writes: 1,
            privateWrites: 1,
        });
        const [order, hidden] = transaction?.written ?? [];
        const slot = String(FIRST + SLOTS - 1).padStart(10, '0');
        expect(order).toMatchObject({ isPrivate: false, kind: 'order', key: { slot, mspId: 'H2MSP', id: 'o1' } });
        expect(Object.keys(hidden ?? {}).sort()).toEqual([
            'collection',
            'isPrivate',
            'keyHash',
            'namespace',
            'valueHash',
        ]);
        expect(await queries.writes(made?.transactionId ?? '', 1)).toEqual([hidden]);
    });

    it('knows members, roles, weights and committees', async () => {
        expect(await queries.members()).toMatchObject([
            { mspId: 'DSOMSP', isHousehold: false, roles: ['dso', 'operator'] },
            { mspId: 'H1MSP', isHousehold: true, prosumer: true, standings: [{ status: 'active' }] },
            { mspId: 'H2MSP', isHousehold: true, roles: ['auditor'], prosumer: false },
        ]);
        const stake = await queries.stakeAndWeights();
        expect(stake).toMatchObject({ epoch: DAY, status: 'revealing', seed: null, committee: null });
        expect(stake?.weights).toMatchObject([{ mspId: 'H1MSP', tokens: '9', committed: true }, { committed: false }]);
        expect(await queries.stakeAndWeights('2014-10-04')).toBeUndefined();
        expect((await queries.committee(FIRST))?.fromSlot).toBe(FIRST - 96);
        expect((await queries.committee(FIRST + 96))?.fromSlot).toBe(FIRST + 96);
        expect(await queries.committee(1)).toBeUndefined();
    });

    it('knows of bills that they are there, and how they stand', async () => {
        const [bill] = await queries.bills('H1MSP');
        expect(bill).toMatchObject({ from: DAY, provisional: false, payment: 'paid', number: 7, dueDay: '2014-10-31' });
        expect((await queries.history('payment', ['H1MSP', DAY, DAY, 'bill'])).map(({ function: by }) => by)).toEqual([
            'accounts:payBill',
            'billing:issueBill',
        ]);
        expect(await queries.bills('H2MSP')).toEqual([]);
    });

    it('answers what is not there, and what makes no sense, with nothing', async () => {
        expect(await queries.block(-1)).toBeUndefined();
        expect(await queries.block(1.5)).toBeUndefined();
        expect(await queries.blocks(NaN)).toEqual([]);
        expect(await queries.blocks(undefined, -3)).toEqual([]);
        expect(await queries.transaction('')).toBeUndefined();
        expect(await queries.transaction("' OR 1=1 --")).toBeUndefined();
        expect(await queries.rounds("'; DROP TABLE rounds")).toEqual([]);
        expect(await queries.record('round', '%', '%')).toBeUndefined();
        expect(await queries.day('')).toBeUndefined();
    });

    it('holds nothing that is private', async () => {
        const lines: string[] = [];
        await model.database.snapshot(async (sql) => {
            for await (const line of dump(sql)) {
                lines.push(line);
            }
        });
        const whole = lines.join('');
        expect(whole).toContain('_implicit_org_H1MSP');
        expect(whole).not.toContain(SECRET);
        expect(whole).not.toContain(Buffer.from(SECRET).toString('base64'));
        expect(whole).not.toContain('order/o1');
    });
});

describe('the same chain', () => {
    it('has the same digest in every database', () => {
        expect(new Set(digests.values()).size).toBe(1);
        expect(digests.size).toBe(DATABASES.length);
    });
});
