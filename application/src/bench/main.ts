import { cpus, totalmem } from 'node:os';
import { Command } from 'commander';
import { measureDay, type DayFigures } from './day';

const GIGABYTE = 1024 ** 3;

/** The machine the figures come from: without it they mean nothing. */
function machine(): string {
    const [cpu] = cpus();
    return `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${Math.round(totalmem() / GIGABYTE)} GB, Node ${process.versions.node}`;
}

function asTable(days: readonly DayFigures[]): string {
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

async function day({ organisations, json }: { organisations: string; json?: boolean }): Promise<void> {
    const sizes = organisations.split(',').map(Number);
    const days: DayFigures[] = [];
    for (const size of sizes) {
        process.stderr.write(`A day of ${size} organisations\n`);
        days.push(await measureDay(size, days[0]));
    }
    process.stdout.write(`${json === true ? JSON.stringify({ machine: machine(), days }, null, 4) : asTable(days)}\n`);
    process.exitCode = days.every(({ isSound }) => isSound) ? 0 : 1;
}

const program = new Command('bench').description('Measures; prints figures with the machine they come from');
program
    .command('day')
    .description('a whole trading day of the generated sample, for communities of several sizes')
    .option('--organisations <list>', 'sizes, the grid operator included', '4,21,50')
    .option('--json', 'print one JSON object')
    .action(day);
program.parseAsync().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
});
