import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Database, Meeting, Reading, SqlRow, SqlValue, Writing } from './database';
import { ALL_TABLES, LAYOUT, LAYOUT_NOW } from './schema';
import { creationOf, named, quoted, replacement, type Dialect, type Table } from './table';

const DIALECT: Dialect = { integer: 'INTEGER', text: 'TEXT', nameOf: (table) => `"${table}"` };

/**
 * Transactions of this process, one after the other for each file: SQLite lets nothing else of the process run while it waits for a lock, so nobody
 * waits in it for a transaction of his own process.
 */
const turns = new Map<string, Promise<unknown>>();

/** How long a process waits for another that writes. */
const BUSY_MS = 30_000;

/**
 * Node's own SQLite, in a file. What is written goes through one connection, questions through another: they never see half of a transaction. After a
 * loss of power the last transactions may be missing, never a part of one: they are in the blocks.
 */
export class SqliteDatabase implements Database {
    readonly #file: string;
    readonly #writer: Connection;
    readonly #reader: Connection;
    constructor(file: string) {
        this.#file = resolve(file);
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        this.#writer = new Connection(file);
        this.#writer.run('PRAGMA journal_mode = WAL');
        this.#writer.run('PRAGMA synchronous = NORMAL');
        this.#writer.inTransaction(() => {
            this.#create();
        });
        this.#reader = new Connection(file);
    }

    query(text: string, parameters: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
        return this.#reader.query(text, parameters);
    }

    write<T>(work: (sql: Writing) => Promise<T>): Promise<T> {
        return this.#next(async () => {
            this.#writer.run('BEGIN IMMEDIATE');
            return this.#writer.ending(work(this.#writer));
        });
    }

    async snapshot<T>(work: (sql: Reading) => Promise<T>): Promise<T> {
        const connection = new Connection(this.#file);
        try {
            connection.run('BEGIN');
            return await connection.ending(work(connection));
        } finally {
            connection.close();
        }
    }

    beside(): Promise<Database> {
        const file = `${this.#file}.rebuild`;
        removeFile(file);
        return Promise.resolve(new SqliteDatabase(file));
    }

    async become(other: Database): Promise<void> {
        if (!(other instanceof SqliteDatabase)) {
            throw new TypeError('a database in a file takes over from another in a file');
        }
        await other.close();
        await this.#next(() => {
            this.#writer.attached(other.#file, 'fresh', () => {
                // Its own may be of another layout.
                for (const table of this.#writer.tables()) {
                    this.#writer.run(`DROP TABLE main."${table}"`);
                }
                this.#create();
                for (const { name } of ALL_TABLES) {
                    this.#writer.run(`DELETE FROM main."${name}"`);
                    this.#writer.run(`INSERT INTO main."${name}" SELECT * FROM fresh."${name}"`);
                }
            });
            return Promise.resolve();
        });
        removeFile(other.#file);
    }

    async close(): Promise<void> {
        await turns.get(this.#file);
        this.#reader.close();
        this.#writer.close();
    }

    /** Where another version made other tables, they are left as they are, for a rebuild to replace. */
    #create(): void {
        this.#writer.create(LAYOUT);
        if (this.#writer.isOfThisLayout()) {
            ALL_TABLES.forEach((table) => {
                this.#writer.create(table);
            });
        }
    }

    #next<T>(work: () => Promise<T>): Promise<T> {
        const turn = (turns.get(this.#file) ?? Promise.resolve()).then(work);
        turns.set(
            this.#file,
            turn.catch(() => undefined),
        );
        return turn;
    }
}

function removeFile(file: string): void {
    for (const each of [file, `${file}-wal`, `${file}-shm`].filter(existsSync)) {
        rmSync(each);
    }
}

class Connection implements Writing {
    readonly #database: DatabaseSync;
    readonly #statements = new Map<string, StatementSync>();

    constructor(file: string) {
        this.#database = new DatabaseSync(file, { timeout: BUSY_MS });
    }

    run(text: string): void {
        this.#database.exec(text);
    }

    create(table: Table): void {
        creationOf(table, DIALECT).forEach((statement) => {
            this.run(statement);
        });
    }

    isOfThisLayout(): boolean {
        const made = this.#database.prepare(`SELECT "layout" FROM main."${LAYOUT.name}"`).get();
        return made === undefined || made['layout'] === LAYOUT_NOW;
    }

    tables(): string[] {
        const rows = this.#database.prepare("SELECT name FROM main.sqlite_master WHERE type = 'table'").all();
        return rows.map(({ name }) => String(name));
    }

    query(text: string, parameters: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
        try {
            return Promise.resolve(this.#prepared(text).all(...parameters) as unknown as readonly SqlRow[]);
        } catch (error) {
            return Promise.reject(error instanceof Error ? error : new Error(String(error)));
        }
    }

    put(table: Table, rows: readonly SqlRow[], meeting: Meeting): Promise<void> {
        const columns = Object.keys(table.columns);
        const places = columns.map((_, i) => `$${i + 1}`).join(', ');
        const onConflict = meeting === 'replace' ? ` ${replacement(table)}` : '';
        const insert = `INSERT INTO {${table.name}} (${quoted(columns)}) VALUES (${places})${onConflict}`;
        return this.#each(insert, columns, rows);
    }

    remove(table: Table, keys: readonly SqlRow[]): Promise<void> {
        const condition = table.key.map((name, i) => `"${name}" = $${i + 1}`).join(' AND ');
        return this.#each(`DELETE FROM {${table.name}} WHERE ${condition}`, table.key, keys);
    }

    inTransaction(work: () => void): void {
        this.run('BEGIN IMMEDIATE');
        try {
            work();
            this.run('COMMIT');
        } catch (error) {
            this.run('ROLLBACK');
            throw error;
        }
    }

    /** Commits what the work did, or takes it back. */
    async ending<T>(work: Promise<T>): Promise<T> {
        try {
            const result = await work;
            this.run('COMMIT');
            return result;
        } catch (error) {
            this.run('ROLLBACK');
            throw error;
        }
    }

    /** In one transaction with another file beside this one, as SQLite allows outside of transactions only. */
    attached(file: string, name: string, work: () => void): void {
        this.#database.prepare(`ATTACH DATABASE ? AS "${name}"`).run(file);
        try {
            this.inTransaction(work);
        } finally {
            this.run(`DETACH DATABASE "${name}"`);
        }
    }

    close(): void {
        this.#statements.clear();
        this.#database.close();
    }

    #each(text: string, columns: readonly string[], rows: readonly SqlRow[]): Promise<void> {
        try {
            const statement = this.#prepared(text);
            for (const row of rows) {
                statement.run(...columns.map((name) => row[name] ?? null));
            }
            return Promise.resolve();
        } catch (error) {
            return Promise.reject(error instanceof Error ? error : new Error(String(error)));
        }
    }

    #prepared(text: string): StatementSync {
        const known = this.#statements.get(text);
        if (known !== undefined) {
            return known;
        }
        const made = this.#database.prepare(named(text, DIALECT.nameOf).replaceAll(/\$(\d+)/g, '?$1'));
        this.#statements.set(text, made);
        return made;
    }
}
