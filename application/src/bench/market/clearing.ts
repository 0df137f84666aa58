import type { Mechanism } from '@commonwatt/chaincode/domain/mechanisms/mechanism';
import { MECHANISMS } from '@commonwatt/chaincode/domain/mechanisms/mechanism';
import { hundredths } from '../statistics';
import { bookFor, rulesFor } from './books';

/** How long one rule takes for one round, in milliseconds of processor time: no ledger, no openings, no signatures. */
export interface ClearingFigures {
    readonly mechanism: string;
    readonly orders: number;
    /** The mean of all repetitions, after some that are not counted: the processor's clock is too coarse for one. */
    readonly ms: number;
    readonly repetitions: number;
    /** Against the first rule with as many orders. */
    readonly ratio: number;
    readonly filled: number;
}

/** Enough for the code to be compiled; a large book needs no more than one. */
const WARM_UP_ORDERS = 20_000;
const REPETITION_ORDERS = 20_000;

/** Every mechanism on a book of each size. */
export function measureClearing(sizes: readonly number[]): ClearingFigures[] {
    return sizes.flatMap((orders) => {
        const all: ClearingFigures[] = [];
        for (const mechanism of MECHANISMS) {
            const figures = clearingOf(mechanism, orders);
            all.push({ ...figures, ratio: hundredths(figures.ms / (all[0]?.ms ?? figures.ms)) });
        }
        return all;
    });
}

function clearingOf(rule: Mechanism, orders: number): Omit<ClearingFigures, 'ratio'> {
    const { name, needs } = rule;
    const book = bookFor(needs, orders);
    const rules = rulesFor(needs, book);
    const repetitions = Math.max(3, Math.ceil(REPETITION_ORDERS / orders));
    for (let i = 0; i < Math.ceil(WARM_UP_ORDERS / orders); i += 1) {
        rule.clear(book, rules);
    }
    let filled = 0;
    const times = Array.from({ length: repetitions }, () => {
        const begin = processorMs();
        const { outcomes } = rule.clear(book, rules);
        const took = processorMs() - begin;
        filled = outcomes.filter(({ fill }) => fill > 0n).length;
        return took;
    });
    return {
        mechanism: name,
        orders,
        ms: hundredths(times.reduce((sum, each) => sum + each, 0) / repetitions),
        repetitions,
        filled,
    };
}

/** Of this thread: what else the machine does is not counted. */
function processorMs(): number {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
}

/** For people. */
export function clearingText({ mechanism, orders, ms, ratio, filled }: ClearingFigures): string {
    return `  ${mechanism.padEnd(36)} ${String(orders).padStart(6)} orders  ${ms} ms (× ${ratio}), ${filled} with a fill`;
}
