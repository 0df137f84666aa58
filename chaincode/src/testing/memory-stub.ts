import type { Batches, Entry, LedgerStub, Write } from '../ledger/stub';
import type { WorldState } from './world-state';

/** What a simulated transaction read and would write. Collections are by name, public state is ''. */
export interface ReadWriteSet {
    readonly reads: Map<string, number | undefined>;
    readonly ranges: { readonly space: string; readonly prefix: string; readonly found: readonly [string, number][] }[];
    readonly writes: Map<string, Uint8Array>;
    readonly policies: Map<string, Uint8Array>;
    readonly privateWrites: Map<string, Uint8Array>;
}

export const emptySet = (): ReadWriteSet => ({
    reads: new Map(),
    ranges: [],
    writes: new Map(),
    policies: new Map(),
    privateWrites: new Map(),
});

/** Namespace and key, or namespace, collection and key, in one string. */
export const placeOf = (space: string, key: string): string => `${space}|${key}`;
export const splitPlace = (place: string): { space: string; key: string } => {
    const cut = place.indexOf('|');
    return { space: place.slice(0, cut), key: place.slice(cut + 1) };
};

export interface Proposal {
    readonly txId: string;
    /** Unix seconds. */
    readonly time: number;
    readonly creator: string;
    readonly transient: ReadonlyMap<string, Uint8Array>;
}

/** A peer that takes so many writes and reads in one message, and no more. */
export class MemoryBatches implements Batches {
    readonly maxReads: number;
    readonly #stub: LedgerStub;

    constructor(
        stub: LedgerStub,
        readonly maxWrites: number,
    ) {
        this.#stub = stub;
        this.maxReads = maxWrites;
    }

    async write(writes: readonly Write[]): Promise<void> {
        this.#assertFits(writes);
        for (const write of writes) {
            if (write.kind === 'policy') {
                await this.#stub.setStateValidationParameter(write.key, write.policy);
            } else if (write.collection === undefined) {
                await this.#stub.putState(write.key, write.value);
            } else {
                await this.#stub.putPrivateData(write.collection, write.key, write.value);
            }
        }
    }

    read(keys: readonly string[]): Promise<readonly Uint8Array[]> {
        this.#assertFits(keys);
        return Promise.all(keys.map((key) => this.#stub.getState(key)));
    }

    #assertFits({ length }: { readonly length: number }): void {
        if (length > this.maxWrites) {
            throw new Error(`a batch of ${length}, where the peer takes ${this.maxWrites}`);
        }
    }
}

type Call = (chaincode: string, args: string[]) => Promise<string>;

/**
 * The stub of one simulation at the peer of `endorser`, as strict as a peer's: reads see committed state only, queries come in
 * key order, another organisation's collection cannot be read, private ranges and writes do not mix.
 */
export class MemoryStub implements LedgerStub {
    readonly set: ReadWriteSet;
    readonly batches: Batches | undefined;
    event: { name: string; payload: Uint8Array } | undefined;
    #hasPrivateRange = false;

    constructor(
        readonly world: WorldState,
        readonly chaincode: string,
        readonly endorser: string,
        readonly proposal: Proposal,
        readonly call: Call,
        set: ReadWriteSet = emptySet(),
        batchSize = 0,
    ) {
        this.set = set;
        this.batches = batchSize === 0 ? undefined : new MemoryBatches(this, batchSize);
    }

    getTxID(): string {
        return this.proposal.txId;
    }

    getTxTimestamp(): { seconds: number; nanos: number } {
        return { seconds: this.proposal.time, nanos: 0 };
    }

    getTransient(): ReadonlyMap<string, Uint8Array> {
        return this.proposal.transient;
    }

    setEvent(name: string, payload: Uint8Array): void {
        this.event = { name, payload };
    }

    createCompositeKey(objectType: string, attributes: string[]): string {
        const parts = [objectType, ...attributes];
        if (parts.some((part) => part === '')) {
            throw new Error('object type or attribute not a non-zero length string');
        }
        return `\u0000${parts.map((part) => `${part}\u0000`).join('')}`;
    }

    splitCompositeKey(compositeKey: string): { attributes: string[] } {
        return { attributes: compositeKey.split('\u0000').slice(2, -1) };
    }

    getState(key: string): Promise<Uint8Array> {
        const place = placeOf(this.chaincode, key);
        this.set.reads.set(place, this.world.versionOf(place));
        return Promise.resolve(this.world.valueOf(place) ?? new Uint8Array());
    }

    putState(key: string, value: Uint8Array): Promise<void> {
        if (value.length === 0) {
            throw new Error('an empty value is a deletion');
        }
        this.set.writes.set(placeOf(this.chaincode, key), value);
        return Promise.resolve();
    }

    getStateByPartialCompositeKey(objectType: string, attributes: string[]): AsyncIterable<Entry> {
        return this.#range(this.chaincode, this.createCompositeKey(objectType, attributes));
    }

    getStateValidationParameter(key: string): Promise<Uint8Array | undefined> {
        const place = placeOf(this.chaincode, key);
        this.set.reads.set(place, this.world.versionOf(place));
        return Promise.resolve(this.world.policyOf(place));
    }

    setStateValidationParameter(key: string, policy: Uint8Array): Promise<void> {
        this.set.policies.set(placeOf(this.chaincode, key), policy);
        return Promise.resolve();
    }

    getPrivateData(collection: string, key: string): Promise<Uint8Array> {
        return Promise.resolve(this.world.valueOf(placeOf(this.#readable(collection), key)) ?? new Uint8Array());
    }

    putPrivateData(collection: string, key: string, value: Uint8Array): Promise<void> {
        if (this.#hasPrivateRange) {
            throw new Error('this transaction has already performed queries on pvt data. Writes are not allowed');
        }
        this.set.privateWrites.set(placeOf(this.#space(collection), key), value);
        return Promise.resolve();
    }

    /** No bytes: the record goes. */
    purgePrivateData(collection: string, key: string): Promise<void> {
        if (this.#hasPrivateRange) {
            throw new Error('this transaction has already performed queries on pvt data. Writes are not allowed');
        }
        this.set.privateWrites.set(placeOf(this.#space(collection), key), new Uint8Array());
        return Promise.resolve();
    }

    getPrivateDataByPartialCompositeKey(
        collection: string,
        objectType: string,
        attributes: string[],
    ): AsyncIterable<Entry> {
        if (this.set.privateWrites.size > 0) {
            throw new Error('this transaction has already written pvt data. Queries are not allowed');
        }
        this.#hasPrivateRange = true;
        return this.#range(this.#readable(collection), this.createCompositeKey(objectType, attributes));
    }

    async invokeChaincode(chaincode: string, args: string[]): Promise<{ status: number; payload: Uint8Array }> {
        return { status: 200, payload: Buffer.from(await this.call(chaincode, args)) };
    }

    #space(collection: string): string {
        return `${this.chaincode}/${collection}`;
    }

    #readable(collection: string): string {
        if (collection !== `_implicit_org_${this.endorser}`) {
            throw new Error(`the peer of ${this.endorser} does not hold ${collection}`);
        }
        return this.#space(collection);
    }

    async *#range(space: string, prefix: string): AsyncGenerator<Entry> {
        const found = this.world.range(space, prefix);
        this.set.ranges.push({ space, prefix, found: found.map(({ key, version }) => [key, version]) });
        for (const { key, value } of found) {
            yield await Promise.resolve({ key, value });
        }
    }
}
