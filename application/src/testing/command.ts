import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '@commonwatt/network/topology/layout';
import { parse, stringify } from 'yaml';

const MAIN = join(repositoryRoot, 'application', 'dist', 'commands', 'main.js');

export interface Ended {
    readonly exitCode: number | null;
    readonly stdout: string;
    readonly stderr: string;
}

/** A command of the built command line as a process of its own. */
export interface Running {
    readonly process: ChildProcess;
    readonly ended: Promise<Ended>;
    /** Waits for text on standard error. */
    said(text: string): Promise<void>;
}

export function startCommand(...args: readonly string[]): Running {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const heard = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (heard.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (heard.stderr += chunk.toString()));
    const ended = once(child, 'close').then(([exitCode]): Ended => ({ exitCode: exitCode as number | null, ...heard }));
    const said = async (text: string): Promise<void> => {
        while (!heard.stderr.includes(text)) {
            const over = await Promise.race([ended, once(child.stderr, 'data').then(() => undefined)]);
            if (over !== undefined && !heard.stderr.includes(text)) {
                throw new Error(`the command ended without saying '${text}': ${over.stderr}${over.stdout}`);
            }
        }
    };
    return { process: child, ended, said };
}

export function command(...args: readonly string[]): Promise<Ended> {
    return startCommand(...args).ended;
}

/** Runs a command that must succeed, and returns what it printed. */
export async function output(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await command(...args);
    if (exitCode !== 0) {
        throw new Error(`commonwatt ${args.join(' ')} ended with ${String(exitCode)}: ${stderr}`);
    }
    return stdout;
}

/** A folder for one test's network, and the file of a community in it. */
export interface TestHome {
    readonly directory: string;
    readonly community: string;
    remove(): void;
}

/** The first `homes` of a community, the demonstration's where no other is named, listening from `firstPort` on. */
export function testHome(homes: number, firstPort: number, file = 'community.yaml'): TestHome {
    const directory = mkdtempSync(join(tmpdir(), 'commonwatt-e2e-'));
    const community = join(directory, 'community.yaml');
    writeFileSync(community, communityFile(homes, firstPort, file));
    return {
        directory,
        community,
        remove: () => {
            rmSync(directory, { recursive: true, force: true });
        },
    };
}

function communityFile(homes: number, firstPort: number, file: string): string {
    const whole = parse(readFileSync(join(repositoryRoot, 'organizations', file), 'utf8')) as {
        homes: Record<string, unknown>;
        storage?: { home: string };
        network: { firstPort: number; orderingSeats: Record<string, number> };
    };
    const kept = Object.entries(whole.homes).slice(0, homes);
    const { storage, ...others } = whole;
    const isStorageKept = kept.some(([id]) => id === storage?.home);
    const seats = Object.fromEntries(kept.slice(0, 4).map(([id]) => [id, 1]));
    return stringify({
        ...others,
        ...(isStorageKept && { storage }),
        homes: Object.fromEntries(kept),
        network: { ...whole.network, firstPort, orderingSeats: homes < 20 ? seats : whole.network.orderingSeats },
    });
}
