import type { Version } from '../../../fabric/rwset';
import { encodeEntry } from '../store/entries';
import type { Operation } from '../store/ledger-store';

/** What a block does to a key in the end; without a value the key is deleted. */
export interface Update {
    readonly value: Uint8Array | undefined;
    readonly metadata: Uint8Array | undefined;
    readonly version: Version;
}

export type KeyUpdates = Map<string, Update>;

/** Updates of the keys of many spaces (namespaces, or collections of namespaces). */
export class SpaceUpdates {
    readonly #spaces = new Map<string, KeyUpdates>();

    get(space: string, key: string): Update | undefined {
        return this.#spaces.get(space)?.get(key);
    }

    set(space: string, key: string, update: Update): void {
        const known = this.#spaces.get(space);
        if (known === undefined) {
            this.#spaces.set(space, new Map([[key, update]]));
        } else {
            known.set(key, update);
        }
    }

    /** Whether a key was written or deleted. */
    has(space: string, key: string): boolean {
        return this.#spaces.get(space)?.has(key) ?? false;
    }

    keys(space: string): ReadonlyMap<string, Update> {
        return this.#spaces.get(space) ?? new Map<string, Update>();
    }

    get spaces(): IterableIterator<[string, KeyUpdates]> {
        return this.#spaces.entries();
    }

    /** The same updates, to which others may be added. */
    copy(): SpaceUpdates {
        const copy = new SpaceUpdates();
        for (const [space, keys] of this.#spaces) {
            copy.#spaces.set(space, new Map(keys));
        }
        return copy;
    }
}

/** Updates that several peers write are encoded once. */
const encoded = new WeakMap<Update, Buffer>();

function encodedUpdate(update: Update, value: Uint8Array): Buffer {
    const known = encoded.get(update) ?? encodeEntry({ ...update, value });
    encoded.set(update, known);
    return known;
}

/** What the updates change in a database. */
export function* storedUpdates(
    updates: SpaceUpdates,
    databaseKey: (space: string, key: string) => string,
): Iterable<Operation> {
    for (const [space, keys] of updates.spaces) {
        for (const [name, update] of keys) {
            const key = databaseKey(space, name);
            yield update.value === undefined
                ? { type: 'del', key }
                : { type: 'put', key, value: encodedUpdate(update, update.value) };
        }
    }
}

const SEPARATOR = '\u0000';

export function collectionSpace(namespace: string, collection: string): string {
    return namespace + SEPARATOR + collection;
}

export function splitSpace(space: string): { namespace: string; collection: string } {
    const [namespace = '', collection = ''] = space.split(SEPARATOR);
    return { namespace, collection };
}

/** All that a block changes in the state; later transactions of the block are checked against it. */
export class BlockUpdates {
    /** By namespace. */
    readonly public: SpaceUpdates;
    /** By collection; keys are the hex hashes of keys, values the hashes of values. */
    readonly hashed: SpaceUpdates;
    /** By collection. */
    readonly private = new SpaceUpdates();

    constructor(publicUpdates = new SpaceUpdates(), hashed = new SpaceUpdates()) {
        this.public = publicUpdates;
        this.hashed = hashed;
    }

    /** To be completed by one peer with its private data and with what expires; what these are made from stays as it is. */
    forOnePeer(): BlockUpdates {
        return new BlockUpdates(this.public, this.hashed.copy());
    }
}
