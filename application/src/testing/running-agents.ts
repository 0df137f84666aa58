import { startCommand, type Running } from './command';

/** Agents of some organisations in one process, which may be killed and started anew. */
export class RunningAgents {
    /** What they have noted so far, over all their lives. */
    noted = 0;
    readonly #ids: readonly string[];
    readonly #home: string;
    readonly #more: readonly string[];
    readonly #waiting = new Set<() => void>();
    #running: Running;
    #isWanted = true;

    constructor(ids: readonly string[], home: string, ...more: readonly string[]) {
        this.#ids = ids;
        this.#home = home;
        this.#more = more;
        this.#running = this.#start();
    }

    /** Their exit code, once they end by themselves. @throws Error with what they said, where that is not 0. */
    get ended(): Promise<number | null> {
        return this.#outcome();
    }

    /** Looks again with everything that they note. */
    async until(isSo: () => boolean): Promise<void> {
        while (!isSo()) {
            await new Promise<void>((resolve) => {
                this.#waiting.add(resolve);
            });
        }
    }

    /** Kills them without asking, and starts them anew. */
    async restart(): Promise<void> {
        const before = this.#running;
        before.process.kill('SIGKILL');
        await before.ended;
        this.#running = this.#start();
    }

    kill(): void {
        this.#isWanted = false;
        this.#running.process.kill('SIGKILL');
    }

    async #outcome(): Promise<number | null> {
        for (;;) {
            const running = this.#running;
            const { exitCode, stderr, stdout } = await running.ended;
            if (running === this.#running) {
                if (exitCode !== 0 && this.#isWanted) {
                    throw new Error(
                        `agents of ${this.#ids.join(', ')} ended with ${String(exitCode)}: ${stderr}${stdout.slice(-2_000)}`,
                    );
                }
                return exitCode;
            }
        }
    }

    #start(): Running {
        const args = ['agent', ...this.#ids, '--exit', '--json', '--home', this.#home, ...this.#more];
        const running = startCommand(...args);
        running.process.stdout?.on('data', (chunk: Buffer) => {
            this.noted += chunk.toString().split('"event":"noted"').length - 1;
            this.#waiting.forEach((look) => {
                look();
            });
            this.#waiting.clear();
        });
        return running;
    }
}
