import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';

import { credentials, type ChannelCredentials, type ClientOptions } from '@grpc/grpc-js';

/** Fabric's limit of one message; its counterparts have to raise theirs to the same. */
export const MAX_MESSAGE_BYTES = 100 * 1024 * 1024;

/** A node that is started again is found again within a second. */
const OPTIONS: ClientOptions = {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
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

/** Throws when there are no roots: the machine's own would then decide whom to trust. */
export function secureChannel(target: ChannelTarget, own: ClientCertificate): SecureChannel {
    const { address, roots, serverName } = target;
    if (roots.trim() === '') throw new Error(`no TLS roots are known for ${address}`);
    const host = address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
    const keyPair = [Buffer.from(own.keyPem), Buffer.from(own.certificatePem)] as const;
    const isAddress = serverName === undefined && isIP(host) !== 0;
    const verification = isAddress
        ? {
              checkServerIdentity: (_name: string, peer: Parameters<typeof checkServerIdentity>[1]) =>
                  checkServerIdentity(host, peer),
          }
        : {};
    const name = isAddress ? NAME_FOR_ADDRESSES : serverName;
    return {
        credentials: credentials.createSsl(Buffer.from(roots), ...keyPair, verification),
        options: name === undefined ? OPTIONS : { ...OPTIONS, 'grpc.ssl_target_name_override': name },
    };
}

/** For services that ask for no encryption: chaincode beside its peer. */
export function insecureChannel(): SecureChannel {
    return { credentials: credentials.createInsecure(), options: OPTIONS };
}
