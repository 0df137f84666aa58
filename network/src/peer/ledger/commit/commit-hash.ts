import { sortedEntries } from '../store/key-order';
import { sha256 } from '../store/keys';
import { splitSpace } from './updates';
import type { BlockUpdates, KeyUpdates, Update } from './updates';

/** Tags of the fields of Fabric's (unpublished) messages: number and wire type in one byte. */
const TAG = {
    update: 0x0a,
    namespace: 0x0a,
    collection: 0x12,
    key: 0x1a,
    isDelete: 0x20,
    value: 0x2a,
    version: 0x32,
} as const;
const CONTINUES = 0x80;
/** More than tags and lengths of one update take. */
const OVERHEAD = 64;

interface NamedUpdate {
    readonly key: Buffer;
    readonly update: Update;
    namespace: string;
    collection: string;
}

function varintSize(value: number): number {
    let size = 1;
    for (let rest = value; rest >= CONTINUES; rest = Math.floor(rest / CONTINUES)) {
        size += 1;
    }
    return size;
}

/** How many bytes a number has without leading zeros; Fabric's databases write that count before them. */
function significantBytes(value: number): number {
    let size = 0;
    for (let rest = value; rest > 0; rest = Math.floor(rest / 0x100)) {
        size += 1;
    }
    return size;
}

const fieldSize = (length: number): number => (length === 0 ? 0 : 1 + varintSize(length) + length);

function versionSize({ version }: Update): number {
    return 2 + significantBytes(version.block) + significantBytes(version.tx);
}

/** Writes updates one after the other into one piece of memory: there are many, and peers of a process do this for each. */
class UpdateWriter {
    readonly #bytes: Buffer;
    #length = 0;

    constructor(size: number) {
        this.#bytes = Buffer.allocUnsafe(size);
    }

    get written(): Buffer {
        return this.#bytes.subarray(0, this.#length);
    }

    update({ namespace, collection, key, update }: NamedUpdate): void {
        const version = versionSize(update);
        const value = update.value === undefined ? 2 : fieldSize(update.value.length);
        const size =
            fieldSize(Buffer.byteLength(namespace)) +
            fieldSize(Buffer.byteLength(collection)) +
            fieldSize(key.length) +
            value +
            fieldSize(version);
        this.#byte(TAG.update);
        this.varint(size);
        this.#text(TAG.namespace, namespace);
        this.#text(TAG.collection, collection);
        this.#field(TAG.key, key);
        if (update.value === undefined) {
            this.#byte(TAG.isDelete);
            this.#byte(1);
        } else {
            this.#field(TAG.value, update.value);
        }
        this.#byte(TAG.version);
        this.varint(version);
        this.#orderPreserving(update.version.block);
        this.#orderPreserving(update.version.tx);
    }

    varint(value: number): void {
        let rest = value;
        while (rest >= CONTINUES) {
            this.#byte((rest % CONTINUES) | CONTINUES);
            rest = Math.floor(rest / CONTINUES);
        }
        this.#byte(rest);
    }

    #byte(value: number): void {
        this.#bytes[this.#length] = value;
        this.#length += 1;
    }

    #text(tag: number, text: string): void {
        if (text !== '') {
            this.#byte(tag);
            this.varint(Buffer.byteLength(text));
            this.#length += this.#bytes.write(text, this.#length);
        }
    }

    #field(tag: number, value: Uint8Array): void {
        if (value.length > 0) {
            this.#byte(tag);
            this.varint(value.length);
            this.#bytes.set(value, this.#length);
            this.#length += value.length;
        }
    }

    #orderPreserving(value: number): void {
        const size = significantBytes(value);
        this.#byte(size);
        if (size > 0) {
            this.#bytes.writeUIntBE(value, this.#length, size);
            this.#length += size;
        }
    }
}

function named(updates: KeyUpdates, encoding: 'utf8' | 'hex'): NamedUpdate[] {
    return sortedEntries(updates).map(([key, update]) => ({
        key: Buffer.from(key, encoding),
        update,
        namespace: '',
        collection: '',
    }));
}

interface NamespaceUpdates {
    public?: KeyUpdates;
    readonly collections: Map<string, KeyUpdates>;
}

function byNamespace(updates: BlockUpdates): Map<string, NamespaceUpdates> {
    const namespaces = new Map<string, NamespaceUpdates>();
    for (const [namespace, keys] of updates.public.spaces) {
        namespaces.set(namespace, { public: keys, collections: new Map() });
    }
    for (const [space, keys] of updates.hashed.spaces) {
        const { namespace, collection } = splitSpace(space);
        const known = namespaces.get(namespace) ?? { collections: new Map<string, KeyUpdates>() };
        namespaces.set(namespace, known);
        known.collections.set(collection, keys);
    }
    return namespaces;
}

/** Updates in a fixed order; a namespace's or collection's name stands at its first update only. */
function inOrder(updates: BlockUpdates): NamedUpdate[] {
    const all: NamedUpdate[] = [];
    for (const [namespace, { public: keys, collections }] of sortedEntries(byNamespace(updates))) {
        if (namespace === '') {
            continue; // the channel configuration, which Fabric leaves out
        }
        const first = all.length;
        all.push(...(keys === undefined ? [] : named(keys, 'utf8')));
        for (const [collection, hashes] of sortedEntries(collections)) {
            const ofCollection = named(hashes, 'hex');
            ofCollection.slice(0, 1).forEach((update) => (update.collection = collection));
            all.push(...ofCollection);
        }
        all.slice(first, first + 1).forEach((update) => (update.namespace = namespace));
    }
    return all;
}

function sizeOf({ namespace, collection, key, update }: NamedUpdate): number {
    const names = Buffer.byteLength(namespace) + Buffer.byteLength(collection);
    return OVERHEAD + names + key.length + (update.value?.length ?? 0);
}

/**
 * Fabric's commit hash: SHA-256(number of codes ‖ codes ‖ updates ‖ commit hash before). Peers write it into the block's
 * metadata, so one comparison tells whether two peers agreed on every code and every value since block 1.
 */
export function commitHash(codes: Uint8Array, updates: BlockUpdates, before: Uint8Array): Buffer {
    const all = inOrder(updates);
    const writer = new UpdateWriter(all.reduce((size, update) => size + sizeOf(update), 0));
    for (const update of all) {
        writer.update(update);
    }
    const count = new UpdateWriter(OVERHEAD);
    count.varint(codes.length);
    return sha256(Buffer.concat([count.written, codes, writer.written, before]));
}
