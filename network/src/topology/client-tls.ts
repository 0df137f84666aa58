import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import { readFileSync } from 'node:fs';
import { certificateHash, type TlsKeyPair } from '../transport/client-certificates';
import type { TlsFiles } from './layout';
import type { Topology } from './topology';

/** A member's TLS certificate, where nodes ask for one; else nothing. Throws Error, with what to do, where there is none yet. */
export function clientTls({ network }: Topology, files: TlsFiles): TlsKeyPair | undefined {
    if (network.clientAuthRequired !== true) return undefined;
    try {
        return { certificate: readFileSync(files.certificate), key: readFileSync(files.key) };
    } catch (cause) {
        throw new Error(`there is no TLS certificate in ${files.directory}: \`network.sh up\` makes it`, { cause });
    }
}

/** How a member connects to a node whose certificate leads to these roots. */
export function clientCredentials(roots: Buffer, own: TlsKeyPair | undefined): ChannelCredentials {
    return credentials.createSsl(roots, own?.key ?? null, own?.certificate ?? null);
}

/** What requests over such a connection say of it, where they have to. */
export function bindingOf(own: TlsKeyPair | undefined): Uint8Array | undefined {
    return own && certificateHash(own.certificate);
}
