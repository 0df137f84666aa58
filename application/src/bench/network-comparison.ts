import type { NetworkWish } from '@commonwatt/network/topology/network-kind';
import type { Percentiles } from './load';
import type { NetworkLoad, TransactionLoad } from './network-load';
import { hundredths, median, tenths } from './statistics';

/** A network that is measured. */
export interface Subject {
    readonly name: string;
    readonly organisations: number;
    readonly network: NetworkWish;
    /** Name of the network whose throughput this one's is compared with, where that one is measured too. */
    readonly against?: string;
}

/** One kind of load on one network: medians of all repetitions, and how far these lie apart. */
export interface ComparedLoad {
    readonly transaction: string;
    readonly concurrency: number;
    readonly transactionsPerSecond: number;
    readonly ofEachRepetition: readonly number[];
    readonly endorseMs: Percentiles;
    readonly commitMs: Percentiles;
    readonly wholeMs: Percentiles;
    readonly processorMs: Readonly<Record<string, number>>;
    readonly processorsUsed: number;
    /** Of throughput, and of how little processor time without the client's a transaction takes: above 1 this network is the better one. */
    readonly against?: { readonly network: string; readonly perSecond: number; readonly processor: number };
}

export interface ComparedNetwork {
    readonly name: string;
    readonly organisations: number;
    readonly startSeconds: number;
    readonly megabytesPerOrganisation: number;
    readonly loads: readonly ComparedLoad[];
}

/** Figures of networks that were measured in turn, in the same run. */
export function comparison(measured: ReadonlyMap<Subject, readonly NetworkLoad[]>): ComparedNetwork[] {
    const merged = [...measured].map(([subject, runs]) => ({ subject, network: mergedRuns(subject, runs) }));
    return merged.map(({ subject, network }) => {
        const other = merged.find(({ network: { name } }) => name === subject.against)?.network;
        return other === undefined
            ? network
            : { ...network, loads: network.loads.map((load) => comparedWith(load, other)) };
    });
}

function mergedRuns({ name, organisations }: Subject, runs: readonly NetworkLoad[]): ComparedNetwork {
    const startSeconds = runs.map((run) => Object.values(run.startSeconds).reduce((sum, each) => sum + each, 0));
    return {
        name,
        organisations,
        startSeconds: tenths(median(startSeconds)),
        megabytesPerOrganisation: Math.round(
            median(runs.map(({ megabytesPerOrganisation }) => megabytesPerOrganisation)),
        ),
        loads: (runs[0]?.loads ?? []).map((_, index) => mergedLoads(runs.flatMap(({ loads }) => loads[index] ?? []))),
    };
}

function mergedLoads(runs: readonly TransactionLoad[]): ComparedLoad {
    const [first] = runs;
    if (first === undefined) {
        throw new Error('nothing was measured');
    }
    const middle = (of: (run: TransactionLoad) => number): number => median(runs.map(of));
    const latency = (of: (run: TransactionLoad) => Percentiles): Percentiles => ({
        p50: Math.round(middle((run) => of(run).p50)),
        p95: Math.round(middle((run) => of(run).p95)),
    });
    return {
        transaction: first.transaction,
        concurrency: first.concurrency,
        transactionsPerSecond: tenths(middle(({ transactionsPerSecond }) => transactionsPerSecond)),
        ofEachRepetition: runs.map(({ transactionsPerSecond }) => transactionsPerSecond),
        endorseMs: latency(({ endorseMs }) => endorseMs),
        commitMs: latency(({ commitMs }) => commitMs),
        wholeMs: latency(({ wholeMs }) => wholeMs),
        processorMs: Object.fromEntries(
            Object.keys(first.processorMs).map((what) => [
                what,
                hundredths(middle(({ processorMs }) => processorMs[what] ?? 0)),
            ]),
        ),
        processorsUsed: hundredths(middle(({ processorsUsed }) => processorsUsed)),
    };
}

function comparedWith(load: ComparedLoad, { name, loads }: ComparedNetwork): ComparedLoad {
    const other = loads.find(
        ({ transaction, concurrency }) => transaction === load.transaction && concurrency === load.concurrency,
    );
    return other === undefined
        ? load
        : {
              ...load,
              against: {
                  network: name,
                  perSecond: hundredths(load.transactionsPerSecond / other.transactionsPerSecond),
                  processor: hundredths(withoutClient(other) / withoutClient(load)),
              },
          };
}

function withoutClient({ processorMs }: ComparedLoad): number {
    return Object.entries(processorMs).reduce((sum, [what, each]) => sum + (what === 'client' ? 0 : each), 0);
}

/** For people. */
export function networkText({ name, startSeconds, megabytesPerOrganisation, loads }: ComparedNetwork): string {
    return [
        `${name}: up and founded in ${startSeconds} s, ${megabytesPerOrganisation} MB per organisation without the client`,
        ...loads.map(loadText),
    ].join('\n');
}

function loadText(load: ComparedLoad): string {
    const { transaction, concurrency, transactionsPerSecond, ofEachRepetition, against } = load;
    const latency = ({ p50, p95 }: Percentiles): string => `${p50}/${p95}`;
    const processor = Object.entries(load.processorMs).map(([what, ms]) => `${what} ${ms}`);
    return [
        `  ${transaction}, ${concurrency} at a time: ${transactionsPerSecond}/s (${ofEachRepetition.join(', ')})`,
        `    ms p50/p95 endorse ${latency(load.endorseMs)}, commit ${latency(load.commitMs)}, whole ${latency(load.wholeMs)}`,
        `    processor ms per transaction: ${processor.join(', ')}; ${load.processorsUsed} processors in use`,
        ...(against === undefined
            ? []
            : [`    × ${against.perSecond} of ${against.network}; × ${against.processor} by processor time`]),
    ].join('\n');
}
