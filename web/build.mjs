// `node web/build.mjs`: the pages as files that any server can hand out with long caching, in web/dist.
//
// Bundled from the sources of the other workspaces, so that what is not used is left out; what these take from Node, the pages have of their own
// (src/platform). Runs on what npm installs without any install script: esbuild's program lies in its platform's package.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const web = dirname(fileURLToPath(import.meta.url));
const root = dirname(web);
const out = join(web, 'dist');
const COMPRESSED = /\.(js|css|html|svg|webmanifest)$/;

const digest = join(root, 'chaincode', 'src', 'domain', 'digest.ts');
const isOurs = (directory) =>
    ['chaincode', 'application'].some((each) => directory.startsWith(join(root, each, 'src')));

/**
 * `@commonwatt/chaincode/api/wire` is chaincode/src/api/wire.ts; hashing is the browser's own. Modules of ours do nothing by being imported, so
 * what is not used is left out, and so is what only it takes from Node.
 */
const sources = {
    name: 'sources',
    setup({ onResolve }) {
        onResolve({ filter: /^@commonwatt\/(chaincode|application)\// }, ({ path }) => {
            const [, workspace, file] = /^@commonwatt\/(\w+)\/(.*)$/.exec(path);
            return source(join(root, workspace, 'src', file));
        });
        onResolve({ filter: /^\.\.?(\/|$)/ }, ({ path, resolveDir }) =>
            isOurs(resolveDir) ? source(join(resolveDir, path)) : undefined,
        );
        onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true, sideEffects: false }));
    },
};

function source(path) {
    const file = existsSync(`${path}.ts`) ? `${path}.ts` : join(path, 'index.ts');
    return { path: file === digest ? join(web, 'src', 'platform', 'digest.ts') : file, sideEffects: false };
}

/** @throws Error where a page would ask for what no browser has. */
function checkSelfContained({ outputs }) {
    const outside = Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
    if (outside.length > 0) {
        throw new Error(`the pages need what browsers have not got: ${outside.map(({ path }) => path).join(', ')}`);
    }
}

async function bundle() {
    const { metafile } = await build({
        entryPoints: { app: join(web, 'src', 'main.tsx') },
        outdir: join(out, 'assets'),
        entryNames: '[name]-[hash]',
        chunkNames: '[name]-[hash]',
        bundle: true,
        splitting: true,
        format: 'esm',
        target: 'es2022',
        minify: true,
        metafile: true,
        legalComments: 'linked',
        jsx: 'automatic',
        jsxImportSource: 'preact',
        logLevel: 'warning',
        plugins: [sources],
        absWorkingDir: root,
    });
    checkSelfContained(metafile);
    return metafile;
}

/** The page names the files of the first page, so that the browser asks for all of them at once. */
function writePage({ outputs }) {
    const [path, entry] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === 'web/src/main.tsx');
    const asset = (file) => file.replace(/^web\/dist/, '');
    const preloads = entry.imports.filter(({ kind }) => kind === 'import-statement').map((each) => asset(each.path));
    const head = [
        `<link rel="stylesheet" href="${asset(entry.cssBundle)}">`,
        ...preloads.map((file) => `<link rel="modulepreload" href="${file}">`),
        `<script type="module" src="${asset(path)}"></script>`,
    ];
    const template = readFileSync(join(web, 'public', 'index.html'), 'utf8');
    writeFileSync(join(out, 'index.html'), template.replace('<!-- assets -->', head.join('\n        ')));
}

/** Once, here, and better than a server has time for. */
function compress(directory) {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
        const path = join(directory, entry.name);
        if (entry.isDirectory()) {
            compress(path);
        } else if (COMPRESSED.test(entry.name)) {
            const bytes = readFileSync(path);
            const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
            writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: quality }));
            writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        }
    }
}

/** Of everything that the pages are made of: where nothing of it changed there is nothing to do. */
function digestOfSources() {
    const hash = createHash('sha256');
    const add = (path) => {
        for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
            const file = join(path, entry.name);
            if (entry.isDirectory()) {
                add(file);
            } else if (!/\.(test|e2e)\.tsx?$/.test(entry.name)) {
                hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
            }
        }
    };
    ['web/src', 'web/public', 'chaincode/src', 'application/src'].forEach((each) => add(join(root, each)));
    return hash
        .update(readFileSync(fileURLToPath(import.meta.url)))
        .update(readFileSync(join(root, 'package-lock.json')))
        .digest('hex');
}

const stamp = join(out, '.sources');
const wanted = digestOfSources();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    writePage(await bundle());
    cpSync(join(web, 'public'), out, { recursive: true, filter: (path) => !path.endsWith('index.html') });
    compress(out);
    writeFileSync(stamp, wanted);
}
