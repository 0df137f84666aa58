import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Layout } from '@commonwatt/network/topology/layout';
import { encode } from '@commonwatt/chaincode/api/wire';
import { preferencesSchema, type AgentPreferences } from '../preferences';
import { Journal } from './journal';
import type { AgentState } from './journal-facts';
import { StoredOutbox } from './outbox';

/** What an agent keeps on its own disk. Others of the household, as its pages, read it while the agent runs. */
export interface AgentStore {
    readonly journal: Journal;
    readonly preferences: {
        /** Undefined where the household has stated none: then those of the community's file hold. */
        read(): AgentPreferences | undefined;
        write(preferences: AgentPreferences): void;
        /** What holds for a day: what was stated when its agent first acted on it. Changes count from the next day on. */
        ofDay(day: string, stated: AgentPreferences): AgentPreferences;
    };
    readonly state: {
        read(): AgentState | undefined;
        write(state: AgentState): void;
    };
    readonly outbox: StoredOutbox;
    close(): void;
}

const OWN_ALONE = 0o600;
const BUSY_MS = 5_000;

const SCHEMA = `
    CREATE TABLE IF NOT EXISTS journal (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        slot INTEGER,
        kind TEXT NOT NULL,
        once TEXT,
        facts TEXT NOT NULL,
        UNIQUE (kind, once)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS outbox (
        id TEXT PRIMARY KEY,
        request TEXT NOT NULL,
        name TEXT NOT NULL,
        bytes BLOB NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS stated (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
`;

/** Where an organisation's agent keeps it. */
export const agentStoreFile = (layout: Layout, organisationId: string): string =>
    join(layout.agentFolder(organisationId), 'agent.sqlite');

/** Opens the file, or makes it, readable for its owner alone. Several processes may have it open; what one has written the others see. */
export function openAgentStore(file: string, now: () => number = Date.now): AgentStore {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', OWN_ALONE)); // The journal files beside it get the same rights.
    chmodSync(file, OWN_ALONE);
    const database = new DatabaseSync(file, { timeout: BUSY_MS });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec(SCHEMA);
    const read = database.prepare('SELECT value FROM stated WHERE name = ?');
    const write = database.prepare('INSERT OR REPLACE INTO stated (name, value) VALUES (?, ?)');
    const stated = (name: string): string | undefined =>
        (read.get(name) as { readonly value: string } | undefined)?.value;
    return {
        journal: new Journal(database, now),
        outbox: new StoredOutbox(database),
        preferences: {
            read: () => {
                const text = stated('preferences');
                return text === undefined ? undefined : preferencesSchema.parse(JSON.parse(text));
            },
            write: (preferences) => {
                write.run('preferences', encode(preferences));
            },
            ofDay: (day, preferences) => {
                const name = `preferences of ${day}`;
                const known = stated(name);
                if (known !== undefined) {
                    return preferencesSchema.parse(JSON.parse(known));
                }
                write.run(name, encode(preferences));
                return preferences;
            },
        },
        state: {
            read: () => {
                const text = stated('state');
                return text === undefined ? undefined : (JSON.parse(text) as AgentState);
            },
            write: (state) => {
                write.run('state', JSON.stringify(state));
            },
        },
        close: () => {
            database.close();
        },
    };
}
