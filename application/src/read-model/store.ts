import type { common } from '@hyperledger/fabric-protos';
import { decodeBlock, type DecodedBlock } from './blocks/block';
import { digestOf } from './digest';
import { BlockRows } from './rows-of-block';
import { ForkedChain, WrongChannel, type Applied, type Queries, type ReadModel } from './model';
import { queriesOn } from './queries/queries';
import type { Checkpoint } from './rows';
import type { Database, Reading, Writing } from './sql/database';
import { CHECKPOINT, LAYOUT, LAYOUT_NOW, TABLES } from './sql/schema';

/** The database was made by a version of this program that laid out rows in another way. */
export class OtherLayout extends Error {
    override readonly name = 'OtherLayout';
}

/** A read model in a database: the only one who writes there. */
export class StoredReadModel implements ReadModel {
    readonly queries: Queries;
    readonly database: Database;
    readonly #listeners = new Set<(applied: Applied) => void>();

    private constructor(database: Database) {
        this.database = database;
        this.queries = queriesOn(database);
    }

    /** @throws OtherLayout */
    static async over(database: Database): Promise<StoredReadModel> {
        await database.write(async (sql) => {
            const [made] = await sql.query('SELECT "layout" FROM {layout}');
            if (made === undefined) {
                await sql.put(LAYOUT, [{ id: 1, layout: LAYOUT_NOW }], 'add');
            } else if (made['layout'] !== LAYOUT_NOW) {
                throw new OtherLayout(
                    'the read model was made by another version; `commonwatt read-model rebuild` makes it anew',
                );
            }
        });
        return new StoredReadModel(database);
    }

    checkpoint(): Promise<Checkpoint | undefined> {
        return checkpointIn(this.database);
    }

    async apply(blocks: readonly common.Block[]): Promise<Applied> {
        const decoded = blocks.map(decodeBlock);
        const rows = await this.database.write(async (sql) => {
            const at = await checkpointIn(sql);
            const fresh = await following(sql, at, decoded);
            const made = new BlockRows();
            fresh.forEach((block) => {
                made.add(block);
            });
            await write(sql, made, at, fresh);
            return made;
        });
        const applied = {
            from: rows.blocks[0]?.number ?? 0,
            to: rows.blocks.at(-1)?.number ?? -1,
            transactions: rows.transactions.length,
            facts: rows.told,
        };
        if (rows.blocks.length > 0) {
            this.#listeners.forEach((listener) => {
                listener(applied);
            });
        }
        return applied;
    }

    subscribe(listener: (applied: Applied) => void): () => void {
        this.#listeners.add(listener);
        return () => {
            this.#listeners.delete(listener);
        };
    }

    digest(): Promise<string> {
        return this.database.snapshot(digestOf);
    }

    close(): Promise<void> {
        this.#listeners.clear();
        return this.database.close();
    }
}

async function checkpointIn(sql: Reading): Promise<Checkpoint | undefined> {
    const [row] = await sql.query('SELECT "channel", "genesis_hash", "block", "hash" FROM {checkpoint}');
    return (
        row && {
            channel: String(row['channel']),
            genesisHash: String(row['genesis_hash']),
            block: Number(row['block']),
            hash: String(row['hash']),
        }
    );
}

/** Those of the blocks that come next, after all have been found to be of this chain. */
async function following(
    sql: Reading,
    at: Checkpoint | undefined,
    blocks: readonly DecodedBlock[],
): Promise<readonly DecodedBlock[]> {
    const channel = at?.channel ?? channelOf(blocks[0]);
    const known = at ?? { block: -1, hash: '' };
    let last = { number: known.block, hash: known.hash };
    const fresh: DecodedBlock[] = [];
    for (const block of blocks) {
        if (channelOf(block) !== channel) {
            const what = `block ${block.number} is of channel '${channelOf(block)}'`;
            throw new WrongChannel(`${what}, the read model of '${channel}'`);
        }
        if (block.number <= known.block) {
            await assertKnown(sql, block);
        } else {
            assertFollows(block, last);
            fresh.push(block);
            last = block;
        }
    }
    return fresh;
}

function assertFollows(block: DecodedBlock, last: { readonly number: number; readonly hash: string }): void {
    if (block.number !== last.number + 1) {
        throw new RangeError(`block ${block.number} does not come after block ${last.number}`);
    }
    if (block.number > 0 && block.previousHash !== last.hash) {
        const named = `block ${block.number} names ${block.previousHash} as its predecessor`;
        throw new ForkedChain(`${named}; block ${last.number} of the read model is ${last.hash}: there are two chains`);
    }
}

/** All envelopes of a block are of its channel: the ordering service takes no others. */
function channelOf(block: DecodedBlock | undefined): string {
    return block?.transactions.find(({ channel }) => channel !== '')?.channel ?? '';
}

async function assertKnown(sql: Reading, { number, hash }: DecodedBlock): Promise<void> {
    const [known] = await sql.query('SELECT "hash" FROM {blocks} WHERE "number" = $1', [number]);
    if (known?.['hash'] === hash) {
        return;
    }
    const message = `block ${number} has the hash ${hash} at the peer and ${String(known?.['hash'])} in the read model`;
    throw number === 0
        ? new WrongChannel(`${message}: it is of another channel`)
        : new ForkedChain(`${message}: there are two chains`);
}

async function write(
    sql: Writing,
    rows: BlockRows,
    at: Checkpoint | undefined,
    fresh: readonly DecodedBlock[],
): Promise<void> {
    const last = fresh.at(-1);
    if (last === undefined) {
        return;
    }
    for (const name of ['blocks', 'transactions', 'writes', 'facts', 'powers', 'unreadable'] as const) {
        await sql.put(TABLES[name], rows[name], 'add');
    }
    for (const { name, put, gone } of rows.changes.all()) {
        await sql.put(TABLES[name], put, 'replace');
        await sql.remove(TABLES[name], gone);
    }
    const [first] = fresh;
    const next = {
        id: 1,
        channel: at?.channel ?? channelOf(first),
        genesis_hash: at?.genesisHash ?? first?.hash ?? '',
        block: last.number,
        hash: last.hash,
    };
    await sql.put(CHECKPOINT, [next], 'replace');
}
