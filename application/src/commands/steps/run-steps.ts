import { Listr } from 'listr2';

/** One part of a long piece of work. What it says while it runs replaces what it said before; its result ends the line. */
export interface Step {
    readonly title: string;
    readonly run: (say: (what: string) => void) => Promise<string | undefined>;
    /** Ends by itself when interrupted, and must be waited for: it has something to tear down. */
    readonly endsItself?: boolean;
}

/** Somebody pressed Ctrl-C. */
export class Interrupted extends Error {
    override readonly name = 'Interrupted';
}

/**
 * Runs steps one after the other and shows them: as a live list on a terminal, as plain lines on standard error elsewhere,
 * so that standard output holds the result and nothing else.
 *
 * @throws Interrupted as soon as the signal says so.
 */
export async function runSteps(steps: readonly Step[], isLive: boolean, signal?: AbortSignal): Promise<void> {
    const stoppable = steps.map((step) => (signal === undefined ? step : interruptible(step, signal)));
    if (!isLive) {
        for (const step of stoppable) {
            await runPlainly(step);
        }
        return;
    }
    const tasks = stoppable.map(({ title, run }) => ({
        title,
        task: async (_: unknown, task: { title: string | undefined; output: string }): Promise<void> => {
            const result = await run((what) => {
                task.output = what;
            });
            task.title = result === undefined ? title : `${title}: ${result}`;
        },
    }));
    await new Listr(tasks, { registerSignalListeners: false, rendererOptions: { showErrorMessage: false } }).run();
}

/** A step that is given up when the signal comes; what it still does in the background goes nowhere. */
function interruptible(step: Step, signal: AbortSignal): Step {
    const run: Step['run'] = async (say) => {
        signal.throwIfAborted();
        if (step.endsItself === true) {
            return step.run(say).catch((error: unknown) => {
                throw signal.aborted ? new Interrupted('interrupted') : error;
            });
        }
        let stop = (): void => undefined;
        const stopped = new Promise<never>((_, reject) => {
            stop = () => {
                reject(new Interrupted('interrupted'));
            };
            signal.addEventListener('abort', stop, { once: true });
        });
        return Promise.race([step.run(say), stopped]).finally(() => {
            signal.removeEventListener('abort', stop);
        });
    };
    return { ...step, run };
}

/** Aborts at Ctrl-C; a second one ends the process at once, as people expect. */
export function untilInterrupted(): AbortSignal {
    const controller = new AbortController();
    process.once('SIGINT', () => {
        controller.abort(new Interrupted('interrupted'));
    });
    return controller.signal;
}

async function runPlainly({ title, run }: Step): Promise<void> {
    const print = (line: string): void => {
        process.stderr.write(`${line}\n`);
    };
    print(title);
    const result = await run((what) => {
        print(`  ${what}`);
    });
    if (result !== undefined) {
        print(`  ${result}`);
    }
}

/** Live lists are for people at a terminal who did not ask for JSON. */
export function isTerminal(json: boolean): boolean {
    return !json && process.stdout.isTTY && process.env['CI'] === undefined;
}
