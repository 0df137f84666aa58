import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { encode } from '@commonwatt/chaincode/api/wire';
import { FACTS, type FactsOf, type JournalEntry, type JournalKind } from './journal-facts';

/** What is to be noted. */
export type Note = {
    [K in JournalKind]: {
        readonly kind: K;
        readonly facts: FactsOf<K>;
        readonly slot?: number | undefined;
        /** What happens once is noted once, however often an agent comes by it: the name of the thing, within its kind. */
        readonly once?: string | undefined;
    };
}[JournalKind];

interface Row {
    readonly sequence: number;
    readonly at: number;
    readonly slot: number | null;
    readonly kind: JournalKind;
    readonly facts: string;
}

const COLUMNS = 'sequence, at, slot, kind, facts';

/** What an agent did and why, in the order in which it did it. */
export class Journal {
    readonly #insert: StatementSync;
    readonly #after: StatementSync;
    readonly #before: StatementSync;
    readonly #database: DatabaseSync;
    readonly #now: () => number;
    #listener: (note: Note) => void = () => undefined;

    constructor(database: DatabaseSync, now: () => number) {
        this.#database = database;
        this.#now = now;
        this.#insert = database.prepare(
            'INSERT OR IGNORE INTO journal (at, slot, kind, once, facts) VALUES (?, ?, ?, ?, ?)',
        );
        this.#after = database.prepare(`SELECT ${COLUMNS} FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?`);
        this.#before = database.prepare(
            `SELECT ${COLUMNS} FROM journal WHERE sequence < ? ORDER BY sequence DESC LIMIT ?`,
        );
    }

    /** Told of everything that is noted from now on. */
    listen(listener: (note: Note) => void): void {
        this.#listener = listener;
    }

    note(note: Note): void {
        const { kind, facts, slot, once } = note;
        const { changes } = this.#insert.run(this.#now(), slot ?? null, kind, once ?? null, encode(facts));
        if (changes > 0) {
            this.#listener(note);
        }
    }

    /** All of them or none. */
    noteAll(notes: readonly Note[]): void {
        this.#database.exec('BEGIN');
        try {
            notes.forEach((each) => {
                this.note(each);
            });
            this.#database.exec('COMMIT');
        } catch (error) {
            this.#database.exec('ROLLBACK');
            throw error;
        }
    }

    /** Entries after this one, the oldest first. */
    after(sequence: number, limit = 100): JournalEntry[] {
        return (this.#after.all(sequence, limit) as unknown as Row[]).map(entryOf);
    }

    /** The newest entries, or those before one, the newest first. */
    newest(limit = 100, before: number = Number.MAX_SAFE_INTEGER): JournalEntry[] {
        return (this.#before.all(before, limit) as unknown as Row[]).map(entryOf);
    }
}

function entryOf({ sequence, at, slot, kind, facts }: Row): JournalEntry {
    const decoded: unknown = FACTS[kind].parse(JSON.parse(facts));
    return { sequence, at, ...(slot === null ? {} : { slot }), kind, facts: decoded } as JournalEntry;
}
