import { readFileSync } from 'node:fs';

/** What a process has used so far, as the kernel counts it. */
export interface ProcessUsage {
    readonly cpuSeconds: number;
    readonly peakMegabytes: number;
}

/** Linux counts processor time in ticks of 1/100 s (`getconf CLK_TCK`), whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;

/** Undefined where the process is gone, or the system has no /proc. */
export function processUsage(pid: number | 'self'): ProcessUsage | undefined {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        // The second field is the command in parentheses and may hold spaces; user and system time are fields 14 and 15.
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const ticks = Number(fields[11]) + Number(fields[12]);
        const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return { cpuSeconds: ticks / TICKS_PER_SECOND, peakMegabytes: Number(peak ?? 0) / 1024 };
    } catch {
        return undefined;
    }
}
