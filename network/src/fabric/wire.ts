import { hash } from 'node:crypto';
import type { Message } from 'google-protobuf';
import { FormatError } from './errors';

export function sha256(data: Uint8Array): Uint8Array {
    return hash('sha256', data, 'buffer');
}

/** Hex SHA-256: the key under which contents are kept in caches. */
export function digestOf(data: Uint8Array): string {
    return hash('sha256', data, 'hex');
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
    return Buffer.concat(parts);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
    return Buffer.compare(a, b) === 0;
}

export interface MessageType<M extends Message> {
    deserializeBinary(bytes: Uint8Array): M;
}

/** The decoder's own errors speak of assertions; this one says what could not be read. */
export function decode<M extends Message>(type: MessageType<M>, bytes: Uint8Array, what: string): M {
    try {
        return type.deserializeBinary(bytes);
    } catch (error) {
        throw new FormatError(`${what} cannot be decoded: ${error instanceof Error ? error.message : String(error)}`);
    }
}

/**
 * The decoded message, if encoding it again gives the same bytes.
 *
 * Decoders differ on what is not canonical (fields given twice, unknown fields, bad UTF-8): whoever wants all peers to read the
 * same thing accepts canonical bytes only.
 */
export function canonical<M extends Message>(type: MessageType<M>, bytes: Uint8Array): M | undefined {
    try {
        const message = type.deserializeBinary(bytes);
        return sameBytes(message.serializeBinary(), bytes) ? message : undefined;
    } catch {
        return undefined;
    }
}

export function isCanonical<M extends Message>(type: MessageType<M>, bytes: Uint8Array): boolean {
    return canonical(type, bytes) !== undefined;
}

/** Entries of a protobuf map with their messages; the map's own `toArray` gives message values as raw arrays. */
export function mapEntries<K, V>(map: {
    forEach(callback: (value: V, key: K) => void): void;
}): readonly (readonly [K, V])[] {
    const entries: [K, V][] = [];
    map.forEach((value, key) => {
        entries.push([key, value]);
    });
    return entries;
}
