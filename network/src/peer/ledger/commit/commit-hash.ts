import { sortedEntries } from '../store/key-order';
import { sha256 } from '../store/keys';
import { splitSpace } from './updates';
import type { BlockUpdates, KeyUpdates, Update } from './updates';

/** Wire types of protocol buffers. */
const VARINT = 0;
const BYTES = 2;

function varint(value: number): Buffer {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 0x7f) {
        bytes.push((rest % 0x80) | 0x80);
        rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
    return Buffer.from(bytes);
}

function bytesField(number: number, value: Uint8Array | string): Buffer[] {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    return bytes.length === 0 ? [] : [varint((number << 3) | BYTES), varint(bytes.length), Buffer.from(bytes)];
}

/** A number as Fabric's databases write it: its length in bytes, then the bytes. */
function orderPreserving(value: number): Buffer {
    const digits = value === 0 ? '' : value.toString(16);
    const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

interface NamedUpdate {
    readonly key: Buffer;
    readonly update: Update;
    namespace: string;
    collection: string;
}

function encodeUpdate({ namespace, collection, key, update }: NamedUpdate): Buffer {
    const { value, version } = update;
    const body = Buffer.concat([
        ...bytesField(1, namespace),
        ...bytesField(2, collection),
        ...bytesField(3, key),
        ...(value === undefined ? [Buffer.from([(4 << 3) | VARINT, 1])] : bytesField(5, value)),
        ...bytesField(6, Buffer.concat([orderPreserving(version.block), orderPreserving(version.tx)])),
    ]);
    return Buffer.concat([varint((1 << 3) | BYTES), varint(body.length), body]);
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

/**
 * Fabric's commit hash: SHA-256(number of codes ‖ codes ‖ updates ‖ commit hash before). Peers write it into the block's
 * metadata, so one comparison tells whether two peers agreed on every code and every value since block 1.
 */
export function commitHash(codes: Uint8Array, updates: BlockUpdates, before: Uint8Array): Buffer {
    return sha256(Buffer.concat([varint(codes.length), codes, ...inOrder(updates).map(encodeUpdate), before]));
}
