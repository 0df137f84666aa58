import type { Batches, LedgerStub, Write } from './stub';

/** Far below the 100 MB that Fabric takes in one message, far above what a transaction of the market writes. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** Values that are read at once stay below Fabric's message limit too, however long each is. */
const MAX_READS = 100;

/**
 * What one transaction writes, in as few messages as its peer takes: every message costs the chaincode a journey to the peer and
 * back, and a thousand of them are most of such a transaction's time. Where the peer takes batches (Fabric from 3.1, and only if it says
 * so) writes wait until `flush`; where it does not, each goes at once. The write set is the same to the byte: the order of
 * writes is kept, and a peer sorts by key. Nothing that waits can be seen by a read, which Fabric does not allow either.
 */
export class BatchedState {
    readonly #stub: LedgerStub;
    readonly #batches: Batches | undefined;
    #waiting: Write[] = [];

    constructor(stub: LedgerStub) {
        this.#stub = stub;
        this.#batches = stub.batches;
    }

    /** Values of public keys in their order; no bytes where there is none. */
    async read(keys: readonly string[]): Promise<Uint8Array[]> {
        const values: Uint8Array[] = [];
        const atOnce = Math.min(this.#batches?.maxReads ?? 0, MAX_READS);
        if (this.#batches === undefined || atOnce < 2) {
            for (const key of keys) {
                values.push(await this.#stub.getState(key));
            }
            return values;
        }
        for (let from = 0; from < keys.length; from += atOnce) {
            values.push(...(await this.#batches.read(keys.slice(from, from + atOnce))));
        }
        return values;
    }

    /** Without a collection the state is public. */
    async put(key: string, value: Uint8Array, collection?: string): Promise<void> {
        if (this.#isBatching) {
            this.#waiting.push({ kind: 'value', key, value, ...(collection === undefined ? {} : { collection }) });
        } else if (collection === undefined) {
            await this.#stub.putState(key, value);
        } else {
            await this.#stub.putPrivateData(collection, key, value);
        }
    }

    async setPolicy(key: string, policy: Uint8Array): Promise<void> {
        if (this.#isBatching) {
            this.#waiting.push({ kind: 'policy', key, policy });
        } else {
            await this.#stub.setStateValidationParameter(key, policy);
        }
    }

    /** Send what waits. A transaction that is not flushed has written nothing. */
    async flush(): Promise<void> {
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const batch of batchesOf(waiting, this.#batches?.maxWrites ?? 0)) {
            await this.#batches?.write(batch);
        }
    }

    get #isBatching(): boolean {
        return (this.#batches?.maxWrites ?? 0) > 0;
    }
}

/** In their order, each of at most so many writes and, unless one alone is more, so many bytes. */
function* batchesOf(writes: readonly Write[], maxWrites: number): Generator<readonly Write[]> {
    let batch: Write[] = [];
    let bytes = 0;
    for (const write of writes) {
        const size = write.kind === 'value' ? write.value.length : write.policy.length;
        if (batch.length > 0 && (batch.length === maxWrites || bytes + size > MAX_BATCH_BYTES)) {
            yield batch;
            [batch, bytes] = [[], 0];
        }
        batch.push(write);
        bytes += size;
    }
    if (batch.length > 0) {
        yield batch;
    }
}
