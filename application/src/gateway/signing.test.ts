import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, verify } from 'node:crypto';
import { signLowS } from './signing';

describe('signLowS', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signatures = Array.from({ length: 200 }, (_, index) => {
        const message = Buffer.from(`message ${index}`);
        return { message, signature: signLowS(privateKey, message) };
    });

    it('makes signatures that verify', () => {
        expect(signatures.every(({ message, signature }) => verify('sha256', message, publicKey, signature))).toBe(
            true,
        );
    });

    it('always takes the lower s, in the shortest form', () => {
        for (const { signature } of signatures) {
            const bytes = Buffer.from(signature);
            const rLength = bytes[3] ?? 0;
            const s = bytes.subarray(6 + rLength);
            expect(s).toHaveLength(bytes[5 + rLength] ?? 0);
            const high = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;
            expect(BigInt(`0x${s.toString('hex')}`) <= high).toBe(true);
            expect((s[0] ?? 0) !== 0 || (s[1] ?? 0) >= 0x80).toBe(true);
        }
    });
});
