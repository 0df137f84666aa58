import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkKind } from '@commonwatt/network/topology/topology';
import { OrderingStage } from '@commonwatt/network/topology/ordering-only/stage';
import { applyLoad, transactionsOf, type Percentiles } from './load';
import { processUsage } from './process-usage';
import { hundredths, tenths } from './statistics';

export interface OrderingWish {
    readonly ordering: NetworkKind['ordering'];
    readonly seats: number;
    readonly concurrency: readonly number[];
    readonly measured: number;
}

export interface OrderingLoad {
    readonly concurrency: number;
    readonly transactionsPerSecond: number;
    /** From handing it in until enough orderers have taken it. */
    readonly takenMs: Percentiles;
    /** From handing it in until a block with it is delivered. */
    readonly blockMs: Percentiles;
    /** Answers that the service is too busy, each followed by another try. */
    readonly refusals: number;
    /** Processor time of all that orders, for one transaction. */
    readonly processorMs: number;
}

export interface OrderingFigures {
    readonly ordering: NetworkKind['ordering'];
    readonly seats: number;
    readonly startSeconds: number;
    readonly loads: readonly OrderingLoad[];
    /** Each process while nothing is sent: share of one processor in per cent, and its largest memory so far. */
    readonly idle: Readonly<Record<string, { readonly processorPercent: number; readonly megabytes: number }>>;
}

const PORT_BASE = 25_100;
const WARM_UP = 100;
const SETTLE_MS = 3_000;
const IDLE_MS = 10_000;

/** Measures one ordering service without peers: load by load, and then nothing to do. */
export async function measureOrdering(wish: OrderingWish): Promise<OrderingFigures> {
    const begin = performance.now();
    const stage = await OrderingStage.start({ ordering: wish.ordering, seats: wish.seats, portBase: PORT_BASE });
    const startSeconds = tenths((performance.now() - begin) / 1000);
    try {
        const loads: OrderingLoad[] = [];
        for (const concurrency of wish.concurrency) {
            loads.push(await underLoad(stage, concurrency, wish.measured));
        }
        return { ordering: wish.ordering, seats: wish.seats, startSeconds, loads, idle: await idle(stage) };
    } finally {
        await stage.stop();
    }
}

async function underLoad(stage: OrderingStage, concurrency: number, measured: number): Promise<OrderingLoad> {
    const client = await stage.client();
    const plan = { concurrency, warmUp: WARM_UP, measured };
    const envelopes = Array.from({ length: transactionsOf(plan) }, () => client.make());
    let [refusals, before, after] = [0, 0, 0];
    try {
        const figures = await applyLoad({
            ...plan,
            submit: async (index) => {
                const envelope = envelopes[index];
                if (envelope === undefined) {
                    throw new Error(`no transaction ${index} was made`);
                }
                const { takenMs, blockMs, refusals: more } = await client.submit(envelope);
                refusals += more;
                return { endorseMs: takenMs, commitMs: blockMs };
            },
            onWindow: (edge) => {
                if (edge === 'begins') before = processorSeconds(stage);
                else after = processorSeconds(stage);
            },
        });
        return {
            concurrency,
            transactionsPerSecond: figures.transactionsPerSecond,
            takenMs: figures.endorseMs,
            blockMs: figures.wholeMs,
            refusals,
            processorMs: hundredths(((after - before) * 1000) / figures.transactions),
        };
    } finally {
        client.close();
    }
}

function processorSeconds(stage: OrderingStage): number {
    return stage.processes().reduce((sum, { pid }) => sum + (processUsage(pid)?.cpuSeconds ?? 0), 0);
}

async function idle(stage: OrderingStage): Promise<OrderingFigures['idle']> {
    await sleep(SETTLE_MS);
    const before = new Map(stage.processes().map(({ name, pid }) => [name, processUsage(pid)?.cpuSeconds ?? 0]));
    await sleep(IDLE_MS);
    return Object.fromEntries(
        stage.processes().map(({ name, pid }) => {
            const usage = processUsage(pid);
            const seconds = (usage?.cpuSeconds ?? 0) - (before.get(name) ?? 0);
            return [
                name,
                {
                    processorPercent: tenths((100_000 * seconds) / IDLE_MS),
                    megabytes: Math.round(usage?.peakMegabytes ?? 0),
                },
            ];
        }),
    );
}

/** An ordering service beside the others of the same run. */
export interface ComparedOrdering extends OrderingFigures {
    readonly name: string;
    /** Per load: its throughput, and its median until the block, over those of the local engine with as many seats. */
    readonly againstLocal: readonly { readonly perSecond: number; readonly blockMs: number }[];
}

export const ORDERING_NAMES: Readonly<Record<NetworkKind['ordering'], string>> = {
    own: 'ours, local engine',
    comet: 'ours, CometBFT',
    raft: "Fabric's orderer (Raft)",
};

/** Ratios within the run: the figures themselves are those of one machine at one time. */
export function comparedOrdering(all: readonly OrderingFigures[]): ComparedOrdering[] {
    return all.map((figures) => {
        const local = all.find(({ ordering, seats }) => ordering === 'own' && seats === figures.seats);
        const againstLocal = figures.loads.map((load, at) => {
            const other = local?.loads[at] ?? load;
            return {
                perSecond: hundredths(load.transactionsPerSecond / other.transactionsPerSecond),
                blockMs: hundredths(load.blockMs.p50 / other.blockMs.p50),
            };
        });
        return { name: `${figures.seats} × ${ORDERING_NAMES[figures.ordering]}`, ...figures, againstLocal };
    });
}

export function orderingText({ name, startSeconds, loads, againstLocal, idle: quiet }: ComparedOrdering): string {
    const shares = Object.values(quiet).map(({ processorPercent }) => processorPercent);
    const memory = Object.values(quiet).map(({ megabytes }) => megabytes);
    const sum = (values: readonly number[]): number => tenths(values.reduce((total, each) => total + each, 0));
    return [
        `${name}: up in ${startSeconds} s; idle ${sum(shares)} % of a processor and ${sum(memory)} MB in ${shares.length} processes`,
        ...loads.map(({ concurrency, transactionsPerSecond, takenMs, blockMs, refusals, processorMs }, at) =>
            [
                `  ${String(concurrency).padStart(4)} at a time ${transactionsPerSecond}/s (× ${againstLocal[at]?.perSecond ?? 1})`,
                `in a block p50 ${blockMs.p50} p95 ${blockMs.p95} ms (× ${againstLocal[at]?.blockMs ?? 1})`,
                `taken p50 ${takenMs.p50} p95 ${takenMs.p95} ms`,
                `processor ${processorMs} ms each`,
                `${refusals} asked to wait`,
            ].join(', '),
        ),
    ].join('\n');
}
