import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { common } from '@hyperledger/fabric-protos';
import { repositoryRoot } from '@commonwatt/network/topology/layout';
import { chosenDay, meterData } from '../../commands/day-choice';
import { charterOf } from '../../commands/look';
import type { CommunityMembers } from '../../community/members';
import { tradeDay } from '../../community/trade';
import { follow } from '../../read-model/follow';
import type { BlockSource } from '../../read-model/model';
import { openDatabase } from '../../read-model/open';
import { StoredReadModel } from '../../read-model/store';
import type { Database } from '../../read-model/sql/database';
import { onNetwork } from '../market/bench-network';
import { median } from '../statistics';
import { repeatedChain, sourceOf } from './repeated-chain';

const PORT_BASE = 21_200;
/** PostgreSQL in this process, for whoever has no server: see application/src/testing. */
const IN_PROCESS = join(repositoryRoot, 'application', 'src', 'testing', 'postgres-server.mjs');

export interface ReadModelWish {
    readonly households: number;
    readonly transactions: number;
    readonly repetitions: number;
    /** `postgres://…` of a server whose read model may be overwritten. */
    readonly server?: string | undefined;
}

export interface CatchUp {
    readonly database: string;
    /** From an empty database to the end of the chain: the middle of the repetitions, the slowest, the fastest. */
    readonly transactionsPerSecond: { readonly median: number; readonly least: number; readonly most: number };
    /** Of all threads of this process, PostgreSQL's own too where it is one of them: what does not depend on who else uses the machine. */
    readonly processorMsPerTransaction: number;
    readonly bytesPerTransaction: number;
    /** From the last block to an answer, in milliseconds: the newest 50 blocks, and a transaction with all it wrote. */
    readonly queryMs: { readonly blocks: number; readonly transaction: number };
    readonly digest: string;
}

export interface ReadModelFigures {
    readonly recorded: { readonly households: number; readonly blocks: number; readonly transactions: number };
    readonly blocks: number;
    readonly transactions: number;
    /** Of envelopes. */
    readonly chainBytesPerTransaction: number;
    readonly databases: readonly CatchUp[];
    readonly isSame: boolean;
    readonly skipped: readonly string[];
}

/** How fast a read model takes in a chain that it has not seen, side by side in each database, in turn. */
export async function measureReadModel(wish: ReadModelWish): Promise<ReadModelFigures> {
    const recorded = await recordedDay(wish.households);
    const chain = repeatedChain(recorded, wish.transactions);
    const transactions = transactionsIn(chain);
    const folder = mkdtempSync(join(tmpdir(), 'commonwatt-bench-'));
    const worker = existsSync(IN_PROCESS) ? new Worker(IN_PROCESS) : undefined;
    try {
        const file = join(folder, 'read-model.sqlite');
        const subjects = [{ name: 'SQLite', connection: file }];
        if (worker !== undefined) {
            const [port] = (await once(worker, 'message')) as [number];
            const connection = `postgres://postgres@127.0.0.1:${port}/postgres`;
            subjects.push({ name: 'PostgreSQL as WebAssembly in a thread', connection });
        }
        if (wish.server !== undefined) {
            subjects.push({ name: "PostgreSQL's own server", connection: wish.server });
        }
        const runs = new Map(subjects.map(({ name }) => [name, [] as Run[]]));
        for (let repetition = 0; repetition < wish.repetitions; repetition += 1) {
            for (const { name, connection } of subjects) {
                runs.get(name)?.push(await caughtUp(connection, chain));
            }
        }
        const databases = [...runs].map(([name, all]) => summary(name, all, transactions));
        return {
            recorded: { households: wish.households, blocks: recorded.length, transactions: transactionsIn(recorded) },
            blocks: chain.length,
            transactions,
            chainBytesPerTransaction: Math.round(bytesIn(chain) / transactions),
            databases,
            isSame: new Set(databases.map(({ digest }) => digest)).size === 1,
            skipped: worker === undefined ? ['PostgreSQL: its build for tests is not installed'] : [],
        };
    } finally {
        await worker?.terminate();
        rmSync(folder, { recursive: true, force: true });
    }
}

const transactionsIn = (blocks: readonly common.Block[]): number =>
    blocks.reduce((sum, block) => sum + (block.getData()?.getDataList().length ?? 0), 0);

function bytesIn(blocks: readonly common.Block[]): number {
    const envelopes = blocks.flatMap((block) => block.getData()?.getDataList_asU8() ?? []);
    return envelopes.reduce((sum, { length }) => sum + length, 0);
}

/** All blocks of a small community that is founded and trades the sample day, as a household's peer has them. */
function recordedDay(households: number): Promise<common.Block[]> {
    return onNetwork({ organisations: households + 1, portBase: PORT_BASE }, async (members) => {
        const { metered } = meterData(members.topology, chosenDay({}));
        const charter = await charterOf(members.operator.calls);
        await tradeDay(members, { charter, metered, progress: { report: () => undefined } });
        return blocksOf(members);
    });
}

async function blocksOf({ operator }: CommunityMembers): Promise<common.Block[]> {
    const { gateway } = operator.calls;
    const height = await gateway.height();
    const source: BlockSource = gateway;
    const stream = await source.blocks(0);
    const blocks: common.Block[] = [];
    for await (const block of stream) {
        blocks.push(block);
        if (blocks.length >= height) {
            break;
        }
    }
    stream.close();
    return blocks;
}

interface Run {
    readonly seconds: number;
    readonly processorMs: number;
    readonly bytes: number;
    readonly blocksMs: number;
    readonly transactionMs: number;
    readonly digest: string;
}

/** @param connection of a database, what is in whose read model is lost */
async function caughtUp(connection: string, chain: readonly common.Block[]): Promise<Run> {
    const database = await openDatabase(connection);
    await database.become(await database.beside());
    const model = await StoredReadModel.over(database);
    try {
        const begin = performance.now();
        const before = process.cpuUsage();
        const upTo = chain.length - 1;
        await follow(sourceOf(chain), model, new AbortController().signal, { upTo });
        const seconds = (performance.now() - begin) / 1000;
        const { user, system } = process.cpuUsage(before);
        const processorMs = (user + system) / 1000;
        const [newest] = await model.queries.transactionsOf(upTo);
        const blocksMs = await took(() => model.queries.blocks(undefined, 50));
        const transactionMs = await took(() => model.queries.transaction(newest?.id ?? ''));
        const bytes = await bytesOf(connection, database);
        return { seconds, processorMs, bytes, blocksMs, transactionMs, digest: await model.digest() };
    } finally {
        await model.close();
    }
}

/** The middle of some, the first of which compiles the query. */
async function took(ask: () => Promise<unknown>): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < 9; i += 1) {
        const begin = performance.now();
        await ask();
        times.push(performance.now() - begin);
    }
    return median(times);
}

/** With indexes; in a file also what is still in its log, where pages may stand twice. */
async function bytesOf(connection: string, database: Database): Promise<number> {
    if (!connection.includes('://')) {
        await database.query('PRAGMA wal_checkpoint(TRUNCATE)');
        return statSync(connection).size;
    }
    const tables =
        "SELECT CAST(SUM(pg_total_relation_size(c.oid)) AS bigint) AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'commonwatt' AND c.relkind = 'r'";
    const [row] = await database.query(tables);
    return Number(row?.['bytes'] ?? 0);
}

function summary(database: string, runs: readonly Run[], transactions: number): CatchUp {
    const rates = runs.map(({ seconds }) => Math.round(transactions / seconds));
    const last = runs.at(-1);
    const hundredth = (of: (run: Run) => number): number => Math.round(median(runs.map(of)) * 100) / 100;
    return {
        database,
        transactionsPerSecond: {
            median: Math.round(median(rates)),
            least: Math.min(...rates),
            most: Math.max(...rates),
        },
        processorMsPerTransaction: hundredth(({ processorMs }) => processorMs / transactions),
        bytesPerTransaction: Math.round((last?.bytes ?? 0) / transactions),
        queryMs: { blocks: hundredth(({ blocksMs }) => blocksMs), transaction: hundredth((run) => run.transactionMs) },
        digest: last?.digest ?? '',
    };
}

export function readModelText(figures: ReadModelFigures): string {
    const { recorded, blocks, transactions, chainBytesPerTransaction, databases, isSame, skipped } = figures;
    return [
        `${transactions} transactions in ${blocks} blocks, ${chainBytesPerTransaction} bytes each: a day of ${recorded.households} homes again and again`,
        ...databases.map(
            ({ database, transactionsPerSecond: rate, processorMsPerTransaction: ms, bytesPerTransaction, queryMs }) =>
                `${database}: ${rate.median} transactions/s (${rate.least}–${rate.most}), ${ms} ms of a processor and ${bytesPerTransaction} bytes each; ` +
                `the newest 50 blocks ${queryMs.blocks} ms, a transaction ${queryMs.transaction} ms`,
        ),
        isSame ? 'All of them hold the same bytes.' : 'They do not hold the same bytes!',
        ...skipped.map((what) => `skipped: ${what}`),
    ].join('\n');
}
