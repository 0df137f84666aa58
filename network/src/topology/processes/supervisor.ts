import { spawn } from 'node:child_process';
import {
    closeSync,
    existsSync,
    mkdirSync,
    openSync,
    readFileSync,
    readdirSync,
    renameSync,
    rmSync,
    writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from '../layout';
import { lastLines } from './logs';
import { type ProcessIdentity, identityOf, isRunning } from './process-identity';

/** A process of the network: a script that Node runs, or a program of somebody else's. */
export interface ProcessPlan {
    readonly name: string;
    /** File of the program; Node if none is given. */
    readonly program?: string;
    /** For Node itself. */
    readonly nodeOptions?: readonly string[];
    /** Script and its arguments; of another program the arguments alone. */
    readonly command: readonly string[];
    readonly directory: string;
    /** Added to what a process inherits. */
    readonly environment?: Readonly<Record<string, string>>;
    /** What it inherits; this process' own environment if not given. */
    readonly inherited?: NodeJS.ProcessEnv;
    /** `host:port` of all it serves. */
    readonly endpoints: readonly string[];
    /** Left by an earlier process of that name; removed before a new one starts. */
    readonly staleFiles: readonly string[];
    isReady(pid: number): Promise<boolean>;
}

export interface ProcessRecord extends ProcessIdentity {
    readonly name: string;
    readonly startedAt: string;
}

/** glibc keeps freed memory in an arena per thread; with two arenas a node's messages do not hold on to several heaps. */
const FEW_ARENAS = { MALLOC_ARENA_MAX: '2' };
const POLL_MS = 25;
const END_LIMIT_MS = 8_000;
const KILL_LIMIT_MS = 2_000;
const LOG_LINES = 15;
const RECORD = '.pid.json';

/** Starts a process on its own, writes down which it is, and returns at once. */
export function startProcess(plan: ProcessPlan, layout: Layout): ProcessRecord {
    for (const file of plan.staleFiles) {
        rmSync(file, { force: true });
    }
    mkdirSync(layout.logs, { recursive: true });
    mkdirSync(layout.run, { recursive: true });
    const log = openSync(layout.logFile(plan.name), 'a');
    const child = spawn(plan.program ?? process.execPath, [...(plan.nodeOptions ?? []), ...plan.command], {
        cwd: plan.directory,
        env: { ...FEW_ARENAS, ...(plan.inherited ?? process.env), ...plan.environment },
        detached: true,
        stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.on('error', () => undefined); // The missing pid below tells.
    child.unref();
    const record = child.pid === undefined ? undefined : recordProcess(plan.name, child.pid, layout);
    if (record === undefined) {
        throw new Error(`${plan.name} did not start: ${endOfLog(plan.name, layout)}`);
    }
    return record;
}

/** Writes down which process that is, so that whoever ends the network can end it. @returns undefined where it has ended already. */
export function recordProcess(name: string, pid: number, layout: Layout): ProcessRecord | undefined {
    const identity = identityOf(pid);
    if (identity === undefined) {
        return undefined;
    }
    const record = { name, ...identity, startedAt: new Date().toISOString() };
    const file = recordFile(name, layout);
    writeFileSync(`${file}.new`, `${JSON.stringify(record)}\n`);
    renameSync(`${file}.new`, file);
    return record;
}

/** Of a process that has ended. */
export function forgetProcess(name: string, layout: Layout): void {
    rmSync(recordFile(name, layout), { force: true });
}

/** @throws Error with the end of its log when the process ends or the deadline passes before it is ready. */
export async function untilReady(
    plan: ProcessPlan,
    record: ProcessRecord,
    layout: Layout,
    deadline: AbortSignal,
): Promise<void> {
    while (!(await plan.isReady(record.pid))) {
        if (!isRunning(record)) {
            throw new Error(`${plan.name} ended while starting: ${endOfLog(plan.name, layout)}`);
        }
        if (deadline.aborted) {
            throw new Error(`${plan.name} is not ready: ${reasonOf(deadline)}; ${endOfLog(plan.name, layout)}`);
        }
        await sleep(POLL_MS);
    }
}

/** Every process that a start wrote down here, whether it still runs or not. */
export function recordedProcesses(layout: Layout): readonly ProcessRecord[] {
    if (!existsSync(layout.run)) {
        return [];
    }
    return readdirSync(layout.run)
        .filter((name) => name.endsWith(RECORD))
        .toSorted()
        .map((name) => JSON.parse(readFileSync(join(layout.run, name), 'utf8')) as ProcessRecord);
}

/** Ends exactly these processes, first politely, and forgets them. */
export async function endProcesses(records: readonly ProcessRecord[], layout: Layout): Promise<void> {
    await Promise.all(
        records.map(async (record) => {
            if (!(await ended(record, 'SIGTERM', END_LIMIT_MS)) && !(await ended(record, 'SIGKILL', KILL_LIMIT_MS))) {
                throw new Error(`${record.name}, process ${record.pid}, does not end`);
            }
            rmSync(recordFile(record.name, layout), { force: true });
        }),
    );
}

/** Ends these processes at once, where nothing of theirs is to be waited for, and forgets them. */
export async function killProcesses(records: readonly ProcessRecord[], layout: Layout): Promise<void> {
    for (const record of records) {
        if (!(await ended(record, 'SIGKILL', KILL_LIMIT_MS))) {
            throw new Error(`${record.name}, process ${record.pid}, does not end`);
        }
        rmSync(recordFile(record.name, layout), { force: true });
    }
}

async function ended(record: ProcessRecord, signal: NodeJS.Signals, limitMs: number): Promise<boolean> {
    const limit = performance.now() + limitMs;
    if (isRunning(record)) {
        process.kill(record.pid, signal);
    }
    while (isRunning(record)) {
        if (performance.now() > limit) {
            return false;
        }
        await sleep(POLL_MS);
    }
    return true;
}

function recordFile(name: string, layout: Layout): string {
    return join(layout.run, `${name}${RECORD}`);
}

function endOfLog(name: string, layout: Layout): string {
    const file = layout.logFile(name);
    const lines = lastLines(file, LOG_LINES);
    return lines.length === 0 ? `nothing in ${file}` : `the end of ${file}:\n${lines.join('\n')}`;
}

function reasonOf(signal: AbortSignal): string {
    return signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
}
