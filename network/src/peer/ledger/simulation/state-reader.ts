import type { Version } from '../../../fabric/rwset';
import type { RangeIterator, StateReader } from '../api';
import { decodeMetadata, sameVersion, versionText } from '../store/entries';
import type { StoredEntry } from '../store/entries';
import type { StateView, StoredRange } from '../store/ledger-store';
import { RangeIteration } from './range-iteration';
import type { RangeObserver } from './range-iteration';

/** Which collections a chaincode has, explicit and implicit ones; undefined when it is not defined on the channel. */
export type CollectionNames = (namespace: string, view: StateView) => ReadonlySet<string> | undefined;

export interface Snapshot {
    readonly view: StateView;
    close(): Promise<void>;
}

/** What a simulator wants to know of the reads. */
export interface ReadRecorder {
    read(namespace: string, key: string, version: Version | undefined): void;
    hashedRead(namespace: string, collection: string, key: string, version: Version | undefined): void;
    privateRead(namespace: string, collection: string): void;
    range(namespace: string, startKey: string, endKey: string): RangeObserver | undefined;
    beforePrivateRange(): void;
    beforePage(): void;
}

const NOT_RECORDED: ReadRecorder = {
    read: () => undefined,
    hashedRead: () => undefined,
    privateRead: () => undefined,
    range: () => undefined,
    beforePrivateRange: () => undefined,
    beforePage: () => undefined,
};

/** Reads one snapshot of a peer's state, and tells a recorder what it read. */
export class SnapshotReader implements StateReader {
    readonly height: number;
    protected readonly view: StateView;
    readonly #snapshot: Snapshot;
    readonly #collectionNames: CollectionNames;
    readonly #recorder: ReadRecorder;
    readonly #knownCollections = new Map<string, ReadonlySet<string>>();
    readonly #ranges: StoredRange[] = [];
    #isClosed = false;

    constructor(
        snapshot: Snapshot,
        height: number,
        collectionNames: CollectionNames,
        recorder: ReadRecorder = NOT_RECORDED,
    ) {
        this.height = height;
        this.view = snapshot.view;
        this.#snapshot = snapshot;
        this.#collectionNames = collectionNames;
        this.#recorder = recorder;
    }

    getState(namespace: string, key: string): Promise<Uint8Array | undefined> {
        return this.#answer(() => this.#read(namespace, key)?.value);
    }

    getStateMetadata(namespace: string, key: string): Promise<ReadonlyMap<string, Uint8Array>> {
        return this.#answer(() => decodeMetadata(this.#read(namespace, key)?.metadata));
    }

    getStateRange(namespace: string, startKey: string, endKey: string, pageSize = 0): RangeIterator {
        this.assertOpen();
        if (pageSize > 0) {
            this.#recorder.beforePage();
        }
        const range = this.#opened(this.view.stateRange(namespace, startKey, endKey));
        return new RangeIteration(range, pageSize, this.#recorder.range(namespace, startKey, endKey));
    }

    getPrivateData(namespace: string, collection: string, key: string): Promise<Uint8Array | undefined> {
        return this.#answer(() => {
            this.assertCollection(namespace, collection);
            const entry = this.view.private(namespace, collection, key);
            const hashVersion = this.view.hashedOfKey(namespace, collection, key)?.version;
            if (!sameVersion(hashVersion, entry?.version)) {
                throw new Error(
                    'private data matching public hash version is not available. ' +
                        `Public hash version = ${versionText(hashVersion)}, ` +
                        `Private data version = ${versionText(entry?.version)}`,
                );
            }
            this.#recorder.hashedRead(namespace, collection, key, entry?.version);
            this.#recorder.privateRead(namespace, collection);
            return entry?.value;
        });
    }

    getPrivateDataHash(namespace: string, collection: string, key: string): Promise<Uint8Array | undefined> {
        return this.#answer(() => this.#readHash(namespace, collection, key)?.value);
    }

    getPrivateDataMetadata(
        namespace: string,
        collection: string,
        key: string,
    ): Promise<ReadonlyMap<string, Uint8Array>> {
        return this.#answer(() => decodeMetadata(this.#readHash(namespace, collection, key)?.metadata));
    }

    getPrivateDataRange(namespace: string, collection: string, startKey: string, endKey: string): RangeIterator {
        this.#recorder.beforePrivateRange();
        this.assertOpen();
        this.assertCollection(namespace, collection);
        const range = this.#opened(this.view.privateRange(namespace, collection, startKey, endKey));
        return new RangeIteration(range, 0, undefined);
    }

    async close(): Promise<void> {
        if (!this.#isClosed) {
            this.#isClosed = true;
            await Promise.all(this.#ranges.map((range) => range.close()));
            await this.#snapshot.close();
        }
    }

    protected assertOpen(): void {
        if (this.#isClosed) {
            throw new Error('this instance should not be used after calling Done()');
        }
    }

    protected assertCollection(namespace: string, collection: string): void {
        const names = this.#knownCollections.get(namespace) ?? this.#collectionNames(namespace, this.view);
        if (names === undefined) {
            throw new Error(
                `collection config not defined for chaincode [${namespace}], ` +
                    'pass the collection configuration upon chaincode definition/instantiation',
            );
        }
        this.#knownCollections.set(namespace, names);
        if (!names.has(collection)) {
            throw new Error(
                `collection [${collection}] not defined in the collection config for chaincode [${namespace}]`,
            );
        }
    }

    #read(namespace: string, key: string): StoredEntry | undefined {
        const entry = this.view.state(namespace, key);
        this.#recorder.read(namespace, key, entry?.version);
        return entry;
    }

    #readHash(namespace: string, collection: string, key: string): StoredEntry | undefined {
        this.assertCollection(namespace, collection);
        const entry = this.view.hashedOfKey(namespace, collection, key);
        this.#recorder.hashedRead(namespace, collection, key, entry?.version);
        return entry;
    }

    #opened(range: StoredRange): StoredRange {
        this.#ranges.push(range);
        return range;
    }

    /** Reads are fast enough to be done at once; callers see promises, so that they need not know. */
    #answer<T>(readNow: () => T): Promise<T> {
        return new Promise((resolve) => {
            this.assertOpen();
            resolve(readNow());
        });
    }
}
