import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { layout as layoutOf } from '@commonwatt/network/topology/layout';
import { networkStatus, stopNetwork } from '@commonwatt/network/topology/processes/network';
import type { Topology } from '@commonwatt/network/topology/topology';
import { channelFacts } from '../../../community/inspection';
import type { MemberGateway } from '../../../gateway/member-gateway';
import { decodeBlock } from '../../../read-model/blocks/block';
import type { DaySummary } from '../../../report/day-summary';
import { tenths } from '../../statistics';
import { benchTopology, founded, onFoundedNetwork } from './bench-network';

/** A day in the middle of which all processes were killed at once (SIGKILL), nodes and agents, and which went on afterwards. */
export interface FailureFigures {
    readonly by: 'auction' | 'schedule';
    readonly homes: number;
    /** What the agents had said last. */
    readonly killedAfter: string;
    readonly killedProcesses: number;
    /** On the channel before, as somebody saw it who followed a peer; and what of it is not there any more. */
    readonly transactionsBefore: number;
    readonly lostTransactions: number;
    /** Until the network was up again, and from then until the day was billed. */
    readonly secondsToRestart: number;
    readonly secondsToEnd: number;
    /** Valid transactions more or less than on the same day without a failure, with the same keys. */
    readonly validTransactionsMore: number;
    readonly sameBills: boolean;
    readonly peersAgree: boolean;
}

const MAIN = join(__dirname, '../../../commands/main.js');
const WHERE = { auction: '27 of 96 rounds cleared', schedule: 'iteration 6 closed' } as const;
/** Into the next round, or the next iteration. */
const INTO_IT_MS = 120;

export async function powerFailure(
    demonstration: Topology,
    by: FailureFigures['by'],
    homes: number,
): Promise<FailureFigures> {
    const topology = benchTopology(demonstration, homes);
    const spared = mkdtempSync(join(tmpdir(), 'commonwatt-bench-'));
    try {
        const failed = await failing(topology, by, spared);
        const undisturbed = await spare(topology, by, spared);
        const { resumed, ...figures } = failed;
        return {
            by,
            homes,
            ...figures,
            validTransactionsMore: valid(resumed) - valid(undisturbed),
            sameBills: JSON.stringify(resumed.bills) === JSON.stringify(undisturbed.bills),
        };
    } finally {
        rmSync(spared, { recursive: true, force: true });
    }
}

type Failed = Omit<FailureFigures, 'by' | 'homes' | 'validTransactionsMore' | 'sameBills'> & {
    readonly resumed: DaySummary;
};

/** @param keys where the members' keys are left for the day that nothing happens to. */
function failing(topology: Topology, by: FailureFigures['by'], keys: string): Promise<Failed> {
    return onFoundedNetwork(topology, async ({ members, layout }) => {
        cpSync(join(layout.home, 'organizations'), join(keys, 'organizations'), { recursive: true });
        const blocks = new Map<number, SeenBlock>();
        const following = follow(members.operator.calls.gateway, blocks);
        const day = new DayCommand(layout.home, `--${by}`);
        await day.said(WHERE[by]);
        await pause(INTO_IT_MS);
        const { processes } = await networkStatus(topology, layout);
        const pids = processes.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
        pids.forEach((pid) => process.kill(pid, 'SIGKILL'));
        await day.kill();
        await following;
        members.close();
        const killed = performance.now();
        const again = await founded(topology, layout);
        try {
            const secondsToRestart = since(killed);
            const begin = performance.now();
            const resumed = await new DayCommand(layout.home, '--resume').summary();
            return {
                killedAfter: WHERE[by],
                killedProcesses: pids.length + 1,
                transactionsBefore: sum([...blocks.values()].map(({ transactions }) => transactions)),
                lostTransactions: await lost(again.operator.calls.gateway, blocks),
                secondsToRestart,
                secondsToEnd: since(begin),
                peersAgree: (await channelFacts(again)).peersAgree,
                resumed,
            };
        } finally {
            again.close();
        }
    });
}

/** The same day of the same members, with nothing happening to it. */
async function spare(topology: Topology, by: FailureFigures['by'], home: string): Promise<DaySummary> {
    const layout = layoutOf(home);
    try {
        (await founded(topology, layout)).close();
        return await new DayCommand(home, `--${by}`).summary();
    } finally {
        await stopNetwork(layout);
    }
}

interface SeenBlock {
    readonly hash: string;
    readonly transactions: number;
}

/** Notes every block as the peer commits it, until the peer is gone. */
async function follow(gateway: MemberGateway, seen: Map<number, SeenBlock>): Promise<void> {
    try {
        for await (const block of await gateway.blocks(0)) {
            const { number, hash, transactions } = decodeBlock(block);
            seen.set(number, { hash, transactions: transactions.length });
        }
    } catch {
        return; // It was killed.
    }
}

/** Transactions of blocks that were seen and are not there any more, or are others. */
async function lost(gateway: MemberGateway, seen: ReadonlyMap<number, SeenBlock>): Promise<number> {
    const missing = new Map(seen);
    const last = Math.max(...seen.keys());
    const blocks = await gateway.blocks(0);
    try {
        if ((await gateway.height()) > last) {
            for await (const block of blocks) {
                const { number, hash } = decodeBlock(block);
                if (missing.get(number)?.hash === hash) {
                    missing.delete(number);
                }
                if (number >= last) {
                    break;
                }
            }
        }
    } finally {
        blocks.close();
    }
    return sum([...missing.values()].map(({ transactions }) => transactions));
}

/** `commonwatt day` in a process of its own, so that it can be killed. */
class DayCommand {
    readonly #child: ChildProcess;
    #stdout = '';
    #stderr = '';

    constructor(home: string, ...args: readonly string[]) {
        this.#child = spawn(process.execPath, [MAIN, 'day', ...args, '--no-election', '--json', '--home', home], {
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        this.#child.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
        this.#child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    }

    async said(text: string): Promise<void> {
        const ended = once(this.#child, 'close').then(() => true);
        while (!this.#stderr.includes(text)) {
            if (await Promise.race([ended, pause(20, false)])) {
                throw new Error(`the day ended without '${text}': ${this.#stderr}`);
            }
        }
    }

    async kill(): Promise<void> {
        const ended = once(this.#child, 'close');
        this.#child.kill('SIGKILL');
        await ended;
    }

    async summary(): Promise<DaySummary> {
        const [exitCode] = (await once(this.#child, 'close')) as [number | null];
        if (exitCode !== 0) {
            throw new Error(`the day ended with ${String(exitCode)}: ${this.#stderr}`);
        }
        return JSON.parse(this.#stdout) as DaySummary;
    }
}

const valid = ({ transactions, invalid }: DaySummary): number => transactions - sum(Object.values(invalid));
const since = (begin: number): number => tenths((performance.now() - begin) / 1000);
const sum = (values: readonly number[]): number => values.reduce((so, value) => so + value, 0);
