import type { RangeQuery, Version } from '../../../fabric/rwset';
import { encodePvtRwSet, encodeRwSet } from '../../../fabric/rwset';
import type { SimulationResults, Simulator } from '../api';
import { VALIDATION_PARAMETER, decodeMetadata } from '../store/entries';
import { MAX_DEGREE, RangeSummary } from './range-summary';
import type { RangeObserver } from './range-iteration';
import { RwSetBuilder } from './rwset-builder';
import { SnapshotReader } from './state-reader';
import type { CollectionNames, ReadRecorder, Snapshot } from './state-reader';

const NOTHING = new Uint8Array();

/** A range as far as it was read: up to the last key seen, or to the end that was asked for. */
class ObservedRange implements RangeObserver {
    readonly namespace: string;
    readonly #startKey: string;
    readonly #askedEndKey: string;
    readonly #summary = new RangeSummary(MAX_DEGREE);
    #endKey = '';
    #itrExhausted = false;

    constructor(namespace: string, startKey: string, endKey: string) {
        this.namespace = namespace;
        this.#startKey = startKey;
        this.#askedEndKey = endKey;
    }

    result(key: string, version: Version): void {
        this.#summary.add({ key, version });
        this.#endKey = key;
    }

    exhausted(): void {
        this.#itrExhausted = true;
        this.#endKey = this.#askedEndKey;
    }

    query(): RangeQuery {
        return {
            startKey: this.#startKey,
            endKey: this.#endKey,
            itrExhausted: this.#itrExhausted,
            ...this.#summary.done(),
        };
    }
}

/** Remembers what a transaction did, and which kinds of queries no longer mix with writes. */
class Recording implements ReadRecorder {
    readonly rwset = new RwSetBuilder();
    readonly ranges: ObservedRange[] = [];
    readonly privateReads = new Map<string, { namespace: string; collection: string }>();
    readonly #txId: string;
    #hasWritten = false;
    #hasQueriedPrivateData = false;
    #hasPaged = false;

    constructor(txId: string) {
        this.#txId = txId;
    }

    read(namespace: string, key: string, version: Version | undefined): void {
        this.rwset.addRead(namespace, key, version);
    }

    hashedRead(namespace: string, collection: string, key: string, version: Version | undefined): void {
        this.rwset.addHashedRead(namespace, collection, key, version);
    }

    privateRead(namespace: string, collection: string): void {
        this.privateReads.set(JSON.stringify([namespace, collection]), { namespace, collection });
    }

    range(namespace: string, startKey: string, endKey: string): RangeObserver {
        const range = new ObservedRange(namespace, startKey, endKey);
        this.ranges.push(range);
        return range;
    }

    beforePrivateRange(): void {
        if (this.#hasWritten) {
            throw this.#unsupported('Queries on pvt data is supported only in a read-only transaction');
        }
        this.#hasQueriedPrivateData = true;
    }

    beforePage(): void {
        if (this.#hasWritten) {
            throw this.#unsupported('Paginated queries are supported only in a read-only transaction');
        }
        this.#hasPaged = true;
    }

    beforeWrite(): void {
        if (this.#hasQueriedPrivateData) {
            throw this.#unsupported('Transaction has already performed queries on pvt data. Writes are not allowed');
        }
        if (this.#hasPaged) {
            throw this.#unsupported('Transaction has already performed a paginated query. Writes are not allowed');
        }
        this.#hasWritten = true;
    }

    /** Spelt as Fabric spells it. */
    #unsupported(why: string): Error {
        return new Error(`txid [${this.#txId}]: unsuppored transaction. ${why}`);
    }
}

/** Simulates one transaction on a snapshot of the state: what the endorser runs chaincode on. */
export class TransactionSimulator extends SnapshotReader implements Simulator {
    readonly txId: string;
    readonly #recording: Recording;
    #isDone = false;

    constructor(
        txId: string,
        snapshot: Snapshot,
        height: number,
        collectionNames: CollectionNames,
        recording = new Recording(txId),
    ) {
        super(snapshot, height, collectionNames, recording);
        this.txId = txId;
        this.#recording = recording;
    }

    putState(namespace: string, key: string, value: Uint8Array): void {
        this.#writable().addWrite(namespace, key, value);
    }

    deleteState(namespace: string, key: string): void {
        this.putState(namespace, key, NOTHING);
    }

    putStateMetadata(namespace: string, key: string, metadata: ReadonlyMap<string, Uint8Array>): void {
        this.#writable().addMetadata(namespace, key, metadata);
    }

    putPrivateData(namespace: string, collection: string, key: string, value: Uint8Array): void {
        this.#writableCollection(namespace, collection).addPrivateWrite(namespace, collection, key, value);
    }

    deletePrivateData(namespace: string, collection: string, key: string): void {
        this.putPrivateData(namespace, collection, key, NOTHING);
    }

    purgePrivateData(namespace: string, collection: string, key: string): void {
        this.#writableCollection(namespace, collection).addPrivateWrite(namespace, collection, key, NOTHING, true);
    }

    putPrivateDataMetadata(
        namespace: string,
        collection: string,
        key: string,
        metadata: ReadonlyMap<string, Uint8Array>,
    ): void {
        this.#writableCollection(namespace, collection).addPrivateMetadata(namespace, collection, key, metadata);
    }

    done(): SimulationResults {
        if (this.#isDone) {
            throw new Error('this function should only be called once on a transaction simulator instance');
        }
        this.#isDone = true;
        const { rwset, ranges, privateReads } = this.#recording;
        for (const range of ranges) {
            rwset.addRange(range.namespace, range.query());
        }
        const sets = rwset.build();
        return {
            publicSet: sets.publicSet,
            publicBytes: encodeRwSet(sets.publicSet),
            private: sets.private,
            privateBytes: sets.private && encodePvtRwSet(sets.private),
            keyPolicies: [...this.#keyPolicies()],
            privateReads: [...privateReads.values()],
        };
    }

    *#keyPolicies(): Iterable<SimulationResults['keyPolicies'][number]> {
        for (const { namespace, collection, key } of this.#recording.rwset.writtenKeys()) {
            const entry =
                collection === '' ? this.view.state(namespace, key) : this.view.hashedOfKey(namespace, collection, key);
            const policy = decodeMetadata(entry?.metadata).get(VALIDATION_PARAMETER);
            if (policy !== undefined) {
                yield { namespace, collection, policy };
            }
        }
    }

    #writable(): RwSetBuilder {
        this.assertOpen();
        this.#recording.beforeWrite();
        return this.#recording.rwset;
    }

    #writableCollection(namespace: string, collection: string): RwSetBuilder {
        this.assertCollection(namespace, collection);
        return this.#writable();
    }
}
