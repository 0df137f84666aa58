import { createHash, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

import { experimental, ServerCredentials, type ServerUnaryCall } from '@grpc/grpc-js';

type CertificateProvider = experimental.CertificateProvider;
type CaListener = experimental.CaCertificateUpdateListener;
type IdentityListener = experimental.IdentityCertificateUpdateListener;

/** PEM: with what a node shows who it is. */
export interface TlsKeyPair {
    readonly certificate: Buffer;
    readonly key: Buffer;
}

/** SHA-256 of a certificate's DER: with it a client says in a signed message over which TLS certificate it is sent. */
export function certificateHash(pem: string | Buffer): Buffer {
    return hashOf(new X509Certificate(pem).raw);
}

function hashOf(der: Uint8Array): Buffer {
    return createHash('sha256').update(der).digest();
}

/**
 * A port that lets in nobody without a TLS certificate of the authorities it trusts, as Fabric's nodes do with `clientAuthRequired`. Which those
 * are may change while it serves: connections that are there stay.
 */
export class ClientAuthentication implements CertificateProvider {
    readonly #caListeners = new Set<CaListener>();
    readonly #own: TlsKeyPair;
    #roots: string;

    /** @param roots PEM of the authorities. */
    constructor(own: TlsKeyPair, roots: Iterable<string>) {
        this.#own = own;
        this.#roots = joined(roots);
    }

    get credentials(): ServerCredentials {
        return experimental.createCertificateProviderServerCredentials(this, this, true);
    }

    trust(roots: Iterable<string>): void {
        const next = joined(roots);
        if (next === this.#roots) return;
        this.#roots = next;
        for (const listener of this.#caListeners) listener({ caCertificate: Buffer.from(next) });
    }

    addCaCertificateListener(listener: CaListener): void {
        this.#caListeners.add(listener);
        // Not before the server listens to what the credentials make of it.
        queueMicrotask(() => {
            listener({ caCertificate: Buffer.from(this.#roots) });
        });
    }

    removeCaCertificateListener(listener: CaListener): void {
        this.#caListeners.delete(listener);
    }

    /** The node's own key pair stays what it is. */
    addIdentityCertificateListener(listener: IdentityListener): void {
        queueMicrotask(() => {
            listener({ certificate: this.#own.certificate, privateKey: this.#own.key });
        });
    }

    removeIdentityCertificateListener(): void {
        // Nobody is told again.
    }
}

function joined(roots: Iterable<string>): string {
    return [...new Set(roots)].join('\n');
}

type Call = Pick<ServerUnaryCall<unknown, unknown>, 'getAuthContext'>;
type PeerCertificate = ReturnType<TLSSocket['getPeerCertificate']>;

/**
 * What is wrong with a request that has to say over which TLS certificate it is sent, in Fabric's words; undefined if nothing is. Without it
 * whoever sees a signed request could send it on as its own.
 */
export function bindingFault(call: Call, claimed: Uint8Array): string | undefined {
    if (claimed.length === 0) return "client didn't include its TLS cert hash";
    const presented: PeerCertificate | undefined = call.getAuthContext().sslPeerCertificate;
    if (presented === undefined) return "client didn't send a TLS certificate";
    const actual = hashOf(presented.raw);
    return actual.equals(claimed)
        ? undefined
        : `claimed TLS cert hash is ${Buffer.from(claimed).toString('hex')} but actual TLS cert hash is ${actual.toString('hex')}`;
}
