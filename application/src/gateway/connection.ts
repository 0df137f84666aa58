import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client, credentials } from '@grpc/grpc-js';
import { connect, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { messageSigner } from './signing';

/** What is needed to reach an organisation's own peer as one of its members. */
export interface ConnectionProfile {
    readonly mspId: string;
    readonly channel: string;
    /** host:port */
    readonly peerEndpoint: string;
    /** Whose peer it is, where it is not the member's own. */
    readonly gatewayMspId?: string | undefined;
    /** The name in the peer's TLS certificate. */
    readonly peerName: string;
    readonly tlsRootPem: string;
    /** PEM: what the member shows to a peer that asks for a TLS certificate. */
    readonly tlsClient?: { readonly certificate: Buffer; readonly key: Buffer } | undefined;
    readonly certPath: string;
    readonly keyPath: string;
}

export interface Connection {
    readonly gateway: Gateway;
    readonly privateKey: KeyObject;
    close(): void;
}

/** How long each step of a transaction may take before the client gives up on the answer. */
export const DEADLINES_MS = { evaluate: 20_000, endorse: 30_000, submit: 15_000, commitStatus: 60_000 };

const MESSAGE_LIMIT = 100 * 1024 * 1024; // Fabric's own end; gRPC's default of 4 MB is less than a day's settlements.

/** Connects to the member's own peer over TLS. Nothing is sent before the first transaction. */
export function openConnection(profile: ConnectionProfile): Connection {
    const privateKey = createPrivateKey(readFileSync(profile.keyPath));
    const { tlsClient } = profile;
    const secure = credentials.createSsl(
        Buffer.from(profile.tlsRootPem),
        tlsClient?.key ?? null,
        tlsClient?.certificate ?? null,
    );
    const client = new Client(profile.peerEndpoint, secure, {
        'grpc.ssl_target_name_override': profile.peerName,
        'grpc.max_receive_message_length': MESSAGE_LIMIT,
        'grpc.max_send_message_length': MESSAGE_LIMIT,
        'grpc.enable_channelz': 0, // Statistics of every call, which nobody asks for.
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 1_000,
    });
    const within = (limit: number) => () => ({ deadline: Date.now() + limit });
    const gateway = connect({
        client,
        identity: { mspId: profile.mspId, credentials: readFileSync(profile.certPath) },
        signer: messageSigner(privateKey),
        hash: hash.none, // The signer hashes.
        ...(tlsClient && { tlsClientCertificateHash: hashOf(tlsClient.certificate) }),
        evaluateOptions: within(DEADLINES_MS.evaluate),
        endorseOptions: within(DEADLINES_MS.endorse),
        submitOptions: within(DEADLINES_MS.submit),
        commitStatusOptions: within(DEADLINES_MS.commitStatus),
    });
    return {
        gateway,
        privateKey,
        close: () => {
            gateway.close();
            client.close();
        },
    };
}

/** With it, requests for blocks name the TLS certificate over which they are sent. */
function hashOf(certificate: Buffer): Uint8Array {
    return createHash('sha256').update(new X509Certificate(certificate).raw).digest();
}
