import { percentile, tenths } from './statistics';

/** How long the parts of one transaction took, in milliseconds as the client sees them. */
export interface Timed {
    /** From the proposal until all endorsements are there. */
    readonly endorseMs: number;
    /** From handing the transaction in until it is known to be committed. */
    readonly commitMs: number;
}

export interface Load {
    /** Transactions that are under way at any time. */
    readonly concurrency: number;
    /** Done first and not counted: connections are made, code is compiled, caches fill. */
    readonly warmUp: number;
    /** Counted. As many more as are under way at a time follow, so that the last ones counted do not have the network to themselves. */
    readonly measured: number;
    /** Submits transaction number `index`, counted from 0; rejects where it was not committed as valid. */
    readonly submit: (index: number) => Promise<Timed>;
    /** Called when counting begins and ends. */
    readonly onWindow?: (edge: 'begins' | 'ends') => void;
}

export interface Percentiles {
    readonly p50: number;
    readonly p95: number;
}

/** What a network did under a load that never lets up. */
export interface LoadFigures {
    readonly concurrency: number;
    readonly transactions: number;
    readonly seconds: number;
    readonly transactionsPerSecond: number;
    readonly endorseMs: Percentiles;
    readonly commitMs: Percentiles;
    readonly wholeMs: Percentiles;
}

/** How many transactions a load submits in all. */
export function transactionsOf({ concurrency, warmUp, measured }: Omit<Load, 'submit' | 'onWindow'>): number {
    return warmUp + measured + concurrency;
}

/**
 * Keeps so many transactions under way until enough of them have been committed. Knows nothing of what it submits: any network,
 * any client. Stops at the first failure and rejects with it: figures of a network that loses transactions mean nothing.
 */
export async function applyLoad(load: Load): Promise<LoadFigures> {
    const { concurrency, warmUp, measured, submit, onWindow = (): void => undefined } = load;
    const counted: Timed[] = [];
    const all = transactionsOf(load);
    let [next, done, failed] = [0, 0, false];
    let [begin, end] = [0, 0];
    if (warmUp === 0) {
        onWindow('begins');
        begin = performance.now();
    }
    const completed = (timed: Timed): void => {
        done += 1;
        if (done > warmUp && done <= warmUp + measured) {
            counted.push(timed);
        }
        if (done === warmUp) {
            onWindow('begins');
            begin = performance.now();
        }
        if (done === warmUp + measured) {
            end = performance.now();
            onWindow('ends');
        }
    };
    const client = async (): Promise<void> => {
        while (next < all && !failed) {
            const index = next++;
            try {
                completed(await submit(index));
            } catch (error) {
                failed = true;
                throw error;
            }
        }
    };
    await Promise.all(Array.from({ length: concurrency }, client));
    return figures(concurrency, counted, (end - begin) / 1000);
}

function figures(concurrency: number, counted: readonly Timed[], seconds: number): LoadFigures {
    return {
        concurrency,
        transactions: counted.length,
        seconds: tenths(seconds),
        transactionsPerSecond: tenths(counted.length / seconds),
        endorseMs: percentiles(counted.map(({ endorseMs }) => endorseMs)),
        commitMs: percentiles(counted.map(({ commitMs }) => commitMs)),
        wholeMs: percentiles(counted.map(({ endorseMs, commitMs }) => endorseMs + commitMs)),
    };
}

/** In whole milliseconds. */
export function percentiles(values: readonly number[]): Percentiles {
    return { p50: Math.round(percentile(values, 50) ?? 0), p95: Math.round(percentile(values, 95) ?? 0) };
}
