import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { fromHex, hmacOverParts, isVerificationKey, lengthPrefixed, sha256Hex, toHex, verifySignature } from './digest';

const pair = (namedCurve: string) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    return { publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'), privateKey };
};
const owner = pair('P-256');
const other = pair('P-256');
const signed = (message: string, by = owner): string =>
    sign('sha256', Buffer.from(message), by.privateKey).toString('base64');

describe('verifySignature', () => {
    it('holds for the message that the key signed', () => {
        expect(verifySignature(owner.publicKey, 'a reading', signed('a reading'))).toBe(true);
    });

    const strange = pair('P-384');
    it.each([
        { why: 'another message', key: owner.publicKey, message: 'another', signature: signed('a reading') },
        { why: 'another key', key: other.publicKey, message: 'a reading', signature: signed('a reading') },
        { why: 'a key that is none', key: 'AAAA', message: 'a reading', signature: signed('a reading') },
        { why: 'a key in no base64', key: '%', message: 'a reading', signature: signed('a reading') },
        {
            why: 'a key of another curve',
            key: strange.publicKey,
            message: 'a reading',
            signature: signed('a reading', strange),
        },
        { why: 'no signature', key: owner.publicKey, message: 'a reading', signature: '' },
        { why: 'a signature that is none', key: owner.publicKey, message: 'a reading', signature: 'AAAA' },
        {
            why: 'a signature with another spelling',
            key: owner.publicKey,
            message: 'a reading',
            signature: `${signed('a reading')}\n`,
        },
    ])('does not hold for $why', ({ key, message, signature }) => {
        expect(verifySignature(key, message, signature)).toBe(false);
    });

    it('knows a P-256 key', () => {
        expect([owner.publicKey, strange.publicKey, ''].map(isVerificationKey)).toEqual([true, false, false]);
    });
});

describe('digests', () => {
    it('hash parts one after the other', () => {
        expect(sha256Hex('ab', 'c')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    });

    it('tell lists of parts apart that join to the same bytes', () => {
        const key = Buffer.alloc(32, 1);
        expect(toHex(hmacOverParts(key, 'ab', 'c'))).not.toBe(toHex(hmacOverParts(key, 'a', 'bc')));
        const expected = createHmac('sha256', key).update('\0\0\0\u0002ab\0\0\0\u0001c', 'latin1').digest('hex');
        expect(toHex(hmacOverParts(key, 'ab', 'c'))).toBe(expected);
    });

    it('count bytes, not characters', () => {
        expect(toHex(lengthPrefixed('ä'))).toBe('00000002c3a4');
    });

    it.each(['A0', '0', 'zz', '0x00', ' '])('take %p for no hex', (text) => {
        expect(() => fromHex(text)).toThrow('hex');
    });
});
