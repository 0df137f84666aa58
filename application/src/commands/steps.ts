import { Listr } from 'listr2';

/** One part of a long piece of work. What it says while it runs replaces what it said before; its result ends the line. */
export interface Step {
    readonly title: string;
    readonly run: (say: (what: string) => void) => Promise<string | undefined>;
}

/**
 * Runs steps one after the other and shows them: as a live list on a terminal, as plain lines on standard error elsewhere,
 * so that standard output holds the result and nothing else.
 */
export async function runSteps(steps: readonly Step[], isLive: boolean): Promise<void> {
    if (!isLive) {
        for (const step of steps) {
            await runPlainly(step);
        }
        return;
    }
    const tasks = steps.map(({ title, run }) => ({
        title,
        task: async (_: unknown, task: { title: string | undefined; output: string }): Promise<void> => {
            const result = await run((what) => {
                task.output = what;
            });
            task.title = result === undefined ? title : `${title}: ${result}`;
        },
    }));
    await new Listr(tasks, { rendererOptions: { showErrorMessage: false } }).run();
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
