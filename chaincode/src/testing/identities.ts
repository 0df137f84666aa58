import { createECDH, createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

/** A P-256 key pair that is the same in every run, because it comes from its name. */
export interface TestKey {
    /** SPKI DER, base64. */
    readonly publicKey: string;
    /** ECDSA SHA-256, DER, base64. */
    sign(message: Uint8Array): string;
}

export function testKey(name: string): TestKey {
    const key = privateKey(createHash('sha256').update(name).digest());
    return {
        publicKey: createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64'),
        sign: (message) => sign('sha256', message, key).toString('base64'),
    };
}

function privateKey(scalar: Buffer): KeyObject {
    const curve = createECDH('prime256v1');
    curve.setPrivateKey(scalar);
    const point = curve.getPublicKey();
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
    return createPrivateKey({
        format: 'jwk',
        key: { kty: 'EC', crv: 'P-256', d: scalar.toString('base64url'), x: x ?? '', y: y ?? '' },
    });
}

/** 32 bytes in hex that stand for a name. */
export const testSalt = (name: string): string => createHash('sha256').update(`salt of ${name}`).digest('hex');
