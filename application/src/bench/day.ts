import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout as layoutOf, type Layout } from '@commonwatt/network/topology/layout';
import { withNetwork, type NetworkWish } from '@commonwatt/network/topology/network-kind';
import { stopNetwork } from '@commonwatt/network/topology/processes/network';
import { recordedProcesses } from '@commonwatt/network/topology/processes/supervisor';
import { smallCommunity } from '@commonwatt/network/topology/small-community';
import { chosenDay, meterData } from '../commands/day-choice';
import { daySteps, isSound, type Traded } from '../commands/steps/day-steps';
import { runSteps } from '../commands/steps/run-steps';
import { upSteps, type Started } from '../commands/steps/up-steps';
import { CommunityMembers } from '../community/members';
import type { Outcome } from '../gateway/transaction-log';
import { percentiles, type Percentiles } from './load';
import { processUsage } from './process-usage';
import { tenths } from './statistics';
import { timed } from './timed-steps';

/** A trading day of one community, measured. Times in seconds, latencies in milliseconds as the client sees them. */
export interface DayFigures {
    readonly organisations: number;
    readonly transactions: number;
    readonly invalid: Readonly<Record<string, number>>;
    readonly isSound: boolean;
    readonly seconds: Readonly<Record<string, number>>;
    /** During trading and settlement. */
    readonly transactionsPerSecond: number;
    readonly endorseMs: Percentiles;
    readonly commitMs: Percentiles;
    readonly slowest: readonly TransactionFigures[];
    readonly processes: Readonly<Record<string, ProcessFigures>>;
    readonly peakMegabytes: number;
    /** All processes but the client's, shared out. */
    readonly megabytesPerOrganisation: number;
}
interface TransactionFigures {
    readonly transaction: string;
    readonly count: number;
    readonly endorseMs: Percentiles;
    readonly commitMs: Percentiles;
}
interface ProcessFigures {
    readonly cpuSeconds: number;
    readonly peakMegabytes: number;
}

const PORT_BASE = 28_000;

/** Starts a community of `organisations` (the grid operator is one of them), trades the generated sample day, stops it. */
export async function measureDay(organisations: number, network: NetworkWish = {}): Promise<DayFigures> {
    const home = mkdtempSync(join(tmpdir(), 'commonwatt-bench-'));
    const topology = withNetwork(smallCommunity(organisations - 1, { portBase: PORT_BASE }), network);
    const layout = layoutOf(home);
    const members = new CommunityMembers(topology, layout);
    const started: Started = { wasUp: false, homes: 0 };
    const traded: Traded = {};
    const seconds: Record<string, number> = {};
    try {
        const choice = chosenDay({});
        const { clock } = meterData(topology, choice).metered;
        await runSteps(timed(upSteps({ topology, layout }, members, clock, started), seconds), false);
        const before = members.log.outcomes.length;
        const dayOptions = { mayResume: false, elects: false, startSeconds: () => 0 };
        await runSteps(timed(daySteps(members, choice, dayOptions, traded), seconds), false);
        const day = members.log.outcomes.slice(before);
        return figures({ organisations, day, traded, seconds, layout });
    } finally {
        members.close();
        await stopNetwork(layout);
        rmSync(home, { recursive: true, force: true });
    }
}

interface Measured {
    readonly organisations: number;
    readonly day: readonly Outcome[];
    readonly traded: Traded;
    readonly seconds: Record<string, number>;
    readonly layout: Layout;
}

function figures({ organisations, day, traded, seconds, layout }: Measured): DayFigures {
    const { summary } = traded;
    const trading = summary?.seconds.trading ?? 0;
    const settlement = summary?.seconds.settlement ?? 0;
    const transactionsPerSecond = day.length / (trading + settlement);
    const client = usage('self');
    const processes = Object.fromEntries([
        ...recordedProcesses(layout).map(({ name, pid }) => [name, usage(pid)] as const),
        ['application', client] as const,
    ]);
    return {
        organisations,
        transactions: day.length,
        invalid: summary?.invalid ?? {},
        isSound: isSound(traded),
        seconds: { ...seconds, trading, settlement },
        transactionsPerSecond: tenths(transactionsPerSecond),
        endorseMs: percentiles(day.map(({ endorseMs }) => endorseMs)),
        commitMs: percentiles(day.map(({ commitMs }) => commitMs)),
        slowest: byTransaction(day),
        processes,
        peakMegabytes: megabytes(processes),
        megabytesPerOrganisation: Math.round((megabytes(processes) - client.peakMegabytes) / organisations),
    };
}

function usage(pid: number | 'self'): ProcessFigures {
    const { cpuSeconds = 0, peakMegabytes = 0 } = processUsage(pid) ?? {};
    return { cpuSeconds: tenths(cpuSeconds), peakMegabytes: Math.round(peakMegabytes) };
}

function megabytes(processes: Readonly<Record<string, ProcessFigures>>): number {
    return Math.round(Object.values(processes).reduce((sum, each) => sum + each.peakMegabytes, 0));
}

/** Where clients waited longest in all, first. */
function byTransaction(day: readonly Outcome[]): TransactionFigures[] {
    const names = [...new Set(day.map(({ transaction }) => transaction))];
    const waited = (of: readonly Outcome[]): number =>
        of.reduce((sum, each) => sum + each.endorseMs + each.commitMs, 0);
    return names
        .map((transaction) => ({ transaction, of: day.filter((each) => each.transaction === transaction) }))
        .sort((a, b) => waited(b.of) - waited(a.of))
        .map(({ transaction, of }) => ({
            transaction,
            count: of.length,
            endorseMs: percentiles(of.map(({ endorseMs }) => endorseMs)),
            commitMs: percentiles(of.map(({ commitMs }) => commitMs)),
        }));
}
