import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readSignature } from './encoding/ecdsa';
import { serializeIdentity, signingIdentity, verifySignature } from './signing';
import { otherForm } from './testing/certificates';

const HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;

/** RFC 6979, A.2.5: P-256 with SHA-256, message "sample"; its S is high, so Fabric knows the signature in the other form only. */
const RFC_6979 = {
    key: createPublicKey({
        key: {
            kty: 'EC',
            crv: 'P-256',
            x: Buffer.from('60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6', 'hex').toString(
                'base64url',
            ),
            y: Buffer.from('7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299', 'hex').toString(
                'base64url',
            ),
        },
        format: 'jwk',
    }),
    message: Buffer.from('sample'),
    highS: Buffer.from(
        '3046022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716' +
            '022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8',
        'hex',
    ),
};

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKeyPem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const message = Buffer.from('what is signed');

describe('signatures', () => {
    test('the published signature verifies in its low form and is refused in its high form', () => {
        expect(verifySignature(RFC_6979.key, RFC_6979.message, RFC_6979.highS)).toBe(false);
        expect(verifySignature(RFC_6979.key, RFC_6979.message, otherForm(RFC_6979.highS))).toBe(true);
    });

    test('what an identity signs has low S and verifies, whatever Node would have made of it', () => {
        const identity = signingIdentity('H1MSP', 'a certificate', privateKeyPem);
        for (let count = 0; count < 20; count += 1) {
            const text = Buffer.from(`message ${count}`);
            const signature = identity.sign(text);
            expect(readSignature(signature).s).toBeLessThanOrEqual(HALF_ORDER);
            expect(verifySignature(pair.publicKey, text, signature)).toBe(true);
        }
    });

    test('a signature is for one message, one key and one value', () => {
        const signature = signingIdentity('H1MSP', 'a certificate', privateKeyPem).sign(message);
        const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
        const changed = Buffer.from(signature);
        changed.writeUInt8(changed.readUInt8(10) ^ 1, 10);
        expect(verifySignature(pair.publicKey, Buffer.from('another'), signature)).toBe(false);
        expect(verifySignature(other, message, signature)).toBe(false);
        expect(verifySignature(pair.publicKey, message, changed)).toBe(false);
        expect(verifySignature(pair.publicKey, message, signature)).toBe(true);
    });

    test.each([
        ['nothing', ''],
        ['no sequence', '0203010203'],
        ['one number', '3003020101'],
        ['R of zero', '3006020100020101'],
        ['a negative S', '30060201010201ff'],
        ['an R that is not minimal', '300702020001020101'],
        ['a length that runs over the end', '3007020101020101'],
    ])('%s is no signature', (_name, hex) => {
        expect(verifySignature(pair.publicKey, message, Buffer.from(hex, 'hex'))).toBe(false);
    });

    test('what follows the numbers is passed over, as Go does', () => {
        const signature = signingIdentity('H1MSP', 'a certificate', privateKeyPem).sign(message);
        expect(verifySignature(pair.publicKey, message, Buffer.concat([signature, Uint8Array.of(0)]))).toBe(true);
    });

    test('P-384 and Ed25519 keys verify, RSA does not', () => {
        const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
        const signedP384 = signingIdentity(
            'A',
            '',
            p384.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        );
        const ed = generateKeyPairSync('ed25519');
        const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
        expect(verifySignature(p384.publicKey, message, signedP384.sign(message))).toBe(true);
        expect(verifySignature(ed.publicKey, message, sign(null, message, ed.privateKey))).toBe(true);
        expect(verifySignature(rsa.publicKey, message, sign('sha256', message, rsa.privateKey))).toBe(false);
    });

    test('a serialised identity is MSP id and certificate', () => {
        expect(Buffer.from(serializeIdentity('A', 'C')).toString('hex')).toBe('0a0141120143');
    });
});
