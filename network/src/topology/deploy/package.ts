import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { type Layout, repositoryRoot } from '../layout';
import type { ChaincodeService } from '../topology';

/** A chaincode package as Fabric's peers install it, and the code it stands for. */
export interface ChaincodePackage {
    readonly label: string;
    /** `label:SHA-256`, what the service registers as and the peers approve. */
    readonly packageId: string;
    readonly bytes: Buffer;
}

/** Byte 9 of a gzip header names the machine's operating system; 255 is 'unknown'. */
const GZIP_OS = 9;
const GZIP_OS_UNKNOWN = 255;

/**
 * The package of a chaincode service: an address and keys, since the code runs elsewhere. The label carries the code's
 * digest, so that a service registers under an id that says what it runs. A package that was made is kept: a peer that lost its
 * disk needs the same bytes again.
 */
export async function chaincodePackage(
    chaincode: ChaincodeService,
    layout: Layout,
    root: string = repositoryRoot,
): Promise<ChaincodePackage> {
    const digest = codeDigest(resolve(root, chaincode.directory));
    const label = `${chaincode.name}_${chaincode.version}.${digest.slice(0, 16)}`;
    const file = layout.packageFile(label);
    if (!existsSync(file)) {
        const { chaincodeTls: tls } = layout;
        const connection = {
            address: `${chaincode.service.host}:${chaincode.service.port}`,
            dial_timeout: '10s',
            tls_required: true,
            client_auth_required: true,
            client_key: readFileSync(tls.clientKey, 'utf8'),
            client_cert: readFileSync(tls.clientCertificate, 'utf8'),
            root_cert: readFileSync(tls.root, 'utf8'),
        };
        const code = await archive({ 'connection.json': json(connection), 'code.sha256': `${digest}\n` });
        const bytes = await archive({ 'metadata.json': json({ type: 'ccaas', label }), 'code.tar.gz': code });
        mkdirSync(layout.packages, { recursive: true });
        writeFileSync(`${file}.new`, bytes, { mode: 0o600 });
        renameSync(`${file}.new`, file);
    }
    const bytes = readFileSync(file);
    return { label, packageId: `${label}:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
}

/** SHA-256 over names and contents of the built scripts and of `package.json`, which fixes the versions they run with. */
export function codeDigest(directory: string): string {
    const built = join(directory, 'dist');
    const scripts = existsSync(built)
        ? readdirSync(built, { recursive: true, encoding: 'utf8' })
              .filter((name) => name.endsWith('.js'))
              .map((name) => join(built, name))
        : [];
    const hash = createHash('sha256');
    for (const file of [...scripts, join(directory, 'package.json')].toSorted()) {
        const content = readFileSync(file);
        hash.update(`${relative(directory, file).split(sep).join('/')}\n${content.length}\n`).update(content);
    }
    return hash.digest('hex');
}

function json(value: unknown): string {
    return `${JSON.stringify(value, null, 4)}\n`;
}

/** A .tar.gz whose bytes depend on names and contents alone. */
async function archive(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
    const tar = pack();
    for (const [name, content] of Object.entries(files)) {
        tar.entry({ name, mode: 0o644, mtime: new Date(0) }, content);
    }
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) {
        chunks.push(chunk as Buffer);
    }
    const compressed = gzipSync(Buffer.concat(chunks), { level: 9 });
    compressed[GZIP_OS] = GZIP_OS_UNKNOWN;
    return compressed;
}
