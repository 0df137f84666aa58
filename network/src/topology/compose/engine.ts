import { spawn } from 'node:child_process';

export const INSTALLATION_PAGE = 'https://docs.docker.com/engine/install/';
const MAX_OUTPUT = 64 * 1024;

export interface RunOptions {
    /** Its output goes where ours goes. */
    readonly inherit?: boolean;
    readonly signal?: AbortSignal;
}

/**
 * Runs a program to its end.
 *
 * @returns what it wrote to standard output.
 * @throws Error with the end of what it said, if it fails.
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return new Promise((resolve, reject) => {
        const { inherit = false, signal } = options;
        const child = spawn(program, args, {
            stdio: ['ignore', inherit ? 'inherit' : 'pipe', inherit ? 'inherit' : 'pipe'],
            ...(signal && { signal }),
        });
        let output = '';
        let said = '';
        child.stdout?.on('data', (chunk: Buffer) => {
            output += chunk.toString();
            said = (said + chunk.toString()).slice(-MAX_OUTPUT);
        });
        child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-MAX_OUTPUT)));
        child.once('error', reject);
        child.once('close', (code) => {
            if (code === 0) {
                resolve(output);
            } else {
                const end = said.trim().split('\n').slice(-15).join('\n');
                reject(new Error(`${[program, ...args.slice(0, 6)].join(' ')} ended with ${String(code)}:\n${end}`));
            }
        });
    });
}

/** Whether a docker engine answers: networks of containers, and tests of them, need one. */
export async function hasEngine(): Promise<boolean> {
    return run('docker', ['version', '--format', '{{.Server.Version}}']).then(
        () => true,
        () => false,
    );
}

/**
 * The command that runs compose files: the plugin, or the program of its own that some distributions have.
 *
 * @throws Error saying what is missing and where to get it.
 */
export async function composeCommand(): Promise<readonly string[]> {
    if (!(await hasEngine())) {
        throw new Error(
            `no docker engine answers (DOCKER_HOST is ${process.env.DOCKER_HOST ?? 'not set'}): start it, or install it as ${INSTALLATION_PAGE} says`,
        );
    }
    const candidates = [['docker', 'compose'], ['docker-compose']] as const;
    for (const [program, ...args] of candidates) {
        const answers = await run(program, [...args, 'version']).then(
            () => true,
            () => false,
        );
        if (answers) {
            return [program, ...args];
        }
    }
    throw new Error(
        `the docker engine has neither 'docker compose' nor 'docker-compose': install one as ${INSTALLATION_PAGE} says`,
    );
}
