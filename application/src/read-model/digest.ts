import { createHash } from 'node:crypto';
import type { Reading, SqlRow, SqlValue } from './sql/database';
import { CHECKPOINT, TABLES } from './sql/schema';
import { quoted, type Table } from './sql/table';

/** Rows that are read at once: memory stays as it is however long the chain. */
const AT_ONCE = 2_000;

/**
 * SHA-256 of all that follows from the chain: each table by its name and each of its rows, in order of its key, as a JSON list of its columns. No
 * clock, no order of arrival and no database has a part in it.
 */
export async function digestOf(sql: Reading): Promise<string> {
    const digest = createHash('sha256');
    for await (const line of dump(sql)) {
        digest.update(line);
    }
    return digest.digest('hex');
}

/** The lines that `digestOf` sums up. */
export async function* dump(sql: Reading): AsyncGenerator<string, void, undefined> {
    for (const table of [CHECKPOINT, ...Object.values(TABLES)]) {
        yield `${table.name}\n`;
        const columns = Object.keys(table.columns);
        for await (const row of rowsOf(sql, table)) {
            yield `${JSON.stringify(columns.map((column) => row[column]))}\n`;
        }
    }
}

async function* rowsOf(sql: Reading, { name, key, columns }: Table): AsyncGenerator<SqlRow, void, undefined> {
    const all = quoted(Object.keys(columns));
    const order = quoted(key);
    const places = key.map((_, i) => `$${i + 1}`).join(', ');
    let after: readonly SqlValue[] | undefined;
    for (;;) {
        const where = after === undefined ? '' : ` WHERE (${order}) > (${places})`;
        const text = `SELECT ${all} FROM {${name}}${where} ORDER BY ${order} LIMIT ${AT_ONCE}`;
        const rows = await sql.query(text, after);
        yield* rows;
        const last = rows.at(-1);
        if (last === undefined || rows.length < AT_ONCE) {
            return;
        }
        after = key.map((column) => last[column] ?? null);
    }
}
