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
/** What Go's templates can name without quoting. */
const TEMPLATE_NAME = /^[A-Za-z]\w*$/;

/**
 * The package of a chaincode service: templates for an address and keys, since the code runs elsewhere, which each peer's builder
 * fills with its organisation's own. So it holds no secret and is the same for all. The label carries the code's digest:
 * who approves the package approves that code, and a service starts under no other. A package that was made is kept: a peer that
 * lost its disk needs the same bytes again.
 */
export async function chaincodePackage(
    chaincode: Pick<ChaincodeService, 'name' | 'version' | 'directory'>,
    layout: Layout,
    root: string = repositoryRoot,
): Promise<ChaincodePackage> {
    const { name, version } = chaincode;
    if (!TEMPLATE_NAME.test(name)) {
        throw new Error(`'${name}' cannot stand in a template: a chaincode's name has letters, digits and underscores`);
    }
    const digest = codeDigest(resolve(root, chaincode.directory));
    const label = `${name}_${version}.${digest}`;
    const file = layout.packageFile(label);
    if (!existsSync(file)) {
        const connection = {
            address: `{{.chaincode.${name}}}`,
            dial_timeout: '10s',
            tls_required: true,
            client_auth_required: true,
            client_key: '{{.client_key}}',
            client_cert: '{{.client_cert}}',
            root_cert: '{{.root_cert}}',
        };
        const code = await archive({ 'connection.json': json(connection), 'code.sha256': `${digest}\n` });
        const bytes = await archive({ 'metadata.json': json({ type: 'ccaas', label }), 'code.tar.gz': code });
        mkdirSync(layout.packages, { recursive: true });
        writeFileSync(`${file}.new`, bytes);
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
