import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface EngineProcessOptions {
    readonly program: string;
    /** The engine's home. */
    readonly directory: string;
    readonly logFile: string;
    /** Before each start, and so after each end. */
    readonly prepare: () => Promise<void>;
    /** Told of each process, so that somebody else can end it should this one be killed. */
    readonly onStarted?: (pid: number) => void;
    readonly onEnded: (how: string) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** After this long a process counts as one that works: the next pause is the first again. */
const STEADY_MS = 10_000;
const END_LIMIT_MS = 5_000;

/** The engine as a child process, started again with growing pauses whenever it ends before it was told to. */
export class EngineProcess {
    readonly #options: EngineProcessOptions;
    readonly #stopping = new AbortController();
    #child: ChildProcess | undefined;
    #running: Promise<void> | undefined;

    constructor(options: EngineProcessOptions) {
        this.#options = options;
    }

    get pid(): number | undefined {
        return this.#child?.pid;
    }

    start(): void {
        this.#running ??= this.#keepRunning();
    }

    /** Resolves when the process has ended and no other will be started. */
    async stop(): Promise<void> {
        this.#stopping.abort();
        const child = this.#child;
        if (child !== undefined) {
            child.kill('SIGTERM');
            const limit = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
            await this.#running;
            clearTimeout(limit);
        }
        await this.#running;
    }

    async #keepRunning(): Promise<void> {
        const { signal } = this.#stopping;
        let pause = FIRST_PAUSE_MS;
        while (!signal.aborted) {
            const begin = performance.now();
            this.#options.onEnded(await this.#runOnce());
            await sleep(pause, undefined, { signal }).catch(() => undefined);
            pause = performance.now() - begin > STEADY_MS ? FIRST_PAUSE_MS : Math.min(2 * pause, LONGEST_PAUSE_MS);
        }
    }

    /** @returns how it ended, in words. */
    async #runOnce(): Promise<string> {
        try {
            await this.#options.prepare();
        } catch (failure) {
            return `it could not be started: ${String(failure)}`;
        }
        if (this.#stopping.signal.aborted) {
            return 'it was not started any more';
        }
        const { program, directory, logFile } = this.#options;
        const log = openSync(logFile, 'a', 0o600);
        const child = spawn(program, ['start', '--home', directory], {
            cwd: directory,
            env: withoutSettings(process.env),
            stdio: ['ignore', log, log],
        });
        closeSync(log);
        this.#child = child;
        if (child.pid !== undefined) {
            this.#options.onStarted?.(child.pid);
        }
        return new Promise((resolve) => {
            const ended = (how: string): void => {
                this.#child = undefined;
                resolve(how);
            };
            child.once('error', (error) => {
                ended(`it could not be started: ${error.message}`);
            });
            child.once('exit', (code, signal) => {
                ended(signal === null ? `it ended with code ${code ?? 'unknown'}` : `it was ended by ${signal}`);
            });
        });
    }
}

/** The engine takes settings from variables too; only what is written down for it counts. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return Object.fromEntries(
        Object.entries(environment).filter(([name]) => !/^(CMT|CMTHOME|TM|TMHOME)(_|$|HOME)/.test(name)),
    );
}
