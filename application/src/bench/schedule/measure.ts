import type { Topology } from '@commonwatt/network/topology/topology';
import { dayBefore } from '../../data/zone';
import { generatedDay, realDay, type BenchDay } from './bench-communities';
import { exchangeFigures, finished, type ExchangeFigures } from './exchange-figures';
import { daysUntil, forecastFigures, placeOf, type ForecastFigures } from './forecast-figures';
import { manipulation, type ManipulationFigures } from './manipulation';

/** What is measured of a day ahead without a ledger. */
export interface ScheduleFigures {
    readonly exchange: readonly ExchangeFigures[];
    /** Of the community's own data; empty without. */
    readonly forecasts: readonly ForecastFigures[];
    readonly manipulation: readonly ManipulationFigures[];
}

export interface ScheduleWish {
    /** Sizes of generated communities. */
    readonly homes: readonly number[];
    /** The community of `topology` with its own meter data: this folder, these days. */
    readonly data?: string | undefined;
    readonly days: readonly string[];
    /** Pairs of a generator and a buyer in the communities in which somebody lies. */
    readonly pairs: readonly number[];
}

/** A generated day in spring, and the day before it. */
const GENERATED_DAY = '2025-04-16';
/** The central optimum of larger communities takes minutes in WebAssembly. */
const COMPARED_UP_TO = 20;
const FORECAST_DAYS = 29;
const LAST_DAY = '2014-10-30';

export async function measureSchedule(topology: Topology, wish: ScheduleWish): Promise<ScheduleFigures> {
    const { data, days } = wish;
    const exchange: ExchangeFigures[] = [];
    for (const count of wish.homes) {
        exchange.push(...(await coldAndWarm((day) => generatedDay(count, day), GENERATED_DAY)));
    }
    for (const day of data === undefined ? [] : days) {
        exchange.push(...(await coldAndWarm((on) => realDay(topology, data ?? '', on), day)));
    }
    const manipulations: ManipulationFigures[] = [];
    for (const liar of ['generator', 'buyer'] as const) {
        for (const pairs of wish.pairs) {
            manipulations.push(await manipulation(liar, pairs));
        }
    }
    return { exchange, forecasts: await forecasts(topology, data), manipulation: manipulations };
}

async function coldAndWarm(on: (day: string) => BenchDay, day: string): Promise<ExchangeFigures[]> {
    const today = on(day);
    const compares = today.homes.length <= COMPARED_UP_TO;
    const cold = await exchangeFigures(today, compares);
    return [cold, await exchangeFigures(today, compares, await finished(on(dayBefore(day))))];
}

async function forecasts(topology: Topology, data: string | undefined): Promise<ForecastFigures[]> {
    if (data === undefined) {
        return [];
    }
    const days = daysUntil(LAST_DAY, FORECAST_DAYS).map((day) => realDay(topology, data, day));
    return forecastFigures(days, placeOf(topology));
}

export function scheduleText({ exchange, forecasts: told, manipulation: lies }: ScheduleFigures): string {
    return [
        'Exchange without a ledger',
        ...exchange.map(exchangeText),
        ...(told.length === 0 ? [] : ['', 'Forecasts, Wh in a quarter of an hour']),
        ...told.map(
            ({ of, forecast, maeWh, biasWh, maePercent, days }) =>
                `  ${of.padEnd(5)} ${forecast.padEnd(42)} MAE ${maeWh} (${maePercent} %), bias ${biasWh}, ${days} days`,
        ),
        '',
        'Lies, thousandths of the currency in a slot',
        ...lies.map(
            (each) =>
                `  ${each.liar.padEnd(9)} × ${String(each.factor).padEnd(4)} in ${String(each.pairs).padStart(3)} pairs: price ${each.honestPrice} → ${each.price}, ` +
                `liar ${signed(each.liarGains)}, its side ${signed(each.sameSideGains)}, other side ${signed(each.otherSideGains)}, all −${each.welfareLoss} (${each.welfareLossPercent} %)`,
        ),
    ].join('\n');
}

function exchangeText(each: ExchangeFigures): string {
    const { against } = each;
    const compared =
        against === undefined
            ? ''
            : `, ${signed(against.costGapPercent)} % of the optimum's ${against.centralCost} (${against.centralSeconds} s), ` +
              `prices within ${against.worstPricePercent} % of the ${against.uniquePrices} unique ones (λ ${against.worstLambdaPercent} %)`;
    return (
        `  ${each.day} ${String(each.homes).padStart(3)} homes, ${each.batteries} batteries, ${each.start}: ${each.end} after ${each.iterations} iterations, ` +
        `${each.seconds} s (${each.millisecondsPerHomeStep} ms for each home's step), cost ${each.cost}${compared}`
    );
}

const signed = (value: number): string => (value > 0 ? `+${value}` : String(value));
