import 'reflect-metadata';
import { verify } from 'node:crypto';
import { AuthorityKeyIdentifierExtension, X509Crl } from '@peculiar/x509';
import { TAG, readElement, readTagged, type Element } from '../encoding/der';
import { FormatError, MspError } from '../errors';
import { pemToDer, type Certificate } from './certificate';

/** Hash of the signature algorithm by its identifier (hex): ECDSA of RFC 5758, then RSA of RFC 8017. */
const HASHES: ReadonlyMap<string, string> = new Map([
    ['2a8648ce3d0401', 'sha1'],
    ['2a8648ce3d040302', 'sha256'],
    ['2a8648ce3d040303', 'sha384'],
    ['2a8648ce3d040304', 'sha512'],
    ['2a864886f70d01010b', 'sha256'],
    ['2a864886f70d01010c', 'sha384'],
    ['2a864886f70d01010d', 'sha512'],
]);
const PEM_LABEL = '-----BEGIN X509 CRL-----';

/** One revocation list; whose it is, is known when a certificate of the same authority is looked at. */
export class RevocationList {
    readonly #authorityKeyId: string | undefined;
    readonly #serialNumbers: ReadonlySet<string>;
    /** Undefined where the algorithm is not known: then nobody has signed it. */
    readonly #hash: string | undefined;
    readonly #signed: Uint8Array;
    readonly #signature: Uint8Array;

    /** From DER or PEM. Throws MspError. */
    constructor(bytes: Uint8Array) {
        const der = Buffer.from(bytes).toString('latin1').startsWith(PEM_LABEL) ? pemToDer(bytes) : bytes;
        const { list, tbs, hash, signature, serialNumbers } = parse(der);
        this.#authorityKeyId = list.getExtension(AuthorityKeyIdentifierExtension)?.keyId;
        this.#serialNumbers = serialNumbers;
        this.#hash = hash;
        this.#signed = tbs;
        this.#signature = signature;
    }

    /**
     * True if the list is the authority's (by key id and by signature) and names the certificate. The dates of revocation do not
     * matter: a list counts from the configuration block it comes with.
     */
    revokes(certificate: Certificate, authority: Certificate): boolean {
        if (this.#authorityKeyId === undefined) throw new MspError('a revocation list has no authority key identifier');
        return (
            this.#authorityKeyId === authority.subjectKeyId &&
            this.#serialNumbers.has(certificate.serialNumber) &&
            this.#hash !== undefined &&
            verify(this.#hash, this.#signed, authority.publicKey, this.#signature)
        );
    }
}

interface Parsed {
    readonly list: X509Crl;
    readonly tbs: Uint8Array;
    readonly hash: string | undefined;
    readonly signature: Uint8Array;
    readonly serialNumbers: ReadonlySet<string>;
}

function parse(der: Uint8Array): Parsed {
    try {
        const tbs = readTagged(readTagged(der, TAG.SEQUENCE).content, TAG.SEQUENCE);
        const algorithm = readTagged(tbs.rest, TAG.SEQUENCE);
        const hash = HASHES.get(Buffer.from(readElement(algorithm.content).content).toString('hex'));
        const signature = readTagged(algorithm.rest, TAG.BIT_STRING).content.subarray(1);
        const list = new X509Crl(Uint8Array.from(der));
        return { list, tbs: tbs.raw, hash, signature, serialNumbers: revokedSerialNumbers(tbs) };
    } catch (error) {
        throw new MspError(
            `revocation list cannot be parsed: ${error instanceof Error ? error.message : String(error)}`,
        );
    }
}

/**
 * The revoked serial numbers, by hand: the library finds none in a list that does not say when the next one comes.
 * TBSCertList is (version?, algorithm, issuer, this update, next update?, revoked?, extensions?).
 */
function revokedSerialNumbers(tbs: Element): ReadonlySet<string> {
    const parts = elements(tbs.content);
    if (parts[0]?.tag === TAG.INTEGER) parts.shift();
    const [, , thisUpdate, ...others] = parts;
    if (thisUpdate === undefined) throw new FormatError('it ends too early');
    const revoked = others.find(({ tag }) => tag === TAG.SEQUENCE);
    const entries = revoked === undefined ? [] : elements(revoked.content);
    return new Set(
        entries.map(({ content }) => {
            const serialNumber = readTagged(content, TAG.INTEGER).content;
            return Buffer.from(serialNumber)
                .toString('hex')
                .replace(/^0+(?=.)/, '');
        }),
    );
}

function elements(content: Uint8Array): Element[] {
    const found: Element[] = [];
    for (let rest = content; rest.length > 0;) {
        const next = readElement(rest);
        found.push(next);
        rest = next.rest;
    }
    return found;
}
