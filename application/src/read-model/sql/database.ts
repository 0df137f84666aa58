import type { Table } from './table';

/** All that is stored: whole numbers that are safe in code, and text. */
export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/**
 * Queries in the SQL that SQLite and PostgreSQL share. Tables are named in braces (`FROM {rounds}`), parameters are `$1`, `$2`, … and bound, never
 * part of the text.
 */
export interface Reading {
    query(text: string, parameters?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
}

/** How rows meet those that have the same key: `add` fails, `replace` takes their place. */
export type Meeting = 'add' | 'replace';

export interface Writing extends Reading {
    /** Many rows at once. No two of them have the same key. */
    put(table: Table, rows: readonly SqlRow[], meeting: Meeting): Promise<void>;
    /** Rows by their keys. */
    remove(table: Table, keys: readonly SqlRow[]): Promise<void>;
}

/** Where a read model lies. */
export interface Database extends Reading {
    /** In one transaction, alone among all who write, in this process and in others. */
    write<T>(work: (sql: Writing) => Promise<T>): Promise<T>;
    /** In one transaction that sees one moment. */
    snapshot<T>(work: (sql: Reading) => Promise<T>): Promise<T>;
    /** Another, empty, in the same place, to be built while this one serves. What was begun there before is gone. */
    beside(): Promise<Database>;
    /** Takes what the one beside holds in place of its own, in one transaction, and removes that one. */
    become(other: Database): Promise<void>;
    close(): Promise<void>;
}
