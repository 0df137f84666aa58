import { createHash } from 'node:crypto';
import { MspError } from '../errors';
import type { Certificate } from './certificate';

const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const ANY_USAGE = '2.5.29.37.0';
/** Longer than any sensible hierarchy; keeps loops among intermediates finite. */
const LONGEST_CHAIN = 10;

/** The authorities of an MSP, and the question which of them stands behind a certificate. */
export class TrustAnchors {
    readonly #roots: readonly Certificate[];
    readonly #intermediates: readonly Certificate[];

    constructor(roots: readonly Certificate[], intermediates: readonly Certificate[]) {
        this.#roots = roots;
        this.#intermediates = intermediates;
    }

    /**
     * The one chain from the certificate to a root. Times are judged one second after the certificate begins to be valid, so
     * that an old block stays as valid as it was: expiry is for those to check who take new messages.
     * Throws MspError if there is no such chain, or more than one.
     */
    chainOf(certificate: Certificate): readonly Certificate[] {
        if (certificate.hasUnknownCriticalExtension)
            throw new MspError('certificate has a critical extension nobody knows');
        const at = certificate.notBefore.getTime() + 1000;
        if (at > certificate.notAfter.getTime()) throw new MspError('certificate ends before it begins');
        const chains = this.#chainsFrom([certificate], at).filter(isForAnyUse);
        const [chain] = chains;
        if (chain === undefined)
            throw new MspError(`certificate '${certificate.commonName}' is not from an authority of this MSP`);
        if (chains.length > 1)
            throw new MspError(`only one validation chain is supported, '${certificate.commonName}' has more`);
        return chain;
    }

    #chainsFrom(chain: readonly Certificate[], at: number): (readonly Certificate[])[] {
        const last = chain[chain.length - 1];
        if (last === undefined || chain.length > LONGEST_CHAIN) return [];
        if (chain.length === 1 && this.#roots.some(({ id }) => id === last.id)) return [chain];
        const isParent = (parent: Certificate): boolean =>
            parent.subject === last.issuer &&
            !chain.some(({ id }) => id === parent.id) &&
            mayStandAbove(chain, parent, at) &&
            last.isSignedBy(parent);
        const complete = this.#roots.filter(isParent).map((root) => [...chain, root]);
        const longer = this.#intermediates
            .filter(isParent)
            .flatMap((parent) => this.#chainsFrom([...chain, parent], at));
        return [...complete, ...longer];
    }
}

function mayStandAbove(chain: readonly Certificate[], parent: Certificate, at: number): boolean {
    const isInTime = parent.notBefore.getTime() <= at && at <= parent.notAfter.getTime();
    const isShortEnough = parent.pathLength === undefined || chain.length - 1 <= parent.pathLength;
    return (
        isInTime &&
        isShortEnough &&
        parent.isAuthority &&
        parent.maySignCertificates &&
        !parent.hasUnknownCriticalExtension
    );
}

/** Extended key usages, where given, must contain the one Go asks for by default: Fabric asks for no other. */
function isForAnyUse(chain: readonly Certificate[]): boolean {
    return chain.every(
        ({ extendedKeyUsages: usages }) =>
            usages.length === 0 || usages.includes(ANY_USAGE) || usages.includes(SERVER_AUTHENTICATION),
    );
}

/** Names the authorities of a chain: hex SHA-256 over their DER. */
export function certifiersId(authorities: readonly Certificate[]): string {
    const digest = createHash('sha256');
    for (const { der } of authorities) digest.update(der);
    return digest.digest('hex');
}
