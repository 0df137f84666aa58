import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/** What an agent answered to the prices of an iteration. */
export interface Answer {
    /** Iterations that were closed before. */
    readonly after: number;
    /** nanos/kWh, by slot: what it answered to. */
    readonly prices: readonly bigint[];
    readonly penalty: bigint;
    /** Wh: what its answer was drawn to. */
    readonly reference: readonly number[];
    /** From the pool, Wh. */
    readonly energies: readonly bigint[];
}

const integers = z.array(z.string().transform(BigInt));
const stored = z.object({
    after: z.number(),
    prices: integers,
    penalty: z.string().transform(BigInt),
    reference: z.array(z.number()),
    energies: integers,
});

/**
 * An agent's last answer, so that one that died goes on as if it had not. Nothing depends on the file: an agent without it reads back what
 * it said from its own peer, and converges as well. So it is not forced to the disk.
 */
export class KeptAnswer {
    readonly #path: string;
    /** Undefined: not read yet. */
    #answer: Answer | null | undefined;

    constructor(path: string) {
        this.#path = path;
    }

    get last(): Answer | undefined {
        this.#answer ??= this.#read() ?? null;
        return this.#answer ?? undefined;
    }

    keep(answer: Answer): void {
        this.#answer = answer;
        const unfinished = `${this.#path}.new`;
        mkdirSync(dirname(this.#path), { recursive: true });
        const text = JSON.stringify(answer, (_, value: unknown) =>
            typeof value === 'bigint' ? value.toString() : value,
        );
        writeFileSync(unfinished, text, { mode: 0o600 });
        renameSync(unfinished, this.#path);
    }

    /** What was answered did not count. */
    forget(): void {
        this.#answer = null;
        rmSync(this.#path, { force: true });
    }

    #read(): Answer | undefined {
        try {
            return stored.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
        } catch {
            return undefined; // There is none, or it was being written when the agent died.
        }
    }
}
