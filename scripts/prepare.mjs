// What `npm start` and `npm test` need before they can do their work: the dependencies of the lock file, Node 24, a build.
// Runs on the machine's own Node (20 or newer) and on what Node itself has, because nothing is installed yet.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = 20;
const NEEDED_NODE = 24;
const stampFile = join(root, 'node_modules', '.commonwatt-installed');

/** Standard output belongs to the command; what is said on the way goes to standard error. */
export const say = (text) => process.stderr.write(`${text}\n`);

export class Stop extends Error {}

/** Install, build, and give the Node that everything runs on. Quick when there is nothing to do. */
export function prepare({ build = true } = {}) {
    const major = Number(process.versions.node.split('.')[0]);
    if (major < OLDEST_NODE) {
        throw new Stop(
            `Node ${process.versions.node} is too old: install Node ${OLDEST_NODE} or newer from https://nodejs.org`,
        );
    }
    install();
    const node = findNode(major);
    if (build) {
        compile(node);
    }
    return node;
}

function install() {
    const wanted = createHash('sha256')
        .update(readFileSync(join(root, 'package-lock.json')))
        .digest('hex');
    if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) {
        return;
    }
    say('Installing the dependencies of package-lock.json (once, about a minute) …');
    // No install scripts of other people run on this machine: every binary that is needed lies inside its package.
    run(
        'npm',
        ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
        'npm ci failed: is the npm registry reachable?',
    );
    writeFileSync(stampFile, wanted);
}

function findNode(major) {
    const bundled = join(root, 'node_modules', '.bin', 'node');
    if (existsSync(bundled)) {
        return bundled;
    }
    if (major >= NEEDED_NODE) {
        return process.execPath;
    }
    throw new Stop(
        `No Node ${NEEDED_NODE} comes with npm for ${process.platform}-${process.arch}: install Node ${NEEDED_NODE} from https://nodejs.org and run this again`,
    );
}

function compile(node) {
    say('Building …');
    run(
        node,
        [join('node_modules', 'typescript', 'bin', 'tsc'), '-b', 'tsconfig.build.json'],
        'the build failed; the lines above say where',
    );
    run(node, [join('web', 'build.mjs')], 'the pages could not be built; the lines above say why');
}

function run(command, args, failure) {
    // What the child prints goes to standard error, so that standard output stays the caller's alone.
    const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
    if (error !== undefined || status !== 0) {
        throw new Stop(error === undefined ? failure : `${failure} (${error.message})`);
    }
}

/** Run a program on Node 24 in this terminal, pass signals on, end with its exit code. */
export function become(node, args) {
    const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
    const child = spawn(node, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    signals.forEach((signal) => process.on(signal, () => child.kill(signal)));
    child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal === 'SIGINT' ? 2 : 15)));
    child.on('error', (error) => {
        say(`could not start ${node}: ${error.message}`);
        process.exit(1);
    });
}

/** Run `main`; a `Stop` ends the process with its sentence instead of a stack. */
export function main(body) {
    try {
        body();
    } catch (error) {
        if (!(error instanceof Stop)) {
            throw error;
        }
        say(error.message);
        process.exit(1);
    }
}
