import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deploy } from '@commonwatt/network/topology/deploy/deploy';
import { layout as layoutOf } from '@commonwatt/network/topology/layout';
import { startNetwork, stopNetwork, type NetworkStatus } from '@commonwatt/network/topology/processes/network';
import { smallCommunity } from '@commonwatt/network/topology/small-community';
import { households, type Topology } from '@commonwatt/network/topology/topology';
import { foundCommunity } from '../community/founding';
import { channelFacts } from '../community/inspection';
import { CommunityMembers } from '../community/members';
import { tradeDay } from '../community/trade';
import { sampleDay } from '../data/sample';
import { left, right, table } from '../report/table';
import { latencies, transactionTimes, type Latencies, type TransactionTimes } from './latencies';

const PORT_BASE = 27_200;
const BYTES_PER_MEGABYTE = 1024 * 1024;
const TICKS_PER_SECOND = 100; // Of /proc/PID/stat, on every Linux that Node runs on.

/** What one day cost with so many organisations. */
export interface DayMeasurement {
    readonly organisations: number;
    readonly transactions: number;
    readonly transactionsPerSecond: number;
    readonly commit: Latencies;
    readonly seconds: { readonly start: number; readonly trading: number; readonly settlement: number };
    /** CPU seconds and memory of each process of the network, and of the client. Linux only. */
    readonly processes: readonly ProcessCost[];
    readonly byTransaction: readonly TransactionTimes[];
    readonly peersAgree: boolean;
}

interface ProcessCost {
    readonly name: string;
    readonly cpuSeconds: number;
    readonly peakMegabytes: number;
}

/** Brings a community of `organisations` (households and the grid operator) up in a folder of its own, and trades the sample day. */
export async function measureDay(organisations: number): Promise<DayMeasurement> {
    const home = mkdtempSync(join(tmpdir(), 'commonwatt-bench-'));
    const layout = layoutOf(home);
    const topology = smallCommunity(organisations - 1, { portBase: PORT_BASE });
    const members = new CommunityMembers(topology, layout);
    try {
        const begin = performance.now();
        const network = await startNetwork(topology, layout);
        await deploy(topology, layout);
        const metered = sampleDay(sitesOf(topology));
        const charter = await foundCommunity(members, metered.clock);
        const started = performance.now();
        const { seconds } = await tradeDay(members, { charter, metered, progress: { report: () => undefined } });
        const ended = performance.now();
        const processes = costs(network);
        const facts = await channelFacts(members);
        const { outcomes } = members.log;
        return {
            organisations,
            transactions: outcomes.length,
            transactionsPerSecond: rounded((outcomes.length * 1000) / (ended - started)),
            commit: latencies(outcomes.map(({ commitMs }) => commitMs)),
            seconds: {
                start: rounded((started - begin) / 1000),
                trading: rounded(seconds.trading),
                settlement: rounded(seconds.settlement),
            },
            processes,
            byTransaction: transactionTimes(outcomes),
            peersAgree: facts.peersAgree,
        };
    } finally {
        members.close();
        await stopNetwork(layout);
        rmSync(home, { recursive: true, force: true });
    }
}

function sitesOf(topology: Topology): Parameters<typeof sampleDay>[0] {
    return households(topology).map(({ id, home }) => ({
        home: id,
        consumes: true,
        generates: Number(id.slice(1)) % 3 !== 0,
        peakW: (home?.generators ?? []).reduce((sum, { peakW }) => sum + peakW, 0),
    }));
}

function costs({ processes }: NetworkStatus): ProcessCost[] {
    const running = processes.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]));
    return [...running, { name: 'client', pid: process.pid }].flatMap(({ name, pid }) => {
        if (!readdirSync('/').includes('proc')) {
            return [];
        }
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
        const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
        const ticks = Number(stat[11]) + Number(stat[12]);
        return [
            {
                name,
                cpuSeconds: rounded(ticks / TICKS_PER_SECOND),
                peakMegabytes: Math.round((Number(peak) * 1024) / BYTES_PER_MEGABYTE),
            },
        ];
    });
}

function rounded(n: number): number {
    return Math.round(n * 10) / 10;
}

function reportOf(measured: DayMeasurement): string {
    const { organisations, transactions, transactionsPerSecond, commit, seconds, processes, byTransaction } = measured;
    const pair = ({ p50Ms, p95Ms }: Latencies): string => `${p50Ms} / ${p95Ms}`;
    return [
        `${organisations} organisations: ${transactions} transactions, ${transactionsPerSecond} per second; commit p50 / p95 ${pair(commit)} ms`,
        `seconds: ${seconds.start} to start, ${seconds.trading} to trade, ${seconds.settlement} to settle; peers agree: ${measured.peersAgree ? 'yes' : 'NO'}`,
        table(
            [left('transaction'), right('count'), right('endorse p50 / p95 ms'), right('commit p50 / p95 ms')],
            byTransaction.map((each) => [each.transaction, String(each.count), pair(each.endorse), pair(each.commit)]),
        ),
        table(
            [left('process'), right('CPU s'), right('peak MB')],
            processes.map((each) => [each.name, String(each.cpuSeconds), String(each.peakMegabytes)]),
        ),
        '',
    ].join('\n\n');
}

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: { organisations: { type: 'string', default: '4,21,50' }, json: { type: 'boolean', default: false } },
    });
    const measured: DayMeasurement[] = [];
    for (const organisations of values.organisations.split(',').map(Number)) {
        process.stderr.write(`measuring a day of ${organisations} organisations\n`);
        const each = await measureDay(organisations);
        measured.push(each);
        process.stdout.write(values.json ? '' : `${reportOf(each)}\n`);
    }
    process.stdout.write(values.json ? `${JSON.stringify(measured)}\n` : '');
}

if (require.main === module) {
    main().catch((error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 1;
    });
}
