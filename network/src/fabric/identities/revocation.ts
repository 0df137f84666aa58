import 'reflect-metadata';
import { verify } from 'node:crypto';
import { AuthorityKeyIdentifierExtension, X509Crl } from '@peculiar/x509';
import { TAG, readElement, readTagged } from '../der';
import { MspError } from '../errors';
import { pemToDer, type Certificate } from './certificate';

const BEGIN = '-----BEGIN';

/** One revocation list; whose it is, is known when a certificate of the same authority is looked at. */
export class RevocationList {
    readonly #der: Uint8Array;
    readonly #authorityKeyId: string | undefined;
    readonly #serialNumbers: ReadonlySet<string>;
    readonly #hash: string;

    constructor(bytes: Uint8Array) {
        this.#der = Buffer.from(bytes.subarray(0, BEGIN.length)).toString('latin1') === BEGIN ? pemToDer(bytes) : bytes;
        const list = parseList(this.#der);
        this.#authorityKeyId = list.getExtension(AuthorityKeyIdentifierExtension)?.keyId;
        this.#serialNumbers = new Set(list.entries.map(({ serialNumber }) => serialNumber.replace(/^0+(?=.)/, '')));
        this.#hash = list.signatureAlgorithm.hash.name.replace('-', '').toLowerCase();
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
            this.#isSignedBy(authority)
        );
    }

    #isSignedBy(authority: Certificate): boolean {
        const tbs = readElement(readTagged(this.#der, TAG.SEQUENCE).content);
        const bits = readTagged(readElement(tbs.rest).rest, TAG.BIT_STRING);
        return verify(this.#hash, tbs.raw, authority.publicKey, bits.content.subarray(1));
    }
}

function parseList(der: Uint8Array): X509Crl {
    try {
        return new X509Crl(Uint8Array.from(der));
    } catch (error) {
        throw new MspError(
            `revocation list cannot be parsed: ${error instanceof Error ? error.message : String(error)}`,
        );
    }
}
