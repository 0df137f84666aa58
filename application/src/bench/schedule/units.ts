import type { Topology } from '@commonwatt/network/topology/topology';
import { dayBefore } from '../../data/zone';
import { placeOf } from '../../schedule/forecast/kinds';
import { FINE_TERMS, generatedDay, realDay, shippedTerms, type BenchDay } from './bench-communities';
import { exchangeFigures, finished, optimumOf } from './exchange-figures';
import type { ScheduleFigures } from './figures';
import { daysUntil, forecastFigures } from './forecast-figures';
import { agreeing, type AgreeingWish } from './ledger/agreeing';
import { dayBy, type DayWish } from './ledger/day-by';
import { joining } from './ledger/joining';
import { powerFailure } from './ledger/power-failure';
import { manipulation, type Liar } from './manipulation';

export const SCHEDULE_PARTS = ['comparison', 'failure', 'joining', 'ledger', 'pure', 'forecasts', 'lies'] as const;
export type SchedulePart = (typeof SCHEDULE_PARTS)[number];

/** What is asked of the bench. */
export interface ScheduleWish {
    readonly parts: readonly SchedulePart[];
    /** Sizes of generated communities without a ledger, and with one. */
    readonly homes: readonly number[];
    readonly ledger: readonly number[];
    /** Above this size a run on the ledger is stopped after so many iterations. */
    readonly wholeUpTo: number;
    readonly mostIterations: number;
    /** Of the communities of whose days the ways are compared, and of those that fail, or grow by one. */
    readonly compared: number;
    readonly small: number;
    /** The community of `topology` with its own meter data: this folder, these days. */
    readonly data?: string | undefined;
    readonly days: readonly string[];
    /** Pairs of a generator and a buyer in the communities in which somebody lies. */
    readonly pairs: readonly number[];
    /** Of a day, of which it is found out whether the optimum leaves a choice of prices, and so many seconds at most. */
    readonly priceSlots: number;
    readonly priceSeconds: number;
}

type Wish<Part extends SchedulePart, More> = { readonly part: Part } & More;

/** What is measured in one go, in a process of its own. */
export type Unit =
    | Wish<'pure', { readonly homes: number; readonly day?: string; readonly data?: string | undefined } & Limits>
    | Wish<'forecasts', { readonly data?: string | undefined }>
    | Wish<'lies', { readonly liar: Liar; readonly pairs: readonly number[] }>
    | Wish<'ledger', AgreeingWish>
    | Wish<'comparison', DayWish>
    | Wish<'failure' | 'joining', { readonly by: 'auction' | 'schedule'; readonly homes: number }>;

interface Limits {
    readonly slots: number;
    readonly seconds: number;
}

const BOTH = ['auction', 'schedule'] as const;
/** What the homes went by where they did not know their day. */
const FORECAST = 'clear-sky';

/** In the order in which they are measured: what matters most first, where a run may be cut short. */
export function unitsOf(wish: ScheduleWish): Unit[] {
    const all = SCHEDULE_PARTS.filter((part) => wish.parts.includes(part)).flatMap((part) => UNITS[part](wish));
    const isLast = (unit: Unit): boolean => unit.part === 'ledger' && unit.start === 'warm';
    return [...all.filter((unit) => !isLast(unit)), ...all.filter(isLast)];
}

const UNITS: { readonly [Part in SchedulePart]: (wish: ScheduleWish) => Unit[] } = {
    pure: ({ homes, data, days, priceSlots: slots, priceSeconds: seconds }) => [
        ...homes.map((count): Unit => ({ part: 'pure', homes: count, slots, seconds })),
        ...(data === undefined ? [] : days).map((day): Unit => ({ part: 'pure', homes: 0, day, data, slots, seconds })),
    ],
    forecasts: ({ data }) => [
        { part: 'forecasts', data: undefined },
        ...(data === undefined ? [] : [{ part: 'forecasts', data } as const]),
    ],
    lies: ({ pairs }) => (['generator', 'buyer'] as const).map((liar): Unit => ({ part: 'lies', liar, pairs })),
    ledger: ({ ledger, wholeUpTo, mostIterations }) =>
        ledger.flatMap((homes): Unit[] => {
            const isWhole = homes <= wholeUpTo;
            const iterated = { part: 'ledger', homes, mode: 'schedule' } as const;
            return [
                { part: 'ledger', homes, mode: 'certificate', start: 'cold' },
                { ...iterated, start: 'cold', ...(isWhole ? {} : { mostIterations }) },
                ...(isWhole ? [{ ...iterated, start: 'warm' } as const] : []),
            ];
        }),
    comparison: ({ compared: homes }) => [
        ...BOTH.map((by): Unit => ({ part: 'comparison', by, homes, hasBatteries: true, forecast: FORECAST })),
        ...BOTH.map((by): Unit => ({ part: 'comparison', by, homes, hasBatteries: true, forecast: 'perfect' })),
        { part: 'comparison', by: 'schedule', homes, hasBatteries: false, forecast: 'perfect' },
        { part: 'comparison', by: 'certificate', homes, hasBatteries: true, forecast: 'perfect' },
    ],
    failure: ({ small: homes }) => BOTH.map((by): Unit => ({ part: 'failure', by, homes })),
    joining: ({ small: homes }) => BOTH.map((by): Unit => ({ part: 'joining', by, homes })),
};

/** In words, for progress. */
export function unitText(unit: Unit): string {
    switch (unit.part) {
        case 'pure': {
            const whose = unit.day === undefined ? `${unit.homes} homes` : `the community on ${unit.day}`;
            return `the exchange of ${whose}, without a ledger`;
        }
        case 'forecasts':
            return `forecasts of ${unit.data === undefined ? 'the generated sample' : 'the community'}`;
        case 'lies':
            return `what lies of a ${unit.liar} bring`;
        case 'ledger':
            return `agreeing of ${unit.homes} homes by ${unit.mode}, ${unit.start}`;
        case 'comparison':
            return `a day of ${unit.homes} homes by ${unit.by}${unit.hasBatteries ? '' : ' without batteries'}, forecast ${unit.forecast}`;
        default:
            return `${unit.part} of ${unit.homes} homes by ${unit.by}`;
    }
}

/** A generated day in spring, and the day before it. */
const GENERATED_DAY = '2025-04-16';
/** The central optimum of larger communities takes minutes in WebAssembly. */
const COMPARED_UP_TO = 20;
const FORECAST_DAYS = 29;
const LAST_DAY = '2014-10-30';
const GENERATED_HOMES = 20;

export async function measureUnit(topology: Topology, unit: Unit): Promise<Partial<ScheduleFigures>> {
    switch (unit.part) {
        case 'pure':
            return { exchange: await coldAndWarm(topology, unit) };
        case 'forecasts': {
            const on = (day: string): BenchDay =>
                unit.data === undefined ? generatedDay(GENERATED_HOMES, day) : realDay(topology, unit.data, day);
            const days = daysUntil(unit.data === undefined ? GENERATED_DAY : LAST_DAY, FORECAST_DAYS).map(on);
            const data = unit.data === undefined ? 'generated' : 'real';
            return { forecasts: await forecastFigures(days, placeOf(topology), data) };
        }
        case 'lies':
            return { manipulation: await inTurn(unit.pairs, (pairs) => manipulation(unit.liar, pairs)) };
        case 'ledger':
            return { agreeing: [await agreeing(topology, wishIn(unit))] };
        case 'comparison':
            return { days: [await dayBy(topology, wishIn(unit))] };
        case 'failure':
            return { failures: [await powerFailure(topology, unit.by, unit.homes)] };
        case 'joining':
            return { joining: [await joining(topology, unit.by, unit.homes)] };
    }
}

/** Without the part, which is no figure. */
const wishIn = <Of extends Unit>(unit: Of): Omit<Of, 'part'> => ({ ...unit, part: undefined });

async function coldAndWarm(
    topology: Topology,
    { homes, day = GENERATED_DAY, data, slots, seconds }: Extract<Unit, { part: 'pure' }>,
): Promise<ScheduleFigures['exchange']> {
    const on = (which: string): BenchDay =>
        data === undefined ? generatedDay(homes, which) : realDay(topology, data, which);
    const today = on(day);
    const isCompared = today.homes.length <= COMPARED_UP_TO;
    const optimum = isCompared ? await optimumOf(today, { slots, seconds }) : undefined;
    const shipped = shippedTerms(topology);
    const both = await inTurn(isCompared ? [FINE_TERMS, shipped] : [shipped], async (terms) => {
        const cold = await exchangeFigures(today, { terms, optimum });
        const before = await finished(on(dayBefore(day)), undefined, terms);
        return [cold, await exchangeFigures(today, { terms, optimum, before })];
    });
    return both.flat();
}

async function inTurn<T, R>(all: readonly T[], work: (each: T) => Promise<R>): Promise<R[]> {
    const done: R[] = [];
    for (const each of all) {
        done.push(await work(each));
    }
    return done;
}
