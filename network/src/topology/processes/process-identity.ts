import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Which process a number meant when it was written down: numbers are given again, births are not. */
export interface ProcessIdentity {
    readonly pid: number;
    readonly birth: string;
}

const STATE = 0;
const THREADS = 17;
const START_TIME = 19;

/** @returns undefined when no process of that number runs. */
export function identityOf(pid: number): ProcessIdentity | undefined {
    const birth = existsSync('/proc/self/stat') ? birthFromProc(pid) : birthFromPs(pid);
    return birth === undefined ? undefined : { pid, birth };
}

/** Whether exactly that process, and not a later one of the same number, still runs. */
export function isRunning({ pid, birth }: ProcessIdentity): boolean {
    return identityOf(pid)?.birth === birth;
}

/** Boot and clock ticks since. A zombie has ended, once its last thread has: until then its ports and files are taken. */
function birthFromProc(pid: number): string | undefined {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        // The command's name stands in parentheses and may contain anything.
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
        const dead = /[ZX]/.test(fields[STATE] ?? '') && Number(fields[THREADS]) <= 1;
        return dead ? undefined : `${boot} ${fields[START_TIME] ?? ''}`;
    } catch {
        return undefined;
    }
}

function birthFromPs(pid: number): string | undefined {
    try {
        const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
        return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
    } catch {
        return undefined;
    }
}
