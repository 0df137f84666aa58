import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 120_000;
const POLL_MS = 10;

/** Throws Error with what was waited for when it has not come in half a minute. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const limit = performance.now() + LIMIT_MS;
    while (!(await isSo())) {
        if (performance.now() > limit) {
            throw new Error(`not within ${LIMIT_MS} ms: ${what}`);
        }
        await sleep(POLL_MS);
    }
}
