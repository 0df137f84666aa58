import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ExchangeFigures } from './exchange-figures';
import type { ForecastFigures } from './forecast-figures';
import type { AgreeingFigures } from './ledger/agreeing';
import type { DayByFigures } from './ledger/day-by';
import type { JoiningFigures } from './ledger/joining';
import type { FailureFigures } from './ledger/power-failure';
import type { ManipulationFigures } from './manipulation';

/** All that is measured of a day ahead, each list by one part of the bench. */
export interface ScheduleFigures {
    /** The exchange without a ledger, against the central optimum. */
    readonly exchange: readonly ExchangeFigures[];
    readonly forecasts: readonly ForecastFigures[];
    readonly manipulation: readonly ManipulationFigures[];
    /** Agreeing on a ledger, by the number of homes. */
    readonly agreeing: readonly AgreeingFigures[];
    /** The same day in each way. */
    readonly days: readonly DayByFigures[];
    readonly failures: readonly FailureFigures[];
    readonly joining: readonly JoiningFigures[];
}

/** Figures with where and when each was measured: of several runs, if they were. */
export interface MeasuredFigures extends ScheduleFigures {
    readonly machine: string;
    /** `2026-11-23`, of the last run. */
    readonly measuredOn: string;
    /** How the last run was started. */
    readonly command: string;
    readonly minutes: number;
    /** What was to be measured and is not among the figures: in words. */
    readonly missing: readonly string[];
}

export const NO_FIGURES: ScheduleFigures = {
    exchange: [],
    forecasts: [],
    manipulation: [],
    agreeing: [],
    days: [],
    failures: [],
    joining: [],
};

/** What says that two figures are of the same thing: the later one counts. */
const SAME: { readonly [List in keyof ScheduleFigures]: (of: ScheduleFigures[List][number]) => string } = {
    exchange: ({ day, homes, batteries, start, terms }) =>
        [day, homes, batteries, start, terms.sumWh, terms.pricePerKwh].join(),
    forecasts: ({ of, forecast, data }) => [of, forecast, data].join(),
    manipulation: ({ liar, pairs }) => [liar, pairs].join(),
    agreeing: ({ homes, mode, start }) => [homes, mode, start].join(),
    days: ({ homes, by, hasBatteries, forecast }) => [homes, by, hasBatteries, forecast].join(),
    failures: ({ by, homes }) => [by, homes].join(),
    joining: ({ by, homes }) => [by, homes].join(),
};

/** Newer figures take the place of older ones of the same thing, and stand where those stood. */
export function merged(known: ScheduleFigures, more: Partial<ScheduleFigures>): ScheduleFigures {
    const list = <List extends keyof ScheduleFigures>(name: List): ScheduleFigures[List] => {
        const same = SAME[name] as (of: unknown) => string;
        const all = new Map<string, unknown>(
            [...known[name], ...(more[name] ?? [])].map((each) => [same(each), each] as const),
        );
        return [...all.values()] as unknown as ScheduleFigures[List];
    };
    return {
        exchange: list('exchange'),
        forecasts: list('forecasts'),
        manipulation: list('manipulation'),
        agreeing: list('agreeing'),
        days: list('days'),
        failures: list('failures'),
        joining: list('joining'),
    };
}

/** A file of figures that is never half written, so that a bench that is cut short leaves what it has. */
export class FiguresFile {
    constructor(private readonly path: string) {}

    read(): MeasuredFigures | undefined {
        return existsSync(this.path)
            ? { ...NO_FIGURES, ...(JSON.parse(readFileSync(this.path, 'utf8')) as MeasuredFigures) }
            : undefined;
    }

    write(figures: MeasuredFigures): void {
        const unfinished = `${this.path}.new`;
        writeFileSync(unfinished, `${JSON.stringify(figures, null, 4)}\n`);
        renameSync(unfinished, this.path);
    }
}
