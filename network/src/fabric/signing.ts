import type { KeyObject } from 'node:crypto';

export interface SigningIdentity {
    readonly mspId: string;
    readonly certificatePem: string;
    /** Bytes of the `SerializedIdentity`, as they stand in creators and endorsements. */
    readonly serialized: Uint8Array;
    /** ECDSA over SHA-256 as DER with low S: what Fabric accepts. */
    sign(message: Uint8Array): Uint8Array;
}

export function signingIdentity(_mspId: string, _certificatePem: string, _privateKeyPem: string): SigningIdentity {
    throw new Error('not yet');
}

/** SerializedIdentity bytes of a certificate. */
export function serializeIdentity(_mspId: string, _certificatePem: string): Uint8Array {
    throw new Error('not yet');
}

/** True if the signature is good and has low S. Answers are kept process-wide, so 21 peers in a process verify once. */
export function verifySignature(_key: KeyObject, _message: Uint8Array, _signature: Uint8Array): boolean {
    throw new Error('not yet');
}
