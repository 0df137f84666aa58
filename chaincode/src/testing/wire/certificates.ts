import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { webcrypto } from 'node:crypto';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR_MS = 3_600_000;

x509.cryptoProvider.set(webcrypto);

export interface Pem {
    readonly certificate: string;
    readonly key: string;
}

type KeyPair = webcrypto.CryptoKeyPair;

async function pem(certificate: x509.X509Certificate, keys: KeyPair): Promise<Pem> {
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return { certificate: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
}

const validity = (): { notBefore: Date; notAfter: Date } => ({
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + HOUR_MS),
});

/** A certificate authority for one test, and what it issues: certificates for 127.0.0.1 that serve and connect. */
export async function testAuthority(name: string): Promise<{ certificate: string; issue(): Promise<Pem> }> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const root = await x509.X509CertificateGenerator.createSelfSigned({
        serialNumber: '01',
        name: `CN=${name}`,
        ...validity(),
        signingAlgorithm: ALGORITHM,
        keys,
        extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    });
    const issue = async (): Promise<Pem> => {
        const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
        const certificate = await x509.X509CertificateGenerator.create({
            serialNumber: '02',
            subject: 'CN=localhost',
            issuer: root.subject,
            ...validity(),
            signingAlgorithm: ALGORITHM,
            publicKey: own.publicKey,
            signingKey: keys.privateKey,
            extensions: [
                new x509.SubjectAlternativeNameExtension([
                    { type: 'dns', value: 'localhost' },
                    { type: 'ip', value: '127.0.0.1' },
                ]),
            ],
        });
        return pem(certificate, own);
    };
    return { certificate: root.toString('pem'), issue };
}
