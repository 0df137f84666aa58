import type { msp } from '@hyperledger/fabric-protos';
import { MspError } from '../errors';
import { Certificate, pemToDer } from './certificate';
import { TrustAnchors, certifiersId } from './chain';
import { RevocationList } from './revocation';

/** Certificates of authorities as configured: each must be one, carry a key identifier, and lead to a root. */
function checkAuthorities(certificates: readonly Certificate[], anchors: TrustAnchors): void {
    for (const certificate of certificates) {
        const name = `authority certificate '${certificate.commonName}'`;
        if (!certificate.isAuthority) throw new MspError(`${name} does not have the CA attribute`);
        if (certificate.subjectKeyId === undefined) throw new MspError(`${name} has no subject key identifier`);
        if (certificate.hasNameConstraints) throw new MspError(`${name} has name constraints: not supported`);
        anchors.chainOf(certificate);
    }
}

/** Roots, intermediates and revocation lists of one MSP: who may certify its members. */
export class Authorities {
    readonly roots: readonly Certificate[];
    readonly #intermediates: readonly Certificate[];
    readonly #anchors: TrustAnchors;
    readonly #revocations: readonly RevocationList[];
    /** Authorities under which others stand; in Fabric they certify no members themselves. */
    readonly #inner: ReadonlySet<string>;

    /** Throws MspError. */
    constructor(config: msp.FabricMSPConfig) {
        const roots = distinct(config.getRootCertsList_asU8());
        if (roots.length === 0) throw new MspError('expected at least one CA certificate');
        const intermediates = distinct(config.getIntermediateCertsList_asU8());
        const asGiven = new TrustAnchors(roots, intermediates);
        this.roots = roots.map((root) => sanitized(root, asGiven));
        this.#intermediates = intermediates.map((certificate) => sanitized(certificate, asGiven));
        this.#anchors = new TrustAnchors(this.roots, this.#intermediates);
        this.#revocations = config.getRevocationListList_asU8().map((bytes) => new RevocationList(bytes));
        checkAuthorities([...this.roots, ...this.#intermediates], this.#anchors);
        const above = this.#intermediates.flatMap((certificate) => this.#anchors.chainOf(certificate).slice(1));
        this.#inner = new Set(above.map(({ id }) => id));
        for (const certificate of this.#intermediates) {
            this.checkNotRevoked(certificate, this.#anchors.chainOf(certificate));
        }
    }

    /** The certificate in its low-S form. Throws MspError if no authority of this MSP stands behind it. */
    sanitize(certificate: Certificate): Certificate {
        return sanitized(certificate, this.#anchors);
    }

    /** Chain of a member's certificate. Throws MspError. */
    memberChain(certificate: Certificate): readonly Certificate[] {
        if (certificate.isAuthority) throw new MspError('a certificate authority cannot be used as an identity');
        const chain = this.#anchors.chainOf(certificate);
        const parent = chain[1];
        if (parent === undefined) throw new MspError('expected a chain of length at least 2');
        if (this.#inner.has(parent.id))
            throw new MspError('the issuing authority is not a leaf of the certification tree');
        return chain;
    }

    /** Throws MspError. */
    checkNotRevoked(certificate: Certificate, chain: readonly Certificate[]): void {
        const authority = chain[1];
        if (authority === undefined) return;
        if (authority.subjectKeyId === undefined)
            throw new MspError('the issuing authority has no subject key identifier');
        if (this.#revocations.some((list) => list.revokes(certificate, authority))) {
            throw new MspError('the certificate has been revoked');
        }
    }

    /** Id of the chain that begins with this authority's certificate. Throws MspError if it is not among the configured ones. */
    certifiersOf(pem: Uint8Array): string {
        const { id } = this.sanitize(Certificate.fromPem(pem));
        const authority = [...this.roots, ...this.#intermediates].find((candidate) => candidate.id === id);
        if (authority === undefined)
            throw new MspError('an OU certificate is not among root and intermediate certificates');
        return certifiersId(this.#anchors.chainOf(authority));
    }
}

function distinct(pems: readonly Uint8Array[]): readonly Certificate[] {
    const certificates = pems.map((pem) => Certificate.fromPem(pem));
    return [...new Map(certificates.map((certificate) => [certificate.id, certificate])).values()];
}

function sanitized(certificate: Certificate, anchors: TrustAnchors): Certificate {
    const { isAuthority, maySignCertificates } = certificate;
    if (isAuthority && maySignCertificates && certificate.isSignedBy(certificate)) {
        return certificate.withLowS(certificate);
    }
    const parent = anchors.chainOf(certificate)[1];
    if (parent === undefined) throw new MspError('expected a chain of length at least 2');
    return certificate.withLowS(parent);
}

/** PEM of the TLS roots and intermediates, checked as the peers check them. Throws MspError. */
export function tlsAuthorities(config: msp.FabricMSPConfig): readonly string[] {
    const roots = config.getTlsRootCertsList_asU8();
    const intermediates = config.getTlsIntermediateCertsList_asU8();
    const parsedRoots = roots.map((pem) => new Certificate(pemToDer(pem)));
    const parsedIntermediates = intermediates.map((pem) => new Certificate(pemToDer(pem)));
    checkAuthorities([...parsedRoots, ...parsedIntermediates], new TrustAnchors(parsedRoots, parsedIntermediates));
    return [...roots, ...intermediates].map((pem) => Buffer.from(pem).toString());
}
