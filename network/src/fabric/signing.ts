import { createHash, createPrivateKey, createPublicKey, verify as verifyBytes, type KeyObject } from 'node:crypto';
import { msp } from '@hyperledger/fabric-protos';
import { BoundedCache } from './bounded-cache';
import { keyDigest, signLowS, verifyLowS } from './encoding/ecdsa';

export interface SigningIdentity {
    readonly mspId: string;
    readonly certificatePem: string;
    /** Bytes of the `SerializedIdentity`, as they stand in creators and endorsements. */
    readonly serialized: Uint8Array;
    /** ECDSA over SHA-256 as DER with low S: what Fabric accepts. */
    sign(message: Uint8Array): Uint8Array;
}

export function signingIdentity(mspId: string, certificatePem: string, privateKeyPem: string): SigningIdentity {
    const key = createPrivateKey(privateKeyPem);
    const publicKey = createPublicKey(key);
    return {
        mspId,
        certificatePem,
        serialized: serializeIdentity(mspId, certificatePem),
        sign: (message) => {
            const signature = signLowS(key, message);
            // Peers of a process endorse for each other, and would all verify what was signed here.
            verifications.set(verificationName(publicKey, message, signature), true);
            return signature;
        },
    };
}

/** SerializedIdentity bytes of a certificate. */
export function serializeIdentity(mspId: string, certificatePem: string): Uint8Array {
    const identity = new msp.SerializedIdentity();
    identity.setMspid(mspId);
    identity.setIdBytes(Buffer.from(certificatePem));
    return identity.serializeBinary();
}

/** As many signatures as some hundred blocks hold; an entry is about 150 bytes. */
const VERIFICATIONS_KEPT = 50_000;
const verifications = new BoundedCache<string, boolean>(VERIFICATIONS_KEPT);
const keyNames = new WeakMap<KeyObject, string>();

/** True if the signature is good and has low S. Answers are kept process-wide, so 21 peers in a process verify once. */
export function verifySignature(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
    const name = verificationName(key, message, signature);
    return verifications.remember(name, () =>
        key.asymmetricKeyType === 'ed25519'
            ? verifyBytes(null, message, key, signature)
            : verifyLowS(key, message, signature),
    );
}

/** Digest of key, signature and message; the signature's length keeps the two apart. */
function verificationName(key: KeyObject, message: Uint8Array, signature: Uint8Array): string {
    let keyName = keyNames.get(key);
    if (keyName === undefined) {
        keyName = keyDigest(key);
        keyNames.set(key, keyName);
    }
    return createHash('sha256')
        .update(`${keyName}:${signature.length}:`)
        .update(signature)
        .update(message)
        .digest('base64');
}
