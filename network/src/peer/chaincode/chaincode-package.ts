import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

import { extract } from 'tar-stream';
import { z } from 'zod';

import { fillTemplate, type BuilderValues } from './package-templates';

/** Where and how the peer reaches a chaincode that runs as a service: Fabric's connection.json. */
export interface ChaincodeEndpoint {
    readonly address: string;
    readonly dialTimeoutMs: number;
    readonly tls?: {
        readonly rootPem: string;
        /** Absent: the peer presents its own TLS certificate, if the service asks for one. */
        readonly client?: { readonly certificatePem: string; readonly keyPem: string };
        readonly serverName?: string;
    };
}

export interface ChaincodePackage {
    /** label ':' hash of the package's bytes; what the running chaincode has to register as. */
    readonly packageId: string;
    readonly label: string;
    readonly endpoint: ChaincodeEndpoint;
}

const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;
const DEFAULT_DIAL_TIMEOUT_MS = 3_000;
const LABEL = /^[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*$/;

const metadataSchema = z.object({ type: z.string(), label: z.string(), path: z.string().optional() });

const connectionSchema = z.object({
    address: z.string().min(1, 'chaincode address not provided'),
    domain: z.string().default(''),
    dial_timeout: z.union([z.string(), z.number()]).optional(),
    tls_required: z.boolean().default(false),
    client_auth_required: z.boolean().default(false),
    client_key: z.string().default(''),
    client_cert: z.string().default(''),
    root_cert: z.string().default(''),
});

async function files(archive: Uint8Array): Promise<Map<string, Buffer>> {
    const unpacked = gunzipSync(archive, { maxOutputLength: MAX_UNPACKED_BYTES });
    const tar = extract();
    const result = new Map<string, Buffer>();
    tar.end(unpacked);
    for await (const entry of tar) {
        const chunks: Buffer[] = [];
        for await (const chunk of entry) chunks.push(chunk as Buffer);
        if (entry.header.type === 'file') result.set(entry.header.name.replace(/^\.\//, ''), Buffer.concat(chunks));
    }
    return result;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** Go's duration in a string ("10s"), or a number of nanoseconds. */
function durationMs(text: string | number | undefined): number {
    if (text === undefined) return DEFAULT_DIAL_TIMEOUT_MS;
    if (typeof text === 'number') return Math.max(1, Math.round(text / 1e6));
    const match = /^(\d+)(ms|s|m)$/.exec(text);
    const unit = UNIT_MS[match?.[2] ?? ''];
    if (!match || unit === undefined) throw new Error(`invalid duration ${text}`);
    return Number(match[1]) * unit;
}

function endpoint(json: Buffer, values: BuilderValues): ChaincodeEndpoint {
    const templates = connectionSchema.parse(JSON.parse(json.toString('utf8')));
    const filled = (name: 'address' | 'domain' | 'client_key' | 'client_cert' | 'root_cert'): string =>
        fillTemplate(templates[name], values);
    const base = { address: filled('address'), dialTimeoutMs: durationMs(templates.dial_timeout) };
    if (!templates.tls_required) return base;
    const [root, key, certificate, serverName] = [
        filled('root_cert'),
        filled('client_key'),
        filled('client_cert'),
        filled('domain'),
    ];
    if (root === '') throw new Error('chaincode tls root cert not provided');
    return {
        ...base,
        tls: {
            rootPem: root,
            ...(key !== '' && certificate !== '' && { client: { certificatePem: certificate, keyPem: key } }),
            ...(serverName !== '' && { serverName }),
        },
    };
}

async function unpack(bytes: Uint8Array, what: string): Promise<Map<string, Buffer>> {
    try {
        return await files(bytes);
    } catch (cause) {
        throw new Error(
            `error reading as gzip stream: ${what}: ${cause instanceof Error ? cause.message : 'unreadable'}`,
            {
                cause,
            },
        );
    }
}

/**
 * Reads a package of type `ccaas` as the peer command and our deployment make it; throws what is wrong with it.
 *
 * @param values fill its templates: what this peer knows of its own services.
 */
export async function parseChaincodePackage(bytes: Uint8Array, values: BuilderValues = {}): Promise<ChaincodePackage> {
    const outer = await unpack(bytes, 'chaincode install package');
    const metadata = outer.get('metadata.json');
    if (!metadata) throw new Error('did not find any package metadata (missing metadata.json)');
    const code = outer.get('code.tar.gz');
    if (!code) throw new Error('did not find a code package inside the package');
    const { type, label } = metadataSchema.parse(JSON.parse(metadata.toString('utf8')));
    if (!LABEL.test(label)) {
        throw new Error(
            `invalid label '${label}'. Label must be non-empty, can only consist of alphanumerics, symbols from '.+-_'`,
        );
    }
    if (type !== 'ccaas' && type !== 'external') {
        throw new Error(`this peer runs chaincode as a service only: packages of type ccaas, not '${type}'`);
    }
    const connection = (await unpack(code, 'code.tar.gz')).get('connection.json');
    if (!connection) throw new Error('connection.json not found in the code package');
    const hash = createHash('sha256').update(bytes).digest('hex');
    return { packageId: `${label}:${hash}`, label, endpoint: endpoint(connection, values) };
}
