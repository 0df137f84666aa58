import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from '../layout';
import { identityOf, isRunning, type ProcessIdentity } from '../processes/process-identity';

/**
 * Does the work while nobody else changes the membership in this home: two at once would give two newcomers the same port, and one of
 * them would be forgotten. Throws Error naming the process that is at it.
 */
export async function alone<T>(layout: Layout, work: () => Promise<T>): Promise<T> {
    const file = join(layout.run, 'membership.json');
    mkdirSync(layout.run, { recursive: true });
    const other = holder(file);
    if (other !== undefined && isRunning(other)) {
        throw new Error(`process ${other.pid} is changing the membership: try again when it is done`);
    }
    rmSync(file, { force: true });
    // Linked into place whole, and only if nobody else was faster.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(identityOf(process.pid)));
    try {
        linkSync(draft, file);
    } catch {
        throw new Error('another process is changing the membership: try again when it is done');
    } finally {
        rmSync(draft);
    }
    try {
        return await work();
    } finally {
        rmSync(file, { force: true });
    }
}

/** What an interrupted process left names one that runs no more. */
function holder(file: string): ProcessIdentity | undefined {
    try {
        return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
    } catch {
        return undefined;
    }
}
