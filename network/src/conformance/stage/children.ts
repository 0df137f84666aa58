import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';

const LIMIT_MS = 10_000;
const running = new Set<ChildProcess>();

/** However this process ends, its children do not stay behind. */
process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL');
});

export function own<T extends ChildProcess>(child: T): T {
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
}

/** Asks it to end, and makes it end when it has not within the limit. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    await ended;
    clearTimeout(timer);
}
