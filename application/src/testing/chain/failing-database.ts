import type { Database, Meeting, Reading, SqlRow, SqlValue, Writing } from '../../read-model/sql/database';
import type { Table } from '../../read-model/sql/table';

/** A database whose process is killed before one of the statements that write: what was not committed then is lost. */
export class FailingDatabase implements Database {
    readonly #inner: Database;
    #left: number;

    /** @param statements after how many of them */
    constructor(inner: Database, statements: number) {
        this.#inner = inner;
        this.#left = statements;
    }

    query(text: string, parameters?: readonly SqlValue[]): Promise<readonly SqlRow[]> {
        return this.#inner.query(text, parameters);
    }

    write<T>(work: (sql: Writing) => Promise<T>): Promise<T> {
        return this.#inner.write(async (sql) => {
            const result = await work(this.#counting(sql));
            this.#count();
            return result;
        });
    }

    snapshot<T>(work: (sql: Reading) => Promise<T>): Promise<T> {
        return this.#inner.snapshot(work);
    }

    beside(): Promise<Database> {
        return this.#inner.beside();
    }

    become(other: Database): Promise<void> {
        return this.#inner.become(other);
    }

    close(): Promise<void> {
        return this.#inner.close();
    }

    #counting(sql: Writing): Writing {
        const counted = async <T>(work: () => Promise<T>): Promise<T> => {
            this.#count();
            return work();
        };
        return {
            query: (text, parameters) => counted(() => sql.query(text, parameters)),
            put: (table: Table, rows: readonly SqlRow[], meeting: Meeting) =>
                counted(() => sql.put(table, rows, meeting)),
            remove: (table, keys) => counted(() => sql.remove(table, keys)),
        };
    }

    #count(): void {
        this.#left -= 1;
        if (this.#left < 0) {
            throw new Error('the process is killed');
        }
    }
}
