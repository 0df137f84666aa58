import { createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { signers } from '@hyperledger/fabric-gateway';
import { signLowS } from '../gateway/signing';

/** Where an agent's secrets lie. */
export interface KeyFiles {
    readonly keyPath: string;
    readonly saltKeyPath: string;
}

/**
 * The secrets with which an agent makes private records. Salts, and the signatures of records, are functions of what is
 * salted and signed: an agent that died between making a record and hearing that it was committed makes the same again.
 */
export class OwnerKeys {
    /** As governance keeps it on file: SubjectPublicKeyInfo, DER, base64. */
    readonly publicKey: string;
    /** Names the public key where it has to be short: 16 hex digits of its SHA-256. */
    readonly fingerprint: string;
    readonly #privateKey: KeyObject;
    readonly #saltKey: Uint8Array;

    constructor({ keyPath, saltKeyPath }: KeyFiles) {
        this.#privateKey = createPrivateKey(readFileSync(keyPath));
        this.#saltKey = readFileSync(saltKeyPath);
        this.publicKey = publicKeyOf(this.#privateKey);
        this.fingerprint = createHash('sha256').update(this.publicKey).digest('hex').slice(0, 16);
    }

    /** 32 bytes in hex that nobody else can guess, for one version of one record. */
    saltFor(key: string, version: number): string {
        return createHmac('sha256', this.#saltKey).update(`${key}#${version}`).digest('hex');
    }

    /** ECDSA with the nonce of RFC 6979, DER, base64: equal statements have equal signatures. */
    async sign(statement: Uint8Array): Promise<string> {
        const digest = createHash('sha256').update(statement).digest();
        return Buffer.from(await signers.newPrivateKeySigner(this.#privateKey)(digest)).toString('base64');
    }

    /** Faster, with a random nonce: for the hundreds of readings of a day, which are read back and never made again. */
    signFast(statement: Uint8Array): string {
        return Buffer.from(signLowS(this.#privateKey, statement)).toString('base64');
    }
}

/** The key in a meter, which the grid operator's device authority has certified. */
export class MeterKey {
    readonly publicKey: string;
    readonly #privateKey: KeyObject;

    constructor(keyPath: string) {
        this.#privateKey = createPrivateKey(readFileSync(keyPath));
        this.publicKey = publicKeyOf(this.#privateKey);
    }

    sign(statement: Uint8Array): string {
        return Buffer.from(signLowS(this.#privateKey, statement)).toString('base64');
    }
}

function publicKeyOf(privateKey: KeyObject): string {
    return createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
}
