import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TAIL_BYTES = 256 * 1024;
const POLL_MS = 200;

/** The last lines of a file of any size; none when there is no such file. */
export function lastLines(file: string, count: number): readonly string[] {
    if (!existsSync(file)) {
        return [];
    }
    const { text } = readFrom(file, -TAIL_BYTES);
    return text.replace(/\n$/, '').split('\n').slice(-count).filter(Boolean);
}

/** Calls back with what is appended to a file, until it is told to stop. */
export async function followLog(file: string, onText: (text: string) => void, stop: AbortSignal): Promise<void> {
    let position = existsSync(file) ? readFrom(file, Infinity).end : 0;
    while (!stop.aborted) {
        if (existsSync(file)) {
            const { text, end } = readFrom(file, position);
            position = end;
            if (text !== '') {
                onText(text);
            }
        }
        await sleep(POLL_MS, undefined, { signal: stop }).catch(() => undefined);
    }
}

/** @param position from the start, or from the end if negative; behind the end nothing is read. */
function readFrom(file: string, position: number): { text: string; end: number } {
    const descriptor = openSync(file, 'r');
    try {
        const { size } = fstatSync(descriptor);
        const start = Math.min(size, position < 0 ? Math.max(0, size + position) : position);
        const bytes = Buffer.alloc(size - start);
        readSync(descriptor, bytes, 0, bytes.length, start);
        return { text: bytes.toString('utf8'), end: size };
    } finally {
        closeSync(descriptor);
    }
}
