import { createHmac, createPublicKey, hash, verify, type KeyObject } from 'node:crypto';

/** SHA-256 over the parts one after the other; text as UTF-8. */
export function sha256(...parts: readonly (Uint8Array | string)[]): Uint8Array {
    // In one call, which is several times faster than an object for each hash.
    return hash('sha256', Buffer.concat(parts.map((part) => Buffer.from(part))), 'buffer');
}

export const sha256Hex = (...parts: readonly (Uint8Array | string)[]): string => toHex(sha256(...parts));

/** HMAC-SHA-256 over the parts, each after its length, so that no two lists of parts give the same message. */
export function hmacOverParts(key: Uint8Array, ...parts: readonly (Uint8Array | string)[]): Uint8Array {
    const hmac = createHmac('sha256', key);
    for (const part of parts) {
        hmac.update(lengthPrefixed(part));
    }
    return hmac.digest();
}

/** The bytes after their length as uint32 big-endian. */
export function lengthPrefixed(part: Uint8Array | string): Uint8Array {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
}

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Lower-case hex only, so that bytes have one spelling. */
export function fromHex(text: string): Uint8Array {
    if (!/^(?:[0-9a-f]{2})*$/.test(text)) {
        throw new TypeError('not lower-case hex');
    }
    return Buffer.from(text, 'hex');
}

/**
 * Whether `signature` (ECDSA with SHA-256, DER, base64) over `message` is by the P-256 key `publicKey` (SPKI DER, base64).
 * A key or signature that cannot be read is a signature that does not hold: false, never an exception.
 */
export function verifySignature(publicKey: string, message: Uint8Array | string, signature: string): boolean {
    const key = verificationKey(publicKey);
    if (key === undefined || !isBase64(signature)) {
        return false;
    }
    return verify('sha256', Buffer.from(message), key, Buffer.from(signature, 'base64'));
}

/** Whether this is a P-256 public key that `verifySignature` can use. */
export const isVerificationKey = (publicKey: string): boolean => verificationKey(publicKey) !== undefined;

// Reading a key costs as much as using it, and a community has few: a bounded memory of a pure function.
const MOST_KEYS = 512;
const keys = new Map<string, KeyObject | undefined>();

function verificationKey(publicKey: string): KeyObject | undefined {
    if (!keys.has(publicKey)) {
        if (keys.size >= MOST_KEYS) {
            keys.clear();
        }
        keys.set(publicKey, readKey(publicKey));
    }
    return keys.get(publicKey);
}

function readKey(publicKey: string): KeyObject | undefined {
    if (!isBase64(publicKey)) {
        return undefined;
    }
    try {
        const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
        return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
    } catch {
        return undefined;
    }
}

// Buffer skips what it does not know; then one signature would have many spellings.
function isBase64(text: string): boolean {
    return text !== '' && Buffer.from(text, 'base64').toString('base64') === text;
}
