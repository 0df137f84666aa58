import { createHash, sign as signBytes, verify as verifyBytes, type KeyObject } from 'node:crypto';
import { TAG, element, integerValue, readTagged, unsignedInteger } from './der';
import { FormatError } from '../errors';

interface Curve {
    readonly order: bigint;
}

/** Orders of the curves of FIPS 186-4 that Fabric's peers know, by OpenSSL's names. */
const CURVES: ReadonlyMap<string, Curve> = new Map([
    ['prime256v1', { order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n }],
    [
        'secp384r1',
        {
            order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
        },
    ],
]);

export function curveOf(key: KeyObject): Curve | undefined {
    return key.asymmetricKeyType === 'ec' ? CURVES.get(key.asymmetricKeyDetails?.namedCurve ?? '') : undefined;
}

interface Signature {
    readonly r: bigint;
    readonly s: bigint;
}

/**
 * R and S as Go's `encoding/asn1` reads them: what follows the two numbers, or the sequence, is passed over.
 * Throws FormatError when they are not positive.
 */
export function readSignature(signature: Uint8Array): Signature {
    const first = readTagged(readTagged(signature, TAG.SEQUENCE).content, TAG.INTEGER);
    const second = readTagged(first.rest, TAG.INTEGER);
    const r = integerValue(first.content);
    const s = integerValue(second.content);
    if (r <= 0n || s <= 0n) throw new FormatError('R and S of a signature are positive');
    return { r, s };
}

export function encodeSignature({ r, s }: Signature): Uint8Array {
    return element(TAG.SEQUENCE, unsignedInteger(r), unsignedInteger(s));
}

export function isLowS(s: bigint, curve: Curve): boolean {
    return s <= curve.order >> 1n;
}

export function toLowS(signature: Signature, curve: Curve): Signature {
    return isLowS(signature.s, curve) ? signature : { r: signature.r, s: curve.order - signature.s };
}

/** DER with low S over SHA-256 of the message. */
export function signLowS(key: KeyObject, message: Uint8Array): Uint8Array {
    const curve = curveOf(key);
    if (curve === undefined) throw new FormatError('not a private key on a curve Fabric knows');
    return encodeSignature(toLowS(readSignature(signBytes('sha256', message, key)), curve));
}

/** False for high S, as Fabric has it: each signature has a second form that is as good, and only one may count. */
export function verifyLowS(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
    const curve = curveOf(key);
    if (curve === undefined) return false;
    let numbers: Signature;
    try {
        numbers = readSignature(signature);
    } catch {
        return false;
    }
    if (numbers.r >= curve.order || !isLowS(numbers.s, curve)) return false;
    // The key alone: Node takes half as long again for one that comes with options.
    return verifyBytes('sha256', message, key, encodeSignature(numbers));
}

/** Names a public key in caches: hex SHA-256 of its SPKI. */
export function keyDigest(key: KeyObject): string {
    return createHash('sha256')
        .update(key.export({ type: 'spki', format: 'der' }))
        .digest('hex');
}
