import { sign, type KeyObject } from 'node:crypto';
import type { Signer } from '@hyperledger/fabric-gateway';

/** Order of P-256's group. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * ECDSA with SHA-256 in DER with the lower of the two possible s, as Fabric wants it. Node's own crypto is some thirty
 * times as fast as curves in JavaScript, and signing is a good part of what a client does.
 */
export function signLowS(privateKey: KeyObject, message: Uint8Array): Uint8Array {
    const raw = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const [r, s] = [raw.subarray(0, 32), raw.subarray(32)];
    const value = BigInt(`0x${s.toString('hex')}`);
    const low = value > ORDER / 2n ? Buffer.from((ORDER - value).toString(16).padStart(64, '0'), 'hex') : s;
    const body = Buffer.concat([derInteger(r), derInteger(low)]);
    return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/** For a gateway that hands over messages and not their digests (`hash.none`). */
export function messageSigner(privateKey: KeyObject): Signer {
    return (message) => Promise.resolve(signLowS(privateKey, message));
}

function derInteger(magnitude: Buffer): Buffer {
    const first = magnitude.findIndex((byte) => byte !== 0);
    const digits = first === -1 ? Buffer.alloc(1) : magnitude.subarray(first);
    const positive = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), digits]) : digits;
    return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}
