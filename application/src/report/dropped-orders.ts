import type { RoundRecord } from '@commonwatt/chaincode/api/records';
import type { DayResult } from '../day/trading-day';
import type { Reported } from '../day/unrevealed-orders';
import type { DaySummary } from './day-summary';
import { decimal, exactNumber } from './decimal';

/** Orders that were closed into the day's rounds. */
export interface OrdersSummary {
    /** Rounds that were cleared: none on a day that was scheduled, on which nobody orders. */
    readonly rounds: number;
    readonly count: number;
    readonly dropped: number;
    /** How many by reason, as the rounds have it. */
    readonly reasons: Readonly<Record<string, number>>;
}

export interface UnrevealedSummary {
    readonly home: string;
    readonly orders: number;
    readonly forfeitedNanos: number;
    /** Why no deposit was taken for some, or all of them were reported before; null where it was taken for each. */
    readonly notTaken: string | null;
}

export function ordersSummary(rounds: readonly RoundRecord[]): OrdersSummary {
    const dropped = rounds.flatMap((round) => (round.status === 'cleared' ? (round.dropped ?? []) : []));
    const reasons: Record<string, number> = {};
    for (const { reason } of dropped) {
        reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
    const took = rounds.reduce((sum, { outcomes = [] }) => sum + outcomes.length, 0);
    const cleared = rounds.filter(({ status }) => status === 'cleared').length;
    return { rounds: cleared, count: took + dropped.length, dropped: dropped.length, reasons };
}

/** Homes that the day's rounds had no order of; nobody where no round was cleared. */
export function withoutOrders({ rounds, households, provisional }: DayResult): string[] {
    if (rounds.every(({ status }) => status !== 'cleared')) {
        return [];
    }
    const trading = new Set(rounds.flatMap(({ outcomes = [] }) => outcomes.map(({ order }) => order.split('/')[0])));
    return [...households, ...provisional].filter(({ mspId }) => !trading.has(mspId)).map(({ home }) => home);
}

/** `homes`: which organisation is which. */
export function unrevealedSummary(
    { mspId, orders, known, forfeitedNanos, refused }: Reported,
    { organisations }: { readonly organisations: readonly { readonly id: string; readonly mspId: string }[] },
): UnrevealedSummary {
    const before = known === 0 ? null : `${known} were reported before`;
    return {
        home: organisations.find((each) => each.mspId === mspId)?.id ?? mspId,
        orders,
        forfeitedNanos: exactNumber(forfeitedNanos),
        notTaken: refused ?? before,
    };
}

/** What went without orders, for people: loud where nothing else happened on the day. */
export function droppedText(summary: DaySummary, currency: string): string[] {
    const { orders, unrevealed = [], withoutOrders: without, provisional } = summary;
    const silent = new Set(provisional.map(({ home }) => home));
    const quiet = without.filter((home) => !silent.has(home));
    return [
        ...countsText(orders),
        ...unrevealed.map((each) => unrevealedText(each, currency)),
        ...(silent.size > 0 ? [`Silent, without orders and readings of their own: ${[...silent].join(', ')}.`] : []),
        ...(quiet.length > 0 && orders.count > 0 ? [`No order of these took part: ${quiet.join(', ')}.`] : []),
    ];
}

function countsText({ rounds, count, dropped, reasons }: OrdersSummary): string[] {
    const why = Object.entries(reasons)
        .map(([reason, times]) => `${times} ${reason}`)
        .join(', ');
    if (count === 0) {
        return rounds > 0 ? ['NOBODY ORDERED ANYTHING.'] : [];
    }
    if (dropped === count) {
        return [`NOT ONE ORDER TOOK PART: all ${count} were dropped (${why}). NOBODY TRADED.`];
    }
    return dropped > 0 ? [`Dropped ${dropped} of ${count} orders: ${why}.`] : [];
}

const NANOS_DECIMALS = 9;

export function unrevealedText(
    { home, orders, forfeitedNanos, notTaken }: UnrevealedSummary,
    currency: string,
): string {
    const forfeited = `${decimal(BigInt(forfeitedNanos), NANOS_DECIMALS).slice(0, -7)} ${currency}`;
    const rest = notTaken === null ? '' : ` (${notTaken})`;
    return `${home} did not open ${orders} of its orders, and forfeits ${forfeited} of its deposit for them${rest}.`;
}
