import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { hasComet } from '@commonwatt/network/topology/comet/plans';
import { hasFabric } from '@commonwatt/network/topology/native/binaries';
import type { NetworkWish } from '@commonwatt/network/topology/network-kind';
import { Command } from 'commander';
import { agentsText, measureAgents, type AgentsFigures, type AgentsWish } from './agents/measure';
import { measureDay, type DayFigures } from './day';
import { marketText, measurePart, PARTS, type MarketFigures, type MarketPart, type MarketWish } from './market/measure';
import { comparison, networkText, type Subject } from './network-comparison';
import { measureNetwork, type LoadWish, type NetworkLoad } from './network-load';
import {
    comparedOrdering,
    measureOrdering,
    ORDERING_NAMES,
    orderingText,
    type OrderingFigures,
    type OrderingWish,
} from './ordering';
import { measurePages, pagesText } from './pages';
import { addScheduleCommand } from './schedule/command';
import { measureServer, serverText, type ServerFigures, type ServerWish } from './server/measure';
import { measureReadModel, readModelText, type ReadModelFigures, type ReadModelWish } from './read-model/measure';
import { tenths } from './statistics';

const GIGABYTE = 1024 ** 3;
const COMMUNITY = join(__dirname, '../../../organizations/community.yaml');

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
function apart(...words: readonly string[]): unknown {
    const output = execFileSync(process.execPath, [__filename, ...words], {
        stdio: ['ignore', 'pipe', 'inherit'],
        encoding: 'utf8',
    });
    return JSON.parse(output);
}

function print(figures: object, text: string, json = false): void {
    process.stdout.write(`${json ? JSON.stringify(figures, null, 4) : text}\n`);
}

/** Days of larger and larger communities. */
function days(subjects: readonly Subject[], json: boolean): void {
    const all: Compared[] = [];
    for (const subject of subjects) {
        process.stderr.write(`A day of ${subject.name}\n`);
        const { organisations, network } = subject;
        const figures = apart('one-day', String(organisations), JSON.stringify(network)) as DayFigures;
        const [first = figures] = all;
        const perSecondRatio = tenths(figures.transactionsPerSecond / first.transactionsPerSecond);
        all.push({ name: subject.name, ...figures, perSecondRatio });
    }
    print({ machine: machine(), days: all }, [machine(), ...all.map(asText)].join('\n\n'), json);
    process.exitCode = all.every(({ isSound }) => isSound) ? 0 : 1;
}

const embedded = (organisations: number): Subject => ({
    name: `${organisations} organisations, embedded`,
    organisations,
    network: {},
});

const OURS = "4 organisations, Fabric's peers, our ordering";
const RAFT = "4 organisations, Fabric's peers, Fabric's ordering (Raft)";
const NATIVE: readonly Subject[] = [
    { name: OURS, organisations: 4, network: { kind: 'native' }, against: RAFT },
    { name: RAFT, organisations: 4, network: { kind: 'native', ordering: 'raft' } },
];

interface NetworkOptions {
    readonly repetitions: string;
    readonly concurrency: string;
    readonly transactions: string;
    readonly larger: string;
    readonly json?: boolean;
}

/**
 * Small networks in turn, again and again, so that whatever else the machine does hits all of them alike; Fabric's where its
 * programs are found. Then larger embedded ones, once each.
 */
function networks(options: NetworkOptions): void {
    const isThere = hasFabric(process.env, { orderer: true });
    const skipped = isThere ? [] : NATIVE.map(({ name }) => `${name}: Fabric's programs are not in FABRIC_BIN or PATH`);
    const small = [{ ...embedded(4), against: OURS }, ...(isThere ? NATIVE : [])];
    const concurrency = numbers(options.concurrency);
    const measured = Number(options.transactions);
    const runs = new Map<Subject, NetworkLoad[]>();
    const measure = (subject: Subject, clients: readonly number[]): void => {
        const { name, organisations, network } = subject;
        process.stderr.write(`Load on ${name}\n`);
        const wish: LoadWish = { organisations, network, concurrency: clients, measured };
        runs.set(subject, [...(runs.get(subject) ?? []), apart('one-load', JSON.stringify(wish)) as NetworkLoad]);
    };
    for (let repetition = 0; repetition < Number(options.repetitions); repetition += 1) {
        small.forEach((subject) => {
            measure(subject, concurrency);
        });
    }
    for (const subject of numbers(options.larger).map(embedded)) {
        measure(subject, concurrency.slice(-1));
    }
    const compared = comparison(runs);
    const text = [machine(), ...compared.map(networkText), ...skipped.map((what) => `skipped: ${what}`)].join('\n\n');
    print({ machine: machine(), networks: compared, skipped }, text, options.json);
}

interface OrderingOptions {
    readonly seats: string;
    readonly concurrency: string;
    readonly transactions: string;
    readonly json?: boolean;
}

/** For each number of seats one service after the other, so that what is compared was measured close together. */
function orderings(options: OrderingOptions): void {
    const missing = new Map<OrderingWish['ordering'], string>();
    if (!hasComet(process.env))
        missing.set('comet', "CometBFT is not in COMETBFT_BIN, PATH or Go's folder for programs");
    if (!hasFabric(process.env, { orderer: true })) {
        missing.set('raft', "Fabric's programs are not in FABRIC_BIN or PATH");
    }
    const kinds = (['own', 'comet', 'raft'] as const).filter((kind) => !missing.has(kind));
    const all = numbers(options.seats).flatMap((seats) =>
        kinds.map((ordering) => {
            process.stderr.write(`${seats} × ${ORDERING_NAMES[ordering]}\n`);
            const concurrency = numbers(options.concurrency);
            const wish: OrderingWish = { ordering, seats, concurrency, measured: Number(options.transactions) };
            return apart('one-ordering', JSON.stringify(wish)) as OrderingFigures;
        }),
    );
    const compared = comparedOrdering(all);
    const skipped = [...missing].map(([kind, why]) => `${ORDERING_NAMES[kind]}: ${why}`);
    const text = [machine(), ...compared.map(orderingText), ...skipped.map((what) => `skipped: ${what}`)].join('\n\n');
    print({ machine: machine(), orderings: compared, skipped }, text, options.json);
}

interface MarketOptions {
    readonly orders: string;
    readonly records: string;
    readonly households: string;
    readonly sales: string;
    readonly parts: string;
    readonly json?: boolean;
}

/** What the market's rules cost, its longest transactions, and a slot of it. */
function market({ orders, records, households, sales, parts, json }: MarketOptions): void {
    const communities = { households: numbers(households), sales: Number(sales) };
    const sizes = { orders: numbers(orders), records: Number(records), ...communities };
    const wish: MarketWish = { ...sizes, network: {} };
    const figures = PARTS.filter((part) => parts === '' || parts.split(',').includes(part)).map((part) => {
        process.stderr.write(`Measuring ${part}\n`);
        return apart('one-market-part', part, JSON.stringify(wish)) as Partial<MarketFigures>;
    });
    const all = Object.assign({}, ...figures) as Partial<MarketFigures>;
    print({ machine: machine(), ...all }, [machine(), marketText(all)].join('\n\n'), json);
}

interface AgentsOptions {
    readonly homes: string;
    readonly kills: string;
    readonly seed: string;
    readonly json?: boolean;
}

/** Unattended agents for a day, killed with their peers and the ordering service at random. */
function agents({ homes, kills, seed, json }: AgentsOptions): void {
    const wish: AgentsWish = { homes: Number(homes), kills: Number(kills), seed };
    const figures = apart('one-agents', JSON.stringify(wish)) as AgentsFigures;
    print({ machine: machine(), agents: figures }, [machine(), agentsText(figures)].join('\n\n'), json);
    process.exitCode = figures.differentBills.length + figures.lostOrders === 0 ? 0 : 1;
}

interface ReadModelOptions {
    readonly households: string;
    readonly transactions: string;
    readonly repetitions: string;
    readonly json?: boolean;
}

/** Catching up with a chain. A server of PostgreSQL is measured where COMMONWATT_POSTGRES names one. */
function readModel({ households, transactions, repetitions, json }: ReadModelOptions): void {
    const counts = { households: Number(households), transactions: Number(transactions) };
    const server = process.env['COMMONWATT_POSTGRES'];
    const wish: ReadModelWish = { ...counts, repetitions: Number(repetitions), server };
    const figures = apart('one-read-model', JSON.stringify(wish)) as ReadModelFigures;
    print({ machine: machine(), ...figures }, [machine(), readModelText(figures)].join('\n\n'), json);
    process.exitCode = figures.isSame ? 0 : 1;
}

const numbers = (list: string): number[] => list.split(',').filter(Boolean).map(Number);

const program = new Command('bench').description('Measures; prints figures with the machine they come from');
program
    .command('day')
    .description('a whole trading day of the generated sample, for communities of several sizes')
    .option('--organisations <list>', 'sizes, the grid operator included', '4,21,50')
    .option('--json', 'print one JSON object')
    .action(({ organisations, json = false }: { organisations: string; json?: boolean }) => {
        days(numbers(organisations).map(embedded), json);
    });
program
    .command('network')
    .description(
        "transactions without a pause on an embedded network and, where Fabric is installed, on Fabric's peers",
    )
    .option('--repetitions <n>', 'how often each network of 4 is measured, in turn', '3')
    .option('--concurrency <list>', 'transactions under way at a time', '10,60,240')
    .option('--transactions <n>', 'counted of each kind', '1000')
    .option('--larger <list>', 'sizes of embedded networks that are measured once, after the others', '21,50')
    .option('--json', 'print one JSON object')
    .action(networks);
program
    .command('ordering')
    .description("ordering services without peers: ours with both engines and, where it is installed, Fabric's orderer")
    .option('--seats <list>', 'how many', '1,4,7')
    .option('--concurrency <list>', 'transactions under way at a time', '1,10,60')
    .option('--transactions <n>', 'counted in each load', '500')
    .option('--json', 'print one JSON object')
    .action(orderings);
program
    .command('market')
    .description('the market: clearing by every rule, many records in one transaction, a slot of many households')
    .option('--orders <list>', 'in a round that is cleared', '1000,100000')
    .option('--records <n>', 'that one transaction writes', '1000')
    .option('--households <list>', 'of communities of which a slot is run', '4,20,50')
    .option('--sales <n>', 'of stored energy, by each way of making sure that it is there', '30')
    .option('--parts <list>', `only these of ${PARTS.join(', ')}`, '')
    .option('--json', 'print one JSON object')
    .action(market);
program
    .command('agents')
    .description(
        'a day of unattended agents in one process, killed at random with peers and ordering: memory, and what is lost',
    )
    .option('--homes <n>', 'how many', '50')
    .option('--kills <n>', 'in the course of the day', '6')
    .option('--seed <text>', 'what is killed when follows from it', 'agents')
    .option('--json', 'print one JSON object')
    .action(agents);
program
    .command('pages')
    .description(
        "the pages in the machine's own chromium: until they take clicks, until they show what they are about, bytes",
    )
    .option('--runs <n>', 'how often each page is opened, every time by a browser that was never there', '5')
    .option('--json', 'print one JSON object')
    .action(async ({ runs, json }: { runs: string; json?: boolean }) => {
        const pages = await measurePages(Number(runs));
        print({ machine: machine(), pages }, [machine(), pagesText(pages)].join('\n\n'), json);
    });
program
    .command('read-model')
    .description('how fast a database takes in a chain it has not seen: SQLite and PostgreSQL, side by side')
    .option('--households <n>', 'of the community whose day is recorded', '6')
    .option('--transactions <n>', 'of the chain that repeats the day', '10000')
    .option('--repetitions <n>', 'how often, in turn', '3')
    .option('--json', 'print one JSON object')
    .action(readModel);
program.command('one-read-model <wish>', { hidden: true }).action(async (wish: string) => {
    process.stdout.write(JSON.stringify(await measureReadModel(JSON.parse(wish) as ReadModelWish)));
});
program.command('one-agents <wish>', { hidden: true }).action(async (wish: string) => {
    const say = (what: string): void => {
        process.stderr.write(`${what}\n`);
    };
    process.stdout.write(JSON.stringify(await measureAgents(JSON.parse(wish) as AgentsWish, say)));
});
program
    .command('server')
    .description('the pages that people look at most, asked for by many at once')
    .option('--homes <n>', 'of the community', '4')
    .option('--clients <n>', 'at once', '200')
    .option('--seconds <n>', 'for each page', '10')
    .option('--json', 'print one JSON object')
    .action((options: { homes: string; clients: string; seconds: string; json?: boolean }) => {
        const [homes, clients, seconds] = [options.homes, options.clients, options.seconds].map(Number);
        const figures = apart('one-server', JSON.stringify({ homes, clients, seconds })) as ServerFigures;
        print({ machine: machine(), ...figures }, `${machine()}\n${serverText(figures)}`, options.json);
    });
program.command('one-server <wish>', { hidden: true }).action(async (wish: string) => {
    const say = (what: string): void => {
        process.stderr.write(`${what}\n`);
    };
    process.stdout.write(JSON.stringify(await measureServer(JSON.parse(wish) as ServerWish, say)));
});
addScheduleCommand(program, { community: COMMUNITY, machine, apart, print });
program.command('one-market-part <part> <wish>', { hidden: true }).action(async (part: MarketPart, wish: string) => {
    process.stdout.write(JSON.stringify(await measurePart(part, JSON.parse(wish) as MarketWish)));
});
program.command('one-ordering <wish>', { hidden: true }).action(async (wish: string) => {
    process.stdout.write(JSON.stringify(await measureOrdering(JSON.parse(wish) as OrderingWish)));
});
program.command('one-load <wish>', { hidden: true }).action(async (wish: string) => {
    process.stdout.write(JSON.stringify(await measureNetwork(JSON.parse(wish) as LoadWish)));
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
