import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as noble } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

// Takes the place of chaincode/src/domain/digest.ts in the pages: the same functions, without Node. Browsers hash asynchronously, and only over
// secure connections; a home's server is often reached without one. Signatures are not verified here.

type Part = Uint8Array | string;

const bytesOf = (part: Part): Uint8Array => (typeof part === 'string' ? utf8ToBytes(part) : part);

export const sha256 = (...parts: readonly Part[]): Uint8Array => noble(concatBytes(...parts.map(bytesOf)));

export const sha256Hex = (...parts: readonly Part[]): string => toHex(sha256(...parts));

export const hmacOverParts = (key: Uint8Array, ...parts: readonly Part[]): Uint8Array =>
    hmac(noble, key, concatBytes(...parts.map(lengthPrefixed)));

/** The bytes after their length as uint32 big-endian. */
export function lengthPrefixed(part: Part): Uint8Array {
    const bytes = bytesOf(part);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    return concatBytes(length, bytes);
}

export const toHex = (bytes: Uint8Array): string => bytesToHex(bytes);

export function fromHex(text: string): Uint8Array {
    if (!/^(?:[0-9a-f]{2})*$/.test(text)) {
        throw new TypeError('not lower-case hex');
    }
    return hexToBytes(text);
}
