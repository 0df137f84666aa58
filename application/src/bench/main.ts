import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { hasFabric } from '@commonwatt/network/topology/native/binaries';
import type { NetworkWish } from '@commonwatt/network/topology/network-kind';
import { Command } from 'commander';
import { measureDay, type DayFigures } from './day';
import { tenths } from './statistics';

const GIGABYTE = 1024 ** 3;

/** A network that is measured. */
interface Subject {
    readonly name: string;
    readonly organisations: number;
    readonly network: NetworkWish;
}

interface Compared extends DayFigures {
    readonly name: string;
    /** Transactions per second against the first network of the same run. */
    readonly perSecondRatio: number;
}

/** The machine the figures come from: without it they mean nothing. */
function machine(): string {
    const [cpu] = cpus();
    const memory = Math.round(totalmem() / GIGABYTE);
    return `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${memory} GB, Node ${process.versions.node}`;
}

function asText(day: Compared): string {
    const { name, transactions, transactionsPerSecond, perSecondRatio, peakMegabytes } = day;
    const cpu = Object.entries(day.processes).map(([process, { cpuSeconds }]) => [process, cpuSeconds] as const);
    return [
        `${name}: ${transactions} transactions, ${transactionsPerSecond}/s (× ${perSecondRatio})`,
        `  memory       ${peakMegabytes} MB in all, ${day.megabytesPerOrganisation} MB per organisation without the client`,
        `  seconds      ${entries(Object.entries(day.seconds))}`,
        `  endorse ms   p50 ${day.endorseMs.p50}, p95 ${day.endorseMs.p95}`,
        `  commit ms    p50 ${day.commitMs.p50}, p95 ${day.commitMs.p95}`,
        `  cpu seconds  ${entries(cpu)}`,
        ...day.slowest.map(
            ({ transaction, count, endorseMs, commitMs }) =>
                `  ${transaction.padEnd(24)} ${String(count).padStart(5)} ×  endorse p50 ${endorseMs.p50} p95 ${endorseMs.p95}  commit p50 ${commitMs.p50} p95 ${commitMs.p95}`,
        ),
    ].join('\n');
}

const entries = (values: readonly (readonly [string, number])[]): string =>
    values.map(([name, value]) => `${name} ${value}`).join(', ');

/** Each in a process of its own, so that the client's memory and processor time are of that network alone. */
function dayApart({ organisations, network }: Subject): DayFigures {
    const words = ['one-day', String(organisations), JSON.stringify(network)];
    const output = execFileSync(process.execPath, [__filename, ...words], {
        stdio: ['ignore', 'pipe', 'inherit'],
        encoding: 'utf8',
    });
    return JSON.parse(output) as DayFigures;
}

function compare(subjects: readonly Subject[], skipped: readonly string[], json: boolean): void {
    const days: Compared[] = [];
    for (const subject of subjects) {
        process.stderr.write(`A day of ${subject.name}\n`);
        const figures = dayApart(subject);
        const [first = figures] = days;
        const perSecondRatio = tenths(figures.transactionsPerSecond / first.transactionsPerSecond);
        days.push({ name: subject.name, ...figures, perSecondRatio });
    }
    const text = [machine(), ...days.map(asText), ...skipped.map((what) => `skipped: ${what}`)].join('\n\n');
    process.stdout.write(`${json ? JSON.stringify({ machine: machine(), days, skipped }, null, 4) : text}\n`);
    process.exitCode = days.every(({ isSound }) => isSound) ? 0 : 1;
}

const embedded = (organisations: number): Subject => ({
    name: `${organisations} organisations, embedded`,
    organisations,
    network: {},
});

const NATIVE: readonly Subject[] = [
    { name: "4 organisations, Fabric's peers, our ordering", organisations: 4, network: { kind: 'native' } },
    {
        name: "4 organisations, Fabric's peers, Fabric's ordering (Raft)",
        organisations: 4,
        network: { kind: 'native', ordering: 'raft' },
    },
];

/** One network after the other; Fabric's where its programs are found. */
function networks(json: boolean): void {
    const isThere = hasFabric(process.env, { orderer: true });
    compare(
        [embedded(4), ...(isThere ? NATIVE : []), embedded(21), embedded(50)],
        isThere ? [] : NATIVE.map(({ name }) => `${name}: Fabric's peer and orderer are not in FABRIC_BIN or PATH`),
        json,
    );
}

const program = new Command('bench').description('Measures; prints figures with the machine they come from');
program
    .command('day')
    .description('a whole trading day of the generated sample, for communities of several sizes')
    .option('--organisations <list>', 'sizes, the grid operator included', '4,21,50')
    .option('--json', 'print one JSON object')
    .action(({ organisations, json = false }: { organisations: string; json?: boolean }) => {
        compare(organisations.split(',').map(Number).map(embedded), [], json);
    });
program
    .command('network')
    .description("the same day on embedded networks and, where Fabric is installed, on Fabric's peers and orderers")
    .option('--json', 'print one JSON object')
    .action(({ json = false }: { json?: boolean }) => {
        networks(json);
    });
program
    .command('one-day <organisations> <network>', { hidden: true })
    .action(async (organisations: string, network: string) => {
        const wish = JSON.parse(network) as NetworkWish;
        process.stdout.write(JSON.stringify(await measureDay(Number(organisations), wish)));
    });
program.parseAsync().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
});
