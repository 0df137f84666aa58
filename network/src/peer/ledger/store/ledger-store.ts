import { ClassicLevel } from 'classic-level';
import type { Iterator, Snapshot } from 'classic-level';

import type { Version } from '../../../fabric/rwset';
import { whatTheDiskSays } from '../../../operations/disk';
import { decodeEntry, decodeVersion } from './entries';
import type { StoredEntry } from './entries';
import { KEY, RANGE, hex, isWithin, sha256 } from './keys';
import type { KeyRange } from './keys';

/** Where a ledger stands. */
export interface Tip {
    readonly height: number;
    readonly lastBlockHash: Uint8Array;
    readonly commitHash: Uint8Array;
    /** Number of the block with the configuration in force. */
    readonly configBlock: number;
}

export interface StoredKeyVersion {
    readonly key: string;
    readonly entry: StoredEntry;
}

export type Operation =
    | { readonly type: 'put'; readonly key: string; readonly value: Buffer }
    | { readonly type: 'del'; readonly key: string };

/** How many entries a range asks the database for at once. */
const READ_AHEAD = 100;
const FORMAT = 1;
const EMPTY_TIP: Tip = {
    height: 0,
    lastBlockHash: new Uint8Array(),
    commitHash: new Uint8Array(),
    configBlock: 0,
};

/** Thrown when what is on disk is not what a ledger of this version writes. */
export class LedgerCorrupt extends Error {
    override readonly name = 'LedgerCorrupt';
}

/**
 * The disk did not take what was to be written, and nothing more is tried on this opening of the ledger: behind a record that was cut off, later ones
 * would be lost at the next start.
 */
export class LedgerFailed extends Error {
    override readonly name = 'LedgerFailed';
}

export function encodeTip(tip: Tip): Buffer {
    return Buffer.from(
        JSON.stringify({
            format: FORMAT,
            height: tip.height,
            lastBlockHash: hex(tip.lastBlockHash),
            commitHash: hex(tip.commitHash),
            configBlock: tip.configBlock,
        }),
    );
}

interface TipRecord {
    readonly format: number;
    readonly height: number;
    readonly lastBlockHash: string;
    readonly commitHash: string;
    readonly configBlock: number;
}

function decodeTip(bytes: Buffer): Tip {
    const record = JSON.parse(bytes.toString()) as TipRecord;
    if (record.format !== FORMAT) {
        throw new LedgerCorrupt(`the ledger has format ${record.format}, this version reads ${FORMAT}`);
    }
    return {
        height: record.height,
        lastBlockHash: Buffer.from(record.lastBlockHash, 'hex'),
        commitHash: Buffer.from(record.commitHash, 'hex'),
        configBlock: record.configBlock,
    };
}

const ABSENT = Symbol('absent');
/** Some hundred documents and some thousand keys: what the transactions of the next blocks ask for again. */
const REMEMBERED_BYTES = 1 << 20;
const REMEMBERED_KEYS = 5_000;

/** What the last blocks read and wrote of the committed state, as it is now; forgets all when it holds too much. */
class RememberedReads {
    readonly #values = new Map<string, Buffer | typeof ABSENT>();
    #bytes = 0;

    get(key: string): Buffer | typeof ABSENT | undefined {
        return this.#values.get(key);
    }

    set(key: string, value: Buffer | undefined): void {
        this.#values.set(key, value ?? ABSENT);
        this.#bytes += key.length + (value?.length ?? 0);
    }

    /** Follows what was written. */
    apply(operations: readonly Operation[]): void {
        for (const operation of operations) {
            if (this.#values.has(operation.key)) {
                this.set(operation.key, operation.type === 'put' ? operation.value : undefined);
            }
        }
    }

    shrink(): void {
        if (this.#bytes > REMEMBERED_BYTES || this.#values.size > REMEMBERED_KEYS) {
            this.#values.clear();
            this.#bytes = 0;
        }
    }
}

/** Typed reads of committed state: of the database as it is now, or of one snapshot of it. */
export class StateView {
    readonly #database: ClassicLevel<string, Buffer>;
    readonly #options: { readonly snapshot?: Snapshot };
    readonly #remembered: RememberedReads | undefined;

    constructor(database: ClassicLevel<string, Buffer>, snapshot?: Snapshot, remembered?: RememberedReads) {
        this.#database = database;
        this.#options = snapshot === undefined ? {} : { snapshot };
        this.#remembered = remembered;
    }

    get(key: string): Buffer | undefined {
        if (this.#remembered === undefined) {
            return this.#database.getSync(key, this.#options);
        }
        const known = this.#remembered.get(key);
        if (known !== undefined) {
            return known === ABSENT ? undefined : known;
        }
        const read = this.#database.getSync(key, this.#options);
        this.#remembered.set(key, read);
        return read;
    }

    state(namespace: string, key: string): StoredEntry | undefined {
        return this.#entry(KEY.state(namespace, key));
    }

    stateVersion(namespace: string, key: string): Version | undefined {
        const bytes = this.get(KEY.state(namespace, key));
        return bytes && decodeVersion(bytes);
    }

    hashed(namespace: string, collection: string, keyHash: string): StoredEntry | undefined {
        return this.#entry(KEY.hashed(namespace, collection, keyHash));
    }

    hashedVersion(namespace: string, collection: string, keyHash: string): Version | undefined {
        const bytes = this.get(KEY.hashed(namespace, collection, keyHash));
        return bytes && decodeVersion(bytes);
    }

    hashedOfKey(namespace: string, collection: string, key: string): StoredEntry | undefined {
        return this.hashed(namespace, collection, hex(sha256(key)));
    }

    private(namespace: string, collection: string, key: string): StoredEntry | undefined {
        return this.#entry(KEY.private(namespace, collection, key));
    }

    hasTransaction(txId: string): boolean {
        return this.get(KEY.transaction(txId)) !== undefined;
    }

    stateRange(namespace: string, startKey: string, endKey: string): StoredRange {
        return this.#range(RANGE.state(namespace, startKey, endKey), `s${namespace}`.length + 1);
    }

    privateRange(namespace: string, collection: string, startKey: string, endKey: string): StoredRange {
        const prefix = KEY.private(namespace, collection, '').length;
        return this.#range(RANGE.private(namespace, collection, startKey, endKey), prefix);
    }

    #range(range: KeyRange, prefixLength: number): StoredRange {
        return new StoredRange(this.#database, { ...range, ...this.#options }, prefixLength);
    }

    #entry(key: string): StoredEntry | undefined {
        const bytes = this.get(key);
        return bytes && decodeEntry(bytes);
    }
}

/** Entries of a range, one after the other; gives its iterator back at the end or at close(). */
export class StoredRange {
    readonly #iterator: Iterator<ClassicLevel<string, Buffer>, string, Buffer>;
    readonly #prefixLength: number;
    #ahead: [string, Buffer][] = [];
    #position = 0;
    #ended = false;

    constructor(
        database: ClassicLevel<string, Buffer>,
        options: KeyRange & { readonly snapshot?: Snapshot },
        prefixLength: number,
    ) {
        this.#iterator = database.iterator(options);
        this.#prefixLength = prefixLength;
    }

    async next(): Promise<StoredKeyVersion | undefined> {
        if (this.#position === this.#ahead.length && !this.#ended) {
            this.#ahead = await this.#iterator.nextv(READ_AHEAD);
            this.#position = 0;
            if (this.#ahead.length === 0) {
                await this.close();
            }
        }
        const found = this.#ahead[this.#position];
        if (found === undefined) {
            return undefined;
        }
        this.#position += 1;
        return { key: found[0].slice(this.#prefixLength), entry: decodeEntry(found[1]) };
    }

    async close(): Promise<void> {
        if (!this.#ended) {
            this.#ended = true;
            this.#ahead = [];
            this.#position = 0;
            await this.#iterator.close();
        }
    }
}

/** The database of one peer and channel. Everything a block changes is one synchronous, atomic batch. */
export class LedgerStore {
    /** The state as last committed. */
    readonly committed: StateView;
    readonly #database: ClassicLevel<string, Buffer>;
    readonly #remembered = new RememberedReads();
    readonly #directory: string;
    #failure: LedgerFailed | undefined;
    #onFailure: (failure: LedgerFailed) => void = () => undefined;

    #holdsExpiries: boolean;

    private constructor(directory: string, database: ClassicLevel<string, Buffer>, holdsExpiries: boolean) {
        this.#directory = directory;
        this.#database = database;
        this.#holdsExpiries = holdsExpiries;
        this.committed = new StateView(database);
    }

    static async open(directory: string): Promise<LedgerStore> {
        const database = new ClassicLevel<string, Buffer>(directory, { keyEncoding: 'utf8', valueEncoding: 'buffer' });
        await database.open();
        const expiries = await database.keys({ ...RANGE.allExpiries, limit: 1 }).all();
        return new LedgerStore(directory, database, expiries.length > 0);
    }

    /** Whether anything was written that expires. On most channels nothing is, and no block has to be searched for it. */
    get holdsExpiries(): boolean {
        return this.#holdsExpiries;
    }

    /** The state as last committed, remembering what it read: for those who judge a block, and the next. */
    viewForBlock(): StateView {
        this.#remembered.shrink();
        return new StateView(this.#database, undefined, this.#remembered);
    }

    tip(): Tip {
        const bytes = this.#database.getSync(KEY.tip);
        return bytes === undefined ? EMPTY_TIP : decodeTip(bytes);
    }

    get(key: string): Buffer | undefined {
        return this.#database.getSync(key);
    }

    /** All entries of a range; for ranges that are small or read to the end in any case. */
    entries(range: KeyRange, reverse = false): AsyncIterable<[string, Buffer]> {
        return this.#database.iterator({ ...range, reverse });
    }

    /** Called once, when the disk fails. */
    onFailure(listener: (failure: LedgerFailed) => void): void {
        this.#onFailure = listener;
    }

    /** On disk when it resolves, all of it or nothing. Throws LedgerFailed, and from then on always. */
    async write(operations: readonly Operation[]): Promise<void> {
        if (this.#failure !== undefined) {
            throw this.#failure;
        }
        const batch = this.#database.batch();
        for (const operation of operations) {
            if (operation.type === 'put') {
                batch.put(operation.key, operation.value);
            } else {
                batch.del(operation.key);
            }
        }
        try {
            await batch.write({ sync: true });
        } catch (cause) {
            throw this.#failed(cause);
        }
        this.#remembered.apply(operations);
        this.#holdsExpiries ||= operations.some(({ key }) => isWithin(RANGE.allExpiries, key));
    }

    #failed(cause: unknown): LedgerFailed {
        if (this.#failure === undefined) {
            this.#failure = new LedgerFailed(
                `the ledger in ${this.#directory} cannot be written: ${whatTheDiskSays(cause)}`,
                { cause },
            );
            this.#onFailure(this.#failure);
        }
        return this.#failure;
    }

    snapshot(): { readonly view: StateView; close(): Promise<void> } {
        const snapshot = this.#database.snapshot();
        return { view: new StateView(this.#database, snapshot), close: () => snapshot.close() };
    }

    async close(): Promise<void> {
        await this.#database.close();
    }
}
