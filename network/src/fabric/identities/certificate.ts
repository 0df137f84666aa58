import 'reflect-metadata';
import { X509Certificate as NodeCertificate, type KeyObject } from 'node:crypto';
import {
    BasicConstraintsExtension,
    KeyUsageFlags,
    KeyUsagesExtension,
    SubjectKeyIdentifierExtension,
    X509Certificate,
} from '@peculiar/x509';
import { TAG, element, readElement, readTagged } from '../encoding/der';
import { curveOf, encodeSignature, readSignature, toLowS } from '../encoding/ecdsa';
import { MspError } from '../errors';
import { digestOf } from '../wire';

const OID = {
    subjectKeyIdentifier: '2.5.29.14',
    keyUsage: '2.5.29.15',
    subjectAlternativeName: '2.5.29.17',
    basicConstraints: '2.5.29.19',
    nameConstraints: '2.5.29.30',
    crlDistributionPoints: '2.5.29.31',
    certificatePolicies: '2.5.29.32',
    authorityKeyIdentifier: '2.5.29.35',
    extendedKeyUsage: '2.5.29.37',
} as const;
const UNDERSTOOD: ReadonlySet<string> = new Set(Object.values(OID));

/** First PEM block of a text, whatever its label, as Go's `pem.Decode` takes it. */
export function pemToDer(pem: Uint8Array | string): Uint8Array {
    const text = typeof pem === 'string' ? pem : Buffer.from(pem).toString('latin1');
    const block = /-----BEGIN ([^-]*)-----\s*([A-Za-z0-9+/=\s]*)-----END \1-----/.exec(text);
    if (block?.[2] === undefined) throw new MspError('could not decode the PEM structure');
    return Buffer.from(block[2], 'base64');
}

const PEM_LINE = 64;

function derToPem(der: Uint8Array): string {
    const base64 = Buffer.from(der).toString('base64');
    const lines: string[] = [];
    for (let start = 0; start < base64.length; start += PEM_LINE) lines.push(base64.slice(start, start + PEM_LINE));
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** What an MSP has to know about a certificate; all of it is taken from the certificate alone. */
export class Certificate {
    readonly der: Uint8Array;
    /** Hex SHA-256 of the DER bytes. */
    readonly id: string;
    readonly publicKey: KeyObject;
    readonly notBefore: Date;
    readonly notAfter: Date;
    readonly isAuthority: boolean;
    /** How many authorities may stand between this one and a leaf. */
    readonly pathLength: number | undefined;
    readonly maySignCertificates: boolean;
    readonly extendedKeyUsages: readonly string[];
    readonly organisationalUnits: readonly string[];
    /** Hex. */
    readonly subjectKeyId: string | undefined;
    /** Hex without leading zeros. */
    readonly serialNumber: string;
    readonly commonName: string;
    /** Names as hex of their DER: what chains are followed by. */
    readonly subject: string;
    readonly issuer: string;
    readonly hasNameConstraints: boolean;
    readonly hasUnknownCriticalExtension: boolean;
    readonly #certificate: NodeCertificate;

    constructor(der: Uint8Array) {
        const parsed = parse(der);
        this.#certificate = parsed.certificate;
        const structure = parsed.structure;
        this.der = der;
        this.id = digestOf(der);
        this.publicKey = this.#certificate.publicKey;
        this.notBefore = structure.notBefore;
        this.notAfter = structure.notAfter;
        const constraints = structure.getExtension(BasicConstraintsExtension);
        this.isAuthority = constraints?.ca ?? false;
        this.pathLength = constraints?.pathLength;
        const usages = structure.getExtension(KeyUsagesExtension);
        this.maySignCertificates = usages === null || (usages.usages & KeyUsageFlags.keyCertSign) !== 0;
        // The type says string[], older Node gives undefined where there is no such extension.
        const extended = this.#certificate.keyUsage as readonly string[] | undefined;
        this.extendedKeyUsages = extended ?? [];
        this.organisationalUnits = structure.subjectName.getField('OU');
        this.subjectKeyId = structure.getExtension(SubjectKeyIdentifierExtension)?.keyId;
        this.serialNumber = structure.serialNumber.replace(/^0+(?=.)/, '');
        this.commonName = structure.subjectName.getField('CN')[0] ?? '';
        this.subject = Buffer.from(structure.subjectName.toArrayBuffer()).toString('hex');
        this.issuer = Buffer.from(structure.issuerName.toArrayBuffer()).toString('hex');
        this.hasNameConstraints = structure.extensions.some(({ type }) => type === OID.nameConstraints);
        this.hasUnknownCriticalExtension = structure.extensions.some(
            ({ type, critical }) => critical && !UNDERSTOOD.has(type),
        );
    }

    static fromPem(pem: Uint8Array | string): Certificate {
        return new Certificate(pemToDer(pem));
    }

    get pem(): string {
        return derToPem(this.der);
    }

    /** True if the authority's key made this certificate's signature. */
    isSignedBy(authority: Certificate): boolean {
        try {
            return this.#certificate.verify(authority.publicKey);
        } catch {
            return false;
        }
    }

    /**
     * The same certificate with its signature in the low-S form, which is how Fabric compares and names certificates: an
     * authority's ECDSA signature has two forms, and both must give one identity.
     */
    withLowS(issuer: Certificate): Certificate {
        const curve = curveOf(issuer.publicKey);
        if (curve === undefined) return this;
        const tbs = readElement(readTagged(this.der, TAG.SEQUENCE).content);
        const algorithm = readElement(tbs.rest);
        const bits = readTagged(algorithm.rest, TAG.BIT_STRING);
        const lowS = encodeSignature(toLowS(readSignature(bits.content.subarray(1)), curve));
        if (Buffer.compare(lowS, bits.content.subarray(1)) === 0) return this;
        const signature = element(TAG.BIT_STRING, Uint8Array.of(0), lowS);
        return new Certificate(element(TAG.SEQUENCE, tbs.raw, algorithm.raw, signature));
    }
}

function parse(der: Uint8Array): { certificate: NodeCertificate; structure: X509Certificate } {
    try {
        // A copy: the parser keeps views, and what arrives is often a slice of a whole block.
        return { certificate: new NodeCertificate(der), structure: new X509Certificate(Uint8Array.from(der)) };
    } catch (error) {
        throw new MspError(`certificate cannot be parsed: ${error instanceof Error ? error.message : String(error)}`);
    }
}
