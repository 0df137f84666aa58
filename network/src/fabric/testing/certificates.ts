import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { msp } from '@hyperledger/fabric-protos';
import { signingIdentity, type SigningIdentity } from '../signing';

x509.cryptoProvider.set(webcrypto);

type Keys = webcrypto.CryptoKeyPair;

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) };
const BEGIN = new Date('2026-01-01T00:00:00Z');
const END = new Date('2036-01-01T00:00:00Z');

export interface CertificateOptions {
    readonly units?: readonly string[];
    readonly notBefore?: Date;
    readonly notAfter?: Date;
    readonly serialNumber?: string;
    readonly isAuthority?: boolean;
    readonly pathLength?: number;
    readonly usages?: readonly string[];
    readonly hasRsaKey?: boolean;
    readonly extensions?: readonly x509.Extension[];
    /** Without it: no certSign among an authority's usages. */
    readonly keyUsage?: x509.KeyUsageFlags;
}

export interface Credential {
    readonly certificate: x509.X509Certificate;
    readonly keys: Keys;
    readonly pem: string;
}

async function newKeys(hasRsaKey = false): Promise<Keys> {
    return await webcrypto.subtle.generateKey(hasRsaKey ? RSA : P256, true, ['sign', 'verify']);
}

let serial = 1;

async function extensionsOf(keys: Keys, options: CertificateOptions): Promise<x509.Extension[]> {
    const extensions: x509.Extension[] = [
        new x509.BasicConstraintsExtension(options.isAuthority ?? false, options.pathLength, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ];
    if (options.keyUsage !== undefined) extensions.push(new x509.KeyUsagesExtension(options.keyUsage, true));
    if (options.usages !== undefined) extensions.push(new x509.ExtendedKeyUsageExtension([...options.usages]));
    return [...extensions, ...(options.extensions ?? [])];
}

/** An authority for tests: makes the certificates an honest one would not make, too. */
export class TestAuthority {
    readonly credential: Credential;

    private constructor(credential: Credential) {
        this.credential = credential;
    }

    get pem(): string {
        return this.credential.pem;
    }

    static async create(name: string, options: CertificateOptions = {}): Promise<TestAuthority> {
        const keys = await newKeys();
        const certificate = await x509.X509CertificateGenerator.createSelfSigned({
            serialNumber: '01',
            name: `CN=${name}`,
            notBefore: options.notBefore ?? BEGIN,
            notAfter: options.notAfter ?? END,
            keys,
            signingAlgorithm: P256,
            extensions: await extensionsOf(keys, { isAuthority: true, ...options }),
        });
        return new TestAuthority({ certificate, keys, pem: `${certificate.toString('pem')}\n` });
    }

    async issue(name: string, options: CertificateOptions = {}): Promise<Credential> {
        const keys = await newKeys(options.hasRsaKey);
        serial += 1;
        const units = (options.units ?? []).map((unit) => `OU=${unit}`);
        const certificate = await x509.X509CertificateGenerator.create({
            serialNumber: options.serialNumber ?? (0x1000 + serial).toString(16),
            subject: [`CN=${name}`, ...units].join(', '),
            issuer: this.credential.certificate.subject,
            notBefore: options.notBefore ?? BEGIN,
            notAfter: options.notAfter ?? END,
            publicKey: keys.publicKey,
            signingKey: this.credential.keys.privateKey,
            signingAlgorithm: P256,
            extensions: await extensionsOf(keys, options),
        });
        return { certificate, keys, pem: `${certificate.toString('pem')}\n` };
    }

    async issueAuthority(name: string, options: CertificateOptions = {}): Promise<TestAuthority> {
        return new TestAuthority(await this.issue(name, { isAuthority: true, ...options }));
    }

    async revoke(...credentials: readonly Credential[]): Promise<Uint8Array> {
        const list = await x509.X509CrlGenerator.create({
            issuer: this.credential.certificate.subject,
            thisUpdate: BEGIN,
            entries: credentials.map(({ certificate }) => ({
                serialNumber: certificate.serialNumber,
                revocationDate: BEGIN,
            })),
            extensions: [await x509.AuthorityKeyIdentifierExtension.create(this.credential.keys.publicKey)],
            signingAlgorithm: P256,
            signingKey: this.credential.keys.privateKey,
        });
        return Buffer.from(x509.PemConverter.encode(list.rawData, 'X509 CRL'));
    }

    async signer(mspId: string, name: string, options: CertificateOptions = {}): Promise<SigningIdentity> {
        return signerOf(mspId, await this.issue(name, options));
    }
}

export async function signerOf(mspId: string, credential: Credential): Promise<SigningIdentity> {
    const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', credential.keys.privateKey);
    return signingIdentity(mspId, credential.pem, x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'));
}

export interface MspOptions {
    readonly roots: readonly string[];
    readonly intermediates?: readonly string[];
    readonly tlsRoots?: readonly string[];
    readonly admins?: readonly string[];
    readonly revocations?: readonly Uint8Array[];
    readonly requiredUnits?: readonly (readonly [string, string])[];
    /** Node OUs: units named as the roles; not given: all four, none bound to an authority. */
    readonly nodeUnits?: Partial<Record<'client' | 'peer' | 'admin' | 'orderer', string>> | 'off';
}

function unit(name: string, certificatePem: string): msp.FabricOUIdentifier {
    const identifier = new msp.FabricOUIdentifier();
    identifier.setOrganizationalUnitIdentifier(name);
    identifier.setCertificate(Buffer.from(certificatePem));
    return identifier;
}

function nodeUnits(certificates: Exclude<NonNullable<MspOptions['nodeUnits']>, 'off'>): msp.FabricNodeOUs {
    const units = new msp.FabricNodeOUs();
    units.setEnable(true);
    if (certificates.client !== undefined) units.setClientOuIdentifier(unit('client', certificates.client));
    if (certificates.peer !== undefined) units.setPeerOuIdentifier(unit('peer', certificates.peer));
    if (certificates.admin !== undefined) units.setAdminOuIdentifier(unit('admin', certificates.admin));
    if (certificates.orderer !== undefined) units.setOrdererOuIdentifier(unit('orderer', certificates.orderer));
    return units;
}

export function mspConfig(mspId: string, options: MspOptions): msp.MSPConfig {
    const bytes = (pems: readonly string[] = []): Uint8Array[] => pems.map((pem) => Buffer.from(pem));
    const fabric = new msp.FabricMSPConfig();
    fabric.setName(mspId);
    fabric.setRootCertsList(bytes(options.roots));
    fabric.setIntermediateCertsList(bytes(options.intermediates));
    fabric.setTlsRootCertsList(bytes(options.tlsRoots));
    fabric.setAdminsList(bytes(options.admins));
    fabric.setRevocationListList([...(options.revocations ?? [])]);
    fabric.setOrganizationalUnitIdentifiersList((options.requiredUnits ?? []).map(([name, pem]) => unit(name, pem)));
    const roles = options.nodeUnits ?? { client: '', peer: '', admin: '', orderer: '' };
    if (roles !== 'off') fabric.setFabricNodeOus(nodeUnits(roles));
    const config = new msp.MSPConfig();
    config.setType(0);
    config.setConfig(fabric.serializeBinary());
    return config;
}

/** The same ECDSA signature, or certificate signed with one, in its other form: s becomes n − s. */
export function otherForm(signature: Uint8Array): Uint8Array {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const rLength = signature[3] ?? 0;
    const r = signature.subarray(2, 4 + rLength);
    const s = BigInt(`0x${Buffer.from(signature.subarray(6 + rLength)).toString('hex')}`);
    const hex = (order - s).toString(16).padStart(64, '0');
    const bytes = Buffer.from(Number.parseInt(hex.slice(0, 2), 16) >= 0x80 ? `00${hex}` : hex, 'hex');
    const minimal = bytes.subarray(bytes.findIndex((byte, index) => byte !== 0 || (bytes[index + 1] ?? 0) >= 0x80));
    return Buffer.concat([
        Uint8Array.of(0x30, r.length + 2 + minimal.length),
        r,
        Uint8Array.of(0x02, minimal.length),
        minimal,
    ]);
}
