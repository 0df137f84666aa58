import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';

import { credentials, type ChannelCredentials, type ClientOptions, type VerifyOptions } from '@grpc/grpc-js';

/** Fabric's limit of one message; its counterparts have to raise theirs to the same. */
export const MAX_MESSAGE_BYTES = 100 * 1024 * 1024;

/** A node that is started again is found again within a moment. */
const OPTIONS: ClientOptions = {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.enable_channelz': 0, // Statistics of every call, which nobody asks for.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 300,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
};

/** The certificate with which a peer shows who it is, to clients and to nodes that it calls. */
export interface ClientCertificate {
    readonly certificatePem: string;
    readonly keyPem: string;
}

export interface SecureChannel {
    readonly credentials: ChannelCredentials;
    readonly options: ClientOptions;
}

export interface ChannelTarget {
    /** host:port */
    readonly address: string;
    /** PEM of the roots that the node's certificate has to lead to. */
    readonly roots: string;
    /** Name its certificate carries instead of the host. */
    readonly serverName?: string | undefined;
}

/** What TLS sends in place of an address, which it may not; the certificate is checked against the address all the same. */
const NAME_FOR_ADDRESSES = 'node';

function makeChannel({ address, roots, serverName }: ChannelTarget, own: ClientCertificate | undefined): SecureChannel {
    const host = address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
    const [key, certificate] = own ? [Buffer.from(own.keyPem), Buffer.from(own.certificatePem)] : [null, null];
    const isAddress = serverName === undefined && isIP(host) !== 0;
    const verification: VerifyOptions = isAddress
        ? { checkServerIdentity: (_name, presented) => checkServerIdentity(host, presented) }
        : {};
    const name = isAddress ? NAME_FOR_ADDRESSES : serverName;
    return {
        credentials: credentials.createSsl(Buffer.from(roots), key, certificate, verification),
        options: name === undefined ? OPTIONS : { ...OPTIONS, 'grpc.ssl_target_name_override': name },
    };
}

/** Peers of one process that call the same node share its credentials, and so its connection. */
const shared = new Map<string, SecureChannel>();

/**
 * Throws when there are no roots: the machine's own would then decide whom to trust. Without a certificate of its own the
 * caller shows none, which is what peers and orderers expect of each other unless they are set up for mutual TLS.
 */
export function secureChannel(target: ChannelTarget, own?: ClientCertificate): SecureChannel {
    const { address, roots, serverName } = target;
    if (roots.trim() === '') throw new Error(`no TLS roots are known for ${address}`);
    if (own) return makeChannel(target, own);
    const key = JSON.stringify([address, roots, serverName]);
    const known = shared.get(key) ?? makeChannel(target, undefined);
    shared.set(key, known);
    return known;
}

/** For services that ask for no encryption: chaincode beside its peer. */
export function insecureChannel(): SecureChannel {
    return { credentials: credentials.createInsecure(), options: OPTIONS };
}
