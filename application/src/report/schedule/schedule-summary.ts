import type { BusPrices } from '@commonwatt/chaincode/api/records';
import type { DayAheadOutcome } from '../../day-ahead/plan';
import { exactNumber } from '../decimal';
import type { ForecastSummary } from '../forecast';
import type { LateSummary } from '../late-homes';
import type { ScheduleCourse } from './schedule-course';

/** What a home is scheduled to do, known to itself and to the coordinators. */
export interface ScheduledHome {
    readonly home: string;
    readonly takenWh: number;
    readonly givenWh: number;
    /** At the agreed prices; negative is earned. */
    readonly costNanos: number;
    /** What its devices do besides the forecast: taken in some slots, given back in others. */
    readonly controlledWh: number;
    /** Iterations in which it kept what it had said before. */
    readonly late: number;
}

/** The JSON of `commonwatt schedule`. */
export interface ScheduleSummary {
    readonly day: string;
    readonly mode: string;
    readonly status: string;
    /** Why there is no agreement. */
    readonly reason: string | null;
    readonly iterations: number;
    readonly primalWh: number | null;
    readonly dualNanosPerKwh: number | null;
    readonly transactions: number;
    readonly seconds: {
        readonly total: number;
        readonly solving: number;
        readonly ledger: number;
        readonly waiting: number;
    };
    readonly homes: readonly ScheduledHome[];
    /** nanos/kWh, by bus and slot. */
    readonly prices: readonly { readonly bus: string; readonly nanosPerKwh: readonly number[] }[];
    /** What the community takes from the grid, Wh by slot; negative is given. */
    readonly fromGridWh: readonly number[];
    /** What agents expected the day to be like. */
    readonly forecast?: ForecastSummary;
    /** Homes whose agents ran here and did not get through, with why. */
    readonly silent: readonly { readonly home: string; readonly why: string }[];
    /** Covered homes that did not answer, and what it cost them; told where the grid operator's agent runs here, which reports them. */
    readonly reported?: readonly LateSummary[];
}

export interface SummaryInput {
    readonly outcome: DayAheadOutcome;
    readonly homes: readonly ScheduledHome[];
    readonly transactions: number;
    readonly totalSeconds: number;
}

export function scheduleSummary({ outcome, homes, transactions, totalSeconds }: SummaryInput): ScheduleSummary {
    const { record, seconds, silent } = outcome;
    const residuals = record.run?.residuals ?? undefined;
    const { solving, ledger, waiting } = seconds;
    return {
        day: record.day,
        mode: record.mode,
        status: record.status,
        reason: record.reason ?? null,
        iterations: outcome.steps.at(-1)?.iteration ?? 0,
        primalWh: residuals === undefined ? null : exactNumber(residuals.primalWh),
        dualNanosPerKwh: residuals === undefined ? null : exactNumber(residuals.dual),
        transactions,
        seconds: {
            total: tenths(totalSeconds),
            solving: tenths(solving),
            ledger: tenths(ledger),
            waiting: tenths(waiting),
        },
        homes,
        prices: pricesOf(outcome).map(({ bus, pricesNanos }) => ({
            bus,
            nanosPerKwh: pricesNanos.map(exactNumber),
        })),
        fromGridWh: (record.agreed?.gridWh ?? []).map((taken) => exactNumber(-taken)),
        silent,
    };
}

/** What is on the channel of a day ahead, for plots; undefined where its run was never opened. */
export function courseOf(outcome: DayAheadOutcome, currency: string): ScheduleCourse | undefined {
    const { problem, record, steps } = outcome;
    if (problem === undefined) {
        return undefined;
    }
    return {
        day: record.day,
        currency,
        steps,
        tolerances: { primalWh: problem.primalToleranceWh, dual: problem.dualTolerance },
        buses: pricesOf(outcome).map(({ bus, pricesNanos }) => ({ bus, prices: pricesNanos })),
        retail: problem.grid.map(({ retail }) => retail),
        feedIn: problem.grid.map(({ feedIn }) => feedIn),
    };
}

/** Those that were agreed on, else how far they came. */
const pricesOf = ({ problem, record: { agreed, run } }: DayAheadOutcome): readonly BusPrices[] =>
    agreed?.prices ?? run?.prices ?? problem?.firstPrices ?? [];

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;
