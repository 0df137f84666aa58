import { describe, expect, test } from '@jest/globals';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { Authority } from './authority';

describe('an authority', () => {
    test('signs itself and what it issues, with the names that were asked for', async () => {
        const authority = await Authority.create({
            commonName: 'ca.h1.small.example',
            organisation: 'h1.small.example',
        });
        const issued = await authority.issue({
            commonName: 'peer0.h1.small.example',
            organisation: 'h1.small.example',
            unit: 'peer',
            usage: 'tls',
            names: ['localhost', '127.0.0.1'],
        });
        const root = new X509Certificate(authority.certificatePem);
        const leaf = new X509Certificate(issued.certificatePem);
        expect(root.ca).toBe(true);
        expect(root.verify(root.publicKey)).toBe(true);
        expect(leaf.checkIssued(root)).toBe(true);
        expect(leaf.verify(root.publicKey)).toBe(true);
        expect(leaf.ca).toBe(false);
        expect(leaf.subject).toBe('O=h1.small.example\nOU=peer\nCN=peer0.h1.small.example');
        expect(leaf.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
        expect(leaf.checkPrivateKey(createPrivateKey(issued.privateKeyPem))).toBe(true);
    });

    test('loaded again from its files issues for the same root', async () => {
        const made = await Authority.create({ commonName: 'ca' });
        const loaded = await Authority.load({
            certificatePem: made.certificatePem,
            privateKeyPem: made.privateKeyPem,
        });
        const issued = await loaded.issue({ commonName: 'late', unit: 'client', usage: 'identity' });
        expect(
            new X509Certificate(issued.certificatePem).verify(new X509Certificate(made.certificatePem).publicKey),
        ).toBe(true);
    });

    test('issues for the time that was asked for, also past times', async () => {
        const authority = await Authority.create({ commonName: 'ca' });
        const validity = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2021-01-01T00:00:00Z') };
        const issued = await authority.issue({ commonName: 'old', unit: 'client', usage: 'identity', validity });
        expect(new X509Certificate(issued.certificatePem).validToDate).toEqual(validity.notAfter);
    });
});
