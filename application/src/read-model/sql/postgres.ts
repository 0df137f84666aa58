import { Pool, type PoolClient } from 'pg';
import type { Database, Meeting, Reading, SqlRow, SqlValue, Writing } from './database';
import { ALL_TABLES, LAYOUT, LAYOUT_NOW } from './schema';
import { creationOf, named, quoted, replacement, type Dialect, type Table } from './table';

/** Compared byte by byte, as SQLite does: what comes first must not depend on a server's language. */
const TEXT = 'text COLLATE "C"';
/** int8 and int4, safe in code because ours are. */
const WHOLE_NUMBERS: readonly number[] = [20, 23];
/** Any number that nobody else uses: who holds the lock writes. */
const WRITERS_LOCK = 0x57_61_74_74;
const CONNECTIONS = 4;
const SCHEMA = 'commonwatt';

/** Everything else that is asked for is text. */
function parserOf(oid: number): (text: string) => SqlValue {
    return WHOLE_NUMBERS.includes(oid) ? Number : String;
}

/** PostgreSQL, in a schema of its own. */
export class PostgresDatabase implements Database {
    readonly #pool: Pool;
    readonly #schema: string;
    /** One that was made beside another shares its connections and leaves them alone. */
    readonly #owner: boolean;

    private constructor(pool: Pool, schema: string, owner: boolean) {
        this.#pool = pool;
        this.#schema = schema;
        this.#owner = owner;
    }

    /** @param connections how many it may open: a server that serves one at a time is told 1. */
    static async open(connection: string, connections: number = CONNECTIONS): Promise<PostgresDatabase> {
        const pool = new Pool({
            connectionString: connection,
            max: connections,
            types: {
                getTypeParser: parserOf,
            },
        });
        pool.on('error', () => undefined); // Of a connection that nobody uses: the next question opens another.
        const database = new PostgresDatabase(pool, SCHEMA, true);
        try {
            await database.#create();
        } catch (error) {
            await pool.end();
            throw error;
        }
        return database;
    }

    query(text: string, parameters: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
        return ask(this.#pool, named(text, this.#nameOf), parameters);
    }

    write<T>(work: (sql: Writing) => Promise<T>): Promise<T> {
        return this.#inTransaction('BEGIN', async (client) => {
            await client.query('SELECT pg_advisory_xact_lock($1)', [WRITERS_LOCK]);
            return work(new Transaction(client, this.#nameOf));
        });
    }

    snapshot<T>(work: (sql: Reading) => Promise<T>): Promise<T> {
        return this.#inTransaction('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', (client) =>
            work(new Transaction(client, this.#nameOf)),
        );
    }

    async beside(): Promise<Database> {
        const schema = `${this.#schema}_rebuild`;
        await this.#pool.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
        const made = new PostgresDatabase(this.#pool, schema, false);
        await made.#create();
        return made;
    }

    async become(other: Database): Promise<void> {
        if (!(other instanceof PostgresDatabase)) {
            throw new TypeError('a schema of PostgreSQL takes over from another');
        }
        const from = other.#schema;
        await this.#inTransaction('BEGIN', async (client) => {
            await client.query('SELECT pg_advisory_xact_lock($1)', [WRITERS_LOCK]);
            await client.query(`DROP SCHEMA "${this.#schema}" CASCADE`);
            await client.query(`ALTER SCHEMA "${from}" RENAME TO "${this.#schema}"`);
        });
    }

    async close(): Promise<void> {
        if (this.#owner) {
            await this.#pool.end();
        }
    }

    readonly #nameOf = (table: string): string => `"${this.#schema}"."${table}"`;

    /** Where another version made other tables, they are left as they are, for a rebuild to replace. */
    #create(): Promise<void> {
        return this.#inTransaction('BEGIN', async (client) => {
            await client.query('SELECT pg_advisory_xact_lock($1)', [WRITERS_LOCK]);
            await client.query(`CREATE SCHEMA IF NOT EXISTS "${this.#schema}"`);
            await this.#make(client, LAYOUT);
            const [made] = (await client.query<SqlRow>(`SELECT "layout" FROM ${this.#nameOf(LAYOUT.name)}`)).rows;
            for (const table of made === undefined || made['layout'] === LAYOUT_NOW ? ALL_TABLES : []) {
                await this.#make(client, table);
            }
        });
    }

    async #make(client: PoolClient, table: Table): Promise<void> {
        for (const statement of creationOf(table, { integer: 'bigint', text: TEXT, nameOf: this.#nameOf })) {
            await client.query(statement);
        }
    }

    async #inTransaction<T>(begin: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
        const client = await this.#pool.connect();
        let failure: Error | undefined;
        try {
            await client.query(begin);
            const result = await work(client);
            await client.query('COMMIT');
            return result;
        } catch (error) {
            failure = await rolledBack(client);
            throw error;
        } finally {
            client.release(failure); // A connection that is broken is not used again.
        }
    }
}

async function rolledBack(client: PoolClient): Promise<Error | undefined> {
    try {
        await client.query('ROLLBACK');
        return undefined;
    } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
    }
}

class Transaction implements Writing {
    readonly #client: PoolClient;
    readonly #nameOf: Dialect['nameOf'];

    constructor(client: PoolClient, nameOf: Dialect['nameOf']) {
        this.#client = client;
        this.#nameOf = nameOf;
    }

    query(text: string, parameters: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
        return ask(this.#client, named(text, this.#nameOf), parameters);
    }

    /** One statement however many rows there are: a column each is a list. */
    async put(table: Table, rows: readonly SqlRow[], meeting: Meeting): Promise<void> {
        if (rows.length === 0) {
            return;
        }
        const columns = Object.keys(table.columns);
        const onConflict = meeting === 'replace' ? ` ${replacement(table)}` : '';
        const text = `INSERT INTO ${this.#nameOf(table.name)} (${quoted(columns)}) SELECT * FROM unnest(${lists(table, columns)})${onConflict}`;
        await this.#client.query(text, values(columns, rows));
    }

    async remove(table: Table, keys: readonly SqlRow[]): Promise<void> {
        if (keys.length === 0) {
            return;
        }
        const condition = table.key.map((name) => `kept."${name}" = gone."${name}"`).join(' AND ');
        const text = `DELETE FROM ${this.#nameOf(table.name)} AS kept USING unnest(${lists(table, table.key)}) AS gone (${quoted(table.key)}) WHERE ${condition}`;
        await this.#client.query(text, values(table.key, keys));
    }
}

async function ask(
    client: Pick<PoolClient, 'query'> | Pool,
    text: string,
    parameters: readonly SqlValue[],
): Promise<readonly SqlRow[]> {
    const { rows } = await client.query<SqlRow>(text, [...parameters]);
    return rows;
}

function lists(table: Table, columns: readonly string[]): string {
    const typeOf = (name: string): string => (table.columns[name]?.startsWith('integer') ? 'bigint[]' : 'text[]');
    return columns.map((name, i) => `$${i + 1}::${typeOf(name)}`).join(', ');
}

function values(columns: readonly string[], rows: readonly SqlRow[]): SqlValue[][] {
    return columns.map((name) => rows.map((row) => row[name] ?? null));
}
