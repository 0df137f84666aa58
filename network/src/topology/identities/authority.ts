import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { createPublicKey, webcrypto, type webcrypto as crypto } from 'node:crypto';
import { isLowS } from './low-s';

/** A private key and the certificate of its public half, both PEM: the key as PKCS#8, which is what Fabric reads. */
export interface Credential {
    readonly certificatePem: string;
    readonly privateKeyPem: string;
}

export type OrganisationalUnit = 'client' | 'peer' | 'admin' | 'orderer';

export interface Subject {
    readonly commonName: string;
    readonly organisation?: string;
    /** Node OU: what Fabric takes the identity's role from. */
    readonly unit?: OrganisationalUnit;
}

export interface CertificateRequest extends Subject {
    /** A TLS certificate serves and connects; an identity signs. */
    readonly usage: 'identity' | 'tls';
    /** DNS names and IP addresses, for TLS. */
    readonly names?: readonly string[];
    readonly validity?: Validity;
}

export interface Validity {
    readonly notBefore: Date;
    readonly notAfter: Date;
}

type KeyPair = crypto.CryptoKeyPair;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const YEAR_MS = 365 * DAY_MS;
const AUTHORITY_YEARS = 10;
const LEAF_YEARS = 5;
const LOW_S_ATTEMPTS = 128;

x509.cryptoProvider.set(webcrypto);

/**
 * A certificate authority of one organisation. Certificates are ECDSA P-256 over SHA-256 with low S: Fabric rewrites
 * others on sight, and then an identity has two different serialisations.
 */
export class Authority {
    private constructor(
        private readonly certificate: x509.X509Certificate,
        private readonly key: crypto.CryptoKey,
        private readonly pem: Credential,
    ) {}

    static async create(subject: Subject, validity: Validity = validFor(AUTHORITY_YEARS, DAY_MS)): Promise<Authority> {
        const keys = await keyPair();
        const certificate = await withLowS(async () =>
            x509.X509CertificateGenerator.createSelfSigned({
                serialNumber: serialNumber(),
                name: distinguishedName(subject),
                ...validity,
                signingAlgorithm: ALGORITHM,
                keys,
                extensions: [
                    new x509.BasicConstraintsExtension(true, undefined, true),
                    new x509.KeyUsagesExtension(
                        x509.KeyUsageFlags.digitalSignature |
                            x509.KeyUsageFlags.keyEncipherment |
                            x509.KeyUsageFlags.keyCertSign |
                            x509.KeyUsageFlags.cRLSign,
                        true,
                    ),
                    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
                ],
            }),
        );
        return new Authority(certificate, keys.privateKey, await credential(certificate, keys.privateKey));
    }

    /** An authority made earlier, for issuing more. */
    static async load(pem: Credential): Promise<Authority> {
        const key = await webcrypto.subtle.importKey(
            'pkcs8',
            x509.PemConverter.decodeFirst(pem.privateKeyPem),
            ALGORITHM,
            true,
            ['sign'],
        );
        return new Authority(new x509.X509Certificate(pem.certificatePem), key, pem);
    }

    get certificatePem(): string {
        return this.pem.certificatePem;
    }

    get privateKeyPem(): string {
        return this.pem.privateKeyPem;
    }

    /** A fresh key with a certificate of this authority. */
    async issue(request: CertificateRequest): Promise<Credential> {
        const keys = await keyPair();
        return credential(await this.certificateOf(request, keys.publicKey), keys.privateKey);
    }

    /** Another certificate for a key that is there. */
    async renew(request: CertificateRequest, privateKeyPem: string): Promise<Credential> {
        const spki = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });
        const publicKey = await webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']);
        const certificate = await this.certificateOf(request, publicKey);
        return { certificatePem: pemOf(certificate), privateKeyPem };
    }

    /** A list, PEM, of certificates of this authority that count no more. Names the authority's key, as Fabric wants it. */
    async revoke(certificatePems: readonly string[]): Promise<string> {
        const now = new Date();
        const list = await x509.X509CrlGenerator.create({
            issuer: this.certificate.subject,
            thisUpdate: now,
            entries: certificatePems.map((pem) => ({
                serialNumber: new x509.X509Certificate(pem).serialNumber,
                revocationDate: now,
            })),
            signingAlgorithm: ALGORITHM,
            signingKey: this.key,
            extensions: [await x509.AuthorityKeyIdentifierExtension.create(this.certificate.publicKey)],
        });
        return `${x509.PemConverter.encode(list.rawData, 'X509 CRL').trim()}\n`;
    }

    private async certificateOf(
        request: CertificateRequest,
        publicKey: crypto.CryptoKey,
    ): Promise<x509.X509Certificate> {
        const extensions = [
            new x509.BasicConstraintsExtension(false, undefined, true),
            ...usage(request),
            await x509.SubjectKeyIdentifierExtension.create(publicKey),
            await x509.AuthorityKeyIdentifierExtension.create(this.certificate.publicKey),
        ];
        return withLowS(() =>
            x509.X509CertificateGenerator.create({
                serialNumber: serialNumber(),
                subject: distinguishedName(request),
                issuer: this.certificate.subject,
                ...(request.validity ?? validFor(LEAF_YEARS)),
                signingAlgorithm: ALGORITHM,
                publicKey,
                signingKey: this.key,
                extensions,
            }),
        );
    }
}

function usage(request: CertificateRequest): x509.Extension[] {
    const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
    if (request.usage === 'identity') {
        return [new x509.KeyUsagesExtension(digitalSignature, true)];
    }
    return [
        new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        new x509.SubjectAlternativeNameExtension(
            (request.names ?? []).map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value })),
        ),
    ];
}

function isAddress(name: string): boolean {
    return /^[0-9.]+$/.test(name);
}

function distinguishedName({ commonName, organisation, unit }: Subject): x509.JsonName {
    return [
        ...(organisation === undefined ? [] : [{ O: [organisation] }]),
        ...(unit === undefined ? [] : [{ OU: [unit] }]),
        { CN: [commonName] },
    ];
}

/**
 * Starts in the past, so that a machine whose clock is a little behind takes it; an authority starts before all that it issues,
 * since Fabric judges a chain as it was when its leaf began.
 */
function validFor(years: number, beforeNowMs = 5 * MINUTE_MS): Validity {
    const now = Date.now();
    return { notBefore: new Date(now - beforeNowMs), notAfter: new Date(now + years * YEAR_MS) };
}

function keyPair(): Promise<KeyPair> {
    return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** 16 random bytes, positive and without a leading zero, so that every encoding agrees on them. */
function serialNumber(): string {
    const bytes = webcrypto.getRandomValues(new Uint8Array(16));
    bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
    return Buffer.from(bytes).toString('hex');
}

/** Signs again, with a new random number each time, until S is in the lower half: half of the attempts are. */
async function withLowS(make: () => Promise<x509.X509Certificate>): Promise<x509.X509Certificate> {
    for (let attempt = 0; attempt < LOW_S_ATTEMPTS; attempt += 1) {
        const certificate = await make();
        if (isLowS(new Uint8Array(certificate.signature))) {
            return certificate;
        }
    }
    throw new Error(`no signature with low S in ${LOW_S_ATTEMPTS} attempts: this is not chance`);
}

async function credential(certificate: x509.X509Certificate, privateKey: crypto.CryptoKey): Promise<Credential> {
    const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', privateKey);
    return {
        certificatePem: pemOf(certificate),
        privateKeyPem: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY').trim()}\n`,
    };
}

function pemOf(certificate: x509.X509Certificate): string {
    return `${certificate.toString('pem').trim()}\n`;
}
