import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processUsage } from '../process-usage';

const MAIN = join(__dirname, '..', '..', 'commands', 'main.js');
const SAMPLE_MS = 250;

interface Usage {
    readonly peakMegabytes: number;
    readonly cpuSeconds: number;
}

/** The agents of all organisations in one process, which can be killed and started anew. */
export class AgentsProcess {
    /** What they have noted, over all their lives. */
    noted = 0;
    readonly #home: string;
    #child: ChildProcess;
    #said = '';
    #isOver = false;
    /** Of lives that are over; and of this one, as it was seen last. */
    #before = { peakMegabytes: 0, cpuSeconds: 0 };
    #seen: Usage = { peakMegabytes: 0, cpuSeconds: 0 };

    constructor(home: string) {
        this.#home = home;
        this.#child = this.#start();
    }

    async untilNoted(count: number): Promise<void> {
        while (this.noted < count && !this.#isOver) {
            await pause(20);
        }
    }

    async restart(): Promise<void> {
        const before = this.#child;
        const closed = once(before, 'close');
        this.#sample();
        before.kill('SIGKILL');
        await closed;
        this.#bury();
        this.#isOver = false;
        this.#child = this.#start();
    }

    kill(): void {
        this.#child.kill('SIGKILL');
    }

    /** @throws Error with what they said last, where they do not end well. */
    async ended(): Promise<Usage> {
        while (!this.#isOver) {
            this.#sample();
            await pause(SAMPLE_MS);
        }
        if (this.#child.exitCode !== 0) {
            throw new Error(`the agents ended with ${String(this.#child.exitCode)}: ${this.#said.slice(-2_000)}`);
        }
        this.#bury();
        return this.#before;
    }

    #start(): ChildProcess {
        // However busy the machine is, nobody is given up.
        const patience = ['--patience', '7200'];
        const args = [MAIN, 'agent', '--exit', '--json', '--no-election', ...patience, '--home', this.#home];
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
        child.stdout.on('data', (chunk: Buffer) => {
            this.noted += chunk.toString().split('"event":"noted"').length - 1;
        });
        child.stderr.on('data', (chunk: Buffer) => {
            this.#said += chunk.toString();
        });
        child.on('close', () => {
            this.#isOver ||= child === this.#child;
        });
        return child;
    }

    #sample(): void {
        this.#seen = (this.#child.pid === undefined ? undefined : processUsage(this.#child.pid)) ?? this.#seen;
    }

    #bury(): void {
        const { peakMegabytes, cpuSeconds } = this.#before;
        this.#before = {
            peakMegabytes: Math.max(peakMegabytes, this.#seen.peakMegabytes),
            cpuSeconds: cpuSeconds + this.#seen.cpuSeconds,
        };
        this.#seen = { peakMegabytes: 0, cpuSeconds: 0 };
    }
}
