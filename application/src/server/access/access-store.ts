import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Layout } from '@commonwatt/network/topology/layout';

const OWN_ALONE = 0o600;
const BUSY_MS = 5_000;
const SECRET_BYTES = 32;
/** So long a code of `commonwatt login` can be used. */
export const CODE_SECONDS = 15 * 60;
/** A session ends when nobody has asked for anything for so long, and at the latest after the second. */
export const IDLE_SECONDS = 60 * 60;
export const SESSION_SECONDS = 12 * 60 * 60;
/** That a session is used is written down no more often than this. */
const NOTED_EVERY_SECONDS = 60;
/** Of one household: whoever logs in once more ends the session that was used longest ago. */
const MOST_SESSIONS = 20;

const SCHEMA = `
    CREATE TABLE IF NOT EXISTS password (household TEXT PRIMARY KEY, stored TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS code (household TEXT PRIMARY KEY, hash TEXT NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS session (
        hash TEXT PRIMARY KEY,
        household TEXT NOT NULL,
        used INTEGER NOT NULL,
        ends INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
`;

export interface OpenSession {
    readonly household: string;
    /** Unix seconds. */
    readonly idleUntil: number;
    readonly endsAt: number;
}

/** What proves who somebody is, for this machine's households. Nothing in it lets anybody in who reads it: all that is secret is stored as a hash. */
export class AccessStore {
    readonly #database: DatabaseSync;
    readonly #now: () => number;
    readonly #statements = new Map<string, StatementSync>();

    /** @param now unix seconds */
    constructor(file: string, now: () => number = () => Math.floor(Date.now() / 1000)) {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        closeSync(openSync(file, 'a', OWN_ALONE));
        chmodSync(file, OWN_ALONE);
        this.#database = new DatabaseSync(file, { timeout: BUSY_MS });
        this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
        this.#database.exec(SCHEMA);
        this.#now = now;
    }

    passwordOf(household: string): string | undefined {
        const row = this.#get('SELECT stored FROM password WHERE household = ?', household);
        return row?.['stored'] as string | undefined;
    }

    /** Whoever was logged in with the old one is no longer. */
    setPassword(household: string, stored: string): void {
        this.#run('INSERT OR REPLACE INTO password (household, stored) VALUES (?, ?)', household, stored);
        this.#run('DELETE FROM session WHERE household = ?', household);
    }

    /** A code that sets a password once. One that was made before is worth nothing any more. */
    makeCode(household: string): string {
        const code = randomBytes(SECRET_BYTES).toString('base64url');
        const until = this.#now() + CODE_SECONDS;
        this.#run(
            'INSERT OR REPLACE INTO code (household, hash, until) VALUES (?, ?, ?)',
            household,
            hashOf(code),
            until,
        );
        return code;
    }

    /** Whether it is the household's code. It is used up by that. */
    useCode(household: string, code: string): boolean {
        const sql = 'DELETE FROM code WHERE household = ? AND hash = ? AND until > ?';
        return this.#run(sql, household, hashOf(code), this.#now()) === 1;
    }

    /** Returns what the browser keeps: 32 random bytes. */
    openSession(household: string): string {
        const now = this.#now();
        const token = randomBytes(SECRET_BYTES).toString('base64url');
        this.#run('DELETE FROM session WHERE ends <= ? OR used <= ?', now, now - IDLE_SECONDS);
        this.#run(
            'DELETE FROM session WHERE household = ?1 AND hash NOT IN (SELECT hash FROM session WHERE household = ?1 ORDER BY used DESC LIMIT ?2)',
            household,
            MOST_SESSIONS - 1,
        );
        const sql = 'INSERT INTO session (hash, household, used, ends) VALUES (?, ?, ?, ?)';
        this.#run(sql, hashOf(token), household, now, now + SESSION_SECONDS);
        return token;
    }

    /** Undefined where there is no such session, or where it has ended. Asking counts as using it, unless told not to. */
    session(token: string, isUse = true): OpenSession | undefined {
        const now = this.#now();
        const hash = hashOf(token);
        const row = this.#get('SELECT household, used, ends FROM session WHERE hash = ?', hash);
        if (row === undefined) {
            return undefined;
        }
        const { household, used, ends } = row as { household: string; used: number; ends: number };
        if (ends <= now || used + IDLE_SECONDS <= now) {
            this.#run('DELETE FROM session WHERE hash = ?', hash);
            return undefined;
        }
        if (isUse && now - used >= NOTED_EVERY_SECONDS) {
            this.#run('UPDATE session SET used = ? WHERE hash = ?', now, hash);
        }
        return { household, idleUntil: Math.min(ends, (isUse ? now : used) + IDLE_SECONDS), endsAt: ends };
    }

    endSession(token: string): void {
        this.#run('DELETE FROM session WHERE hash = ?', hashOf(token));
    }

    close(): void {
        this.#database.close();
    }

    #get(sql: string, ...values: readonly (string | number)[]): Record<string, unknown> | undefined {
        return this.#statement(sql).get(...values);
    }

    /** Returns how many rows changed. */
    #run(sql: string, ...values: readonly (string | number)[]): number {
        return Number(this.#statement(sql).run(...values).changes);
    }

    #statement(sql: string): StatementSync {
        const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
        this.#statements.set(sql, known);
        return known;
    }
}

/** Of 32 random bytes: no salt and no work is needed, because nobody can guess them. */
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Where the server keeps it. */
export const accessFile = (layout: Layout): string => join(layout.server, 'access.sqlite');
