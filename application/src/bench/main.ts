import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { Command } from 'commander';
import { measureDay, type DayFigures } from './day';
import { tenths } from './statistics';

const GIGABYTE = 1024 ** 3;

/** The machine the figures come from: without it they mean nothing. */
function machine(): string {
    const [cpu] = cpus();
    return `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${Math.round(totalmem() / GIGABYTE)} GB, Node ${process.versions.node}`;
}

interface Compared extends DayFigures {
    /** Transactions per second against the first size of the same run. */
    readonly perSecondRatio: number;
}

function asTable(days: readonly Compared[]): string {
    const lines = days.map((day) =>
        [
            `${day.organisations} organisations: ${day.transactions} transactions, ${day.transactionsPerSecond}/s (× ${day.perSecondRatio}), ${day.peakMegabytes} MB in all`,
            `  seconds      ${entries(day.seconds)}`,
            `  endorse ms   p50 ${day.endorseMs.p50}, p95 ${day.endorseMs.p95}`,
            `  commit ms    p50 ${day.commitMs.p50}, p95 ${day.commitMs.p95}`,
            `  cpu seconds  ${entries(Object.fromEntries(Object.entries(day.processes).map(([name, { cpuSeconds }]) => [name, cpuSeconds])))}`,
            ...day.slowest.map(
                (each) =>
                    `  ${each.transaction.padEnd(24)} ${String(each.count).padStart(5)} ×  endorse p50 ${each.endorseMs.p50} p95 ${each.endorseMs.p95}  commit p50 ${each.commitMs.p50} p95 ${each.commitMs.p95}`,
            ),
        ].join('\n'),
    );
    return [machine(), ...lines].join('\n\n');
}

const entries = (values: Readonly<Record<string, number>>): string =>
    Object.entries(values)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ');

/** Each size in a process of its own, so that the client's memory and processor time are of that size alone. */
function dayApart(organisations: number): DayFigures {
    const output = execFileSync(process.execPath, [__filename, 'one-day', String(organisations)], {
        stdio: ['ignore', 'pipe', 'inherit'],
        encoding: 'utf8',
    });
    return JSON.parse(output) as DayFigures;
}

function days({ organisations, json }: { organisations: string; json?: boolean }): void {
    const measured: Compared[] = [];
    for (const size of organisations.split(',').map(Number)) {
        process.stderr.write(`A day of ${size} organisations\n`);
        const figures = dayApart(size);
        const [smallest = figures] = measured;
        const ratio = tenths(figures.transactionsPerSecond / smallest.transactionsPerSecond);
        measured.push({ ...figures, perSecondRatio: ratio });
    }
    const result = json === true ? JSON.stringify({ machine: machine(), days: measured }, null, 4) : asTable(measured);
    process.stdout.write(`${result}\n`);
    process.exitCode = measured.every(({ isSound }) => isSound) ? 0 : 1;
}

const program = new Command('bench').description('Measures; prints figures with the machine they come from');
program
    .command('day')
    .description('a whole trading day of the generated sample, for communities of several sizes')
    .option('--organisations <list>', 'sizes, the grid operator included', '4,21,50')
    .option('--json', 'print one JSON object')
    .action(days);
program.command('one-day <organisations>', { hidden: true }).action(async (organisations: string) => {
    process.stdout.write(JSON.stringify(await measureDay(Number(organisations))));
});
program.parseAsync().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
});
