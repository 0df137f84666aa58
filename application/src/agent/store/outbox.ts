import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Outbox, Sent } from '../../gateway/outbox';

interface Row {
    readonly id: string;
    readonly request: string;
    readonly name: string;
    readonly bytes: Uint8Array;
}

/** Transactions as they were signed, on the disk before they are sent: who dies then hands the same ones in again. */
export class StoredOutbox implements Outbox {
    readonly #insert: StatementSync;
    readonly #delete: StatementSync;
    readonly #pending: StatementSync;

    constructor(database: DatabaseSync) {
        this.#insert = database.prepare('INSERT OR REPLACE INTO outbox (id, request, name, bytes) VALUES (?, ?, ?, ?)');
        this.#delete = database.prepare('DELETE FROM outbox WHERE id = ?');
        this.#pending = database.prepare('SELECT id, request, name, bytes FROM outbox ORDER BY rowid');
    }

    keep({ transactionId, request, transaction, bytes }: Sent): void {
        this.#insert.run(transactionId, request, transaction, bytes);
    }

    settled(transactionId: string): void {
        this.#delete.run(transactionId);
    }

    get pending(): readonly Sent[] {
        return (this.#pending.all() as unknown as Row[]).map(({ id, request, name, bytes }) => ({
            transactionId: id,
            request,
            transaction: name,
            bytes,
        }));
    }
}
