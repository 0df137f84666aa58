import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../data/input-error';
import { untilTold } from '../until-told';

const CLEAR = '\u001b[H\u001b[2J';
/** A day's blocks may come by the dozen each second: more than an eye takes in. */
const PAUSE_MS = 500;
/** What changes without a block: the agent's own words, the clock. */
const REDRAW_MS = 5_000;

/** Draws again on every change until Ctrl-C. @throws InputError where the output is no terminal: who reads it there would get the same again and again */
export async function watch(
    draw: () => Promise<string>,
    onChange: (listener: () => void) => () => void,
): Promise<void> {
    if (!process.stdout.isTTY) {
        throw new InputError(
            { file: '--watch' },
            'draws on a terminal; into a pipe or a file goes one look, or --json',
        );
    }
    const stopping = new AbortController();
    const told = untilTold().then(() => {
        stopping.abort();
    });
    let hasChanged = new AbortController();
    const end = onChange(() => {
        hasChanged.abort();
    });
    const pause = (ms: number, signal: AbortSignal): Promise<void> =>
        sleep(ms, undefined, { signal }).catch(() => undefined);
    try {
        while (!stopping.signal.aborted) {
            hasChanged = new AbortController();
            process.stdout.write(`${CLEAR}${await draw()}\n`);
            await pause(PAUSE_MS, stopping.signal);
            await pause(REDRAW_MS, AbortSignal.any([stopping.signal, hasChanged.signal]));
        }
    } finally {
        end();
    }
    await told;
}
