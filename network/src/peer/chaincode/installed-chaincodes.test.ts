import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pack } from 'tar-stream';

import { InstalledChaincodes } from './installed-chaincodes';

let directory: string;
let installed: InstalledChaincodes;

beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'installed-'));
    installed = await InstalledChaincodes.open(directory);
});

afterEach(() => {
    rmSync(directory, { recursive: true });
});

async function archive(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
    const tar = pack();
    for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
    tar.finalize();
    return gzipSync(await buffer(tar));
}

const CONNECTION = { address: '127.0.0.1:9999', dial_timeout: '10s', tls_required: true, root_cert: 'ROOT' };

async function packaged(
    connection: object = CONNECTION,
    metadata: object = { type: 'ccaas', label: 'kv_1' },
): Promise<Buffer> {
    const code = await archive({ 'connection.json': JSON.stringify(connection) });
    return archive({ 'metadata.json': JSON.stringify(metadata), 'code.tar.gz': code });
}

describe('installed packages', () => {
    test('have label and hash of their bytes as id, and say where the chaincode is', async () => {
        const bytes = await packaged();
        const { packageId, label, endpoint } = await installed.install(bytes);
        expect(packageId).toBe(`kv_1:${createHash('sha256').update(bytes).digest('hex')}`);
        expect(label).toBe('kv_1');
        expect(endpoint).toEqual({ address: '127.0.0.1:9999', dialTimeoutMs: 10_000, tls: { rootPem: 'ROOT' } });
        expect(Buffer.from((await installed.bytes(packageId)) ?? [])).toEqual(bytes);
    });

    test('are there after the peer is started again', async () => {
        const { packageId } = await installed.install(await packaged());
        const again = await InstalledChaincodes.open(directory);
        expect(again.list().map((each) => each.packageId)).toEqual([packageId]);
        expect(again.get(packageId)?.endpoint.address).toBe('127.0.0.1:9999');
    });

    test('are installed once', async () => {
        const bytes = await packaged();
        const { packageId } = await installed.install(bytes);
        await expect(installed.install(bytes)).rejects.toThrow(
            `chaincode already successfully installed (package ID '${packageId}')`,
        );
    });

    test('bring a key of their own, or leave the peer to show its own', async () => {
        const own = { ...CONNECTION, client_auth_required: true, client_key: 'KEY', client_cert: 'CERT' };
        const { endpoint } = await installed.install(await packaged(own));
        expect(endpoint.tls?.client).toEqual({ keyPem: 'KEY', certificatePem: 'CERT' });
    });

    test('may do without encryption', async () => {
        const { endpoint } = await installed.install(await packaged({ address: 'cc:1' }));
        expect(endpoint).toEqual({ address: 'cc:1', dialTimeoutMs: 3_000 });
    });

    test('that nobody installed have no bytes', async () => {
        expect(await installed.bytes('kv_1:00')).toBeUndefined();
    });
});

describe('what is refused', () => {
    test.each<{ what: string; bytes: () => Promise<Buffer> | Buffer; says: string }>([
        { what: 'nonsense', bytes: () => Buffer.from('nonsense'), says: 'error reading as gzip stream' },
        { what: 'no metadata', bytes: () => archive({ 'x.txt': 'x' }), says: 'missing metadata.json' },
        {
            what: 'no code',
            bytes: () => archive({ 'metadata.json': '{"type":"ccaas","label":"a"}' }),
            says: 'did not find a code package',
        },
        {
            what: 'a label with a space',
            bytes: () => packaged(CONNECTION, { type: 'ccaas', label: 'a b' }),
            says: "invalid label 'a b'",
        },
        {
            what: 'code to be built',
            bytes: () => packaged(CONNECTION, { type: 'golang', label: 'a' }),
            says: "not 'golang'",
        },
        { what: 'no address', bytes: () => packaged({}), says: 'address' },
        {
            what: 'TLS without a root',
            bytes: () => packaged({ address: 'a:1', tls_required: true }),
            says: 'chaincode tls root cert not provided',
        },
        {
            what: 'a strange duration',
            bytes: () => packaged({ ...CONNECTION, dial_timeout: 'soon' }),
            says: 'invalid duration soon',
        },
    ])('$what', async ({ bytes, says }) => {
        const call = installed.install(await bytes());
        await expect(call).rejects.toThrow('could not parse as a chaincode install package');
        await expect(call).rejects.toThrow(says);
        expect(installed.list()).toEqual([]);
    });
});
