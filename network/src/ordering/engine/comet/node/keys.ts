import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { engineAddress } from '../seats';

const PRIVATE_TYPE = 'tendermint/PrivKeyEd25519';
const PUBLIC_TYPE = 'tendermint/PubKeyEd25519';
/** Seed and public half, as the engine's files have private keys. */
const PRIVATE_BYTES = 64;
const SEED_BYTES = 32;

/** The two key files of an engine, as it reads them. */
export interface EngineKeyFiles {
    /** What it votes with. */
    readonly validator: string;
    /** What it proves to the other engines with that it is the one they want to talk to. */
    readonly node: string;
}

/** What others may know of an engine's keys. */
export interface EngineIdentity {
    readonly publicKey: Uint8Array;
    /** The address of its node key. */
    readonly nodeId: string;
}

interface Ed25519 {
    readonly seed: Buffer;
    readonly publicKey: Buffer;
}

/** New keys, as the contents of the two files: JSON of the engine's own. */
export function newEngineKeys(): EngineKeyFiles {
    return { validator: validatorKey(newKey()), node: nodeKey(newKey()) };
}

/** @throws Error when the files are not keys of an engine, or a public half is not that of its private one. */
export function engineIdentity({ validator, node }: EngineKeyFiles): EngineIdentity {
    return {
        publicKey: publicHalf(privateKeySchema.parse(JSON.parse(validator)).priv_key.value),
        nodeId: engineAddress(publicHalf(privateKeySchema.parse(JSON.parse(node)).priv_key.value)),
    };
}

const privateKeySchema = z.object({
    priv_key: z.object({ type: z.literal(PRIVATE_TYPE), value: z.base64() }),
});

function newKey(): Ed25519 {
    const { privateKey } = generateKeyPairSync('ed25519');
    return { seed: part(privateKey, 'd'), publicKey: part(privateKey, 'x') };
}

function validatorKey({ seed, publicKey }: Ed25519): string {
    return json({
        address: engineAddress(publicKey).toUpperCase(),
        pub_key: { type: PUBLIC_TYPE, value: publicKey.toString('base64') },
        priv_key: privateKey({ seed, publicKey }),
    });
}

function nodeKey(key: Ed25519): string {
    return json({ priv_key: privateKey(key) });
}

function privateKey({ seed, publicKey }: Ed25519): { type: string; value: string } {
    return { type: PRIVATE_TYPE, value: Buffer.concat([seed, publicKey]).toString('base64') };
}

function publicHalf(value: string): Buffer {
    const bytes = Buffer.from(value, 'base64');
    const publicKey = bytes.subarray(SEED_BYTES);
    if (bytes.length !== PRIVATE_BYTES || !publicOf(bytes.subarray(0, SEED_BYTES)).equals(publicKey)) {
        throw new Error('a key of the engine is damaged: its two halves do not belong together');
    }
    return publicKey;
}

/** What stands before the seed in PKCS #8 (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

function publicOf(seed: Buffer): Buffer {
    const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
    return part(createPublicKey(key), 'x');
}

function part(key: KeyObject, name: 'd' | 'x'): Buffer {
    const value = key.export({ format: 'jwk' })[name];
    if (value === undefined) {
        throw new Error(`the key has no part ${name}`);
    }
    return Buffer.from(value, 'base64url');
}

function json(value: unknown): string {
    return `${JSON.stringify(value, null, 2)}\n`;
}
