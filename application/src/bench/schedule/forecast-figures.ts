import { clearSky, type Place } from '../../schedule/forecast/clear-sky';
import { exponentialSmoothing } from '../../schedule/forecast/exponential-smoothing';
import { forecastError, type Forecast, type MeteredDay } from '../../schedule/forecast/forecast';
import { seasonalNaive } from '../../schedule/forecast/seasonal-naive';
import { dayBefore, slotsOfDay, zoneNamed } from '../../data/zone';
import { rounded } from './exchange-figures';
import type { BenchDay } from './bench-communities';

/** How far a forecast of one kind of meter is off, over all homes and days that were predicted: Wh in a quarter of an hour. */
export interface ForecastFigures {
    readonly of: 'load' | 'pv';
    readonly forecast: string;
    readonly maeWh: number;
    readonly biasWh: number;
    /** MAE in percent of the mean energy of a quarter hour. */
    readonly maePercent: number;
    readonly days: number;
    /** Which data. */
    readonly data: 'generated' | 'real';
}

/** Days that only serve as history. */
const HISTORY = 8;
const ZONE = 'UTC+01:00';

/** Every forecast over the days of a community, each day predicted from those before it. Earliest first, without gaps. */
export async function forecastFigures(
    days: readonly BenchDay[],
    place: Place,
    data: ForecastFigures['data'],
): Promise<ForecastFigures[]> {
    const naive = [seasonalNaive(1), seasonalNaive(7), exponentialSmoothing(0.3)];
    const figures: ForecastFigures[] = [];
    for (const meter of ['load', 'pv'] as const) {
        const series = seriesOf(days, meter);
        for (const forecast of meter === 'load' ? naive : [...naive, clearSky(place)]) {
            figures.push({ of: meter, forecast: forecast.name, data, ...(await errorsOver(series, forecast)) });
        }
    }
    return figures;
}

type Errors = Omit<ForecastFigures, 'of' | 'forecast' | 'data'>;

async function errorsOver(series: readonly (readonly MeteredDay[])[], forecast: Forecast): Promise<Errors> {
    let [mae, bias, energy, count] = [0, 0, 0, 0];
    for (const home of series) {
        for (let index = HISTORY; index < home.length; index += 1) {
            const day = home[index] as MeteredDay;
            const error = forecastError(await forecast.predict(home.slice(0, index), day), day.energies);
            mae += error.mae;
            bias += error.bias;
            energy += Number(day.energies.reduce((sum, each) => sum + each, 0n)) / day.slotCount;
            count += 1;
        }
    }
    return {
        maeWh: rounded(mae / count, 1),
        biasWh: rounded(bias / count, 1),
        maePercent: rounded((100 * mae) / energy, 1),
        days: Math.max(0, (series[0]?.length ?? 0) - HISTORY),
    };
}

/** By home, its days; homes without such a meter are left out. */
function seriesOf(days: readonly BenchDay[], of: 'load' | 'pv'): MeteredDay[][] {
    const zone = zoneNamed(ZONE);
    const homes = days[0]?.homes ?? [];
    return homes
        .map(({ home }) =>
            days.flatMap(({ day, homes: own }): MeteredDay[] => {
                const device = own.find((each) => each.home === home)?.devices.find(({ kind }) => kind === of);
                const energies =
                    device?.kind === 'load' ? device.energies : device?.kind === 'pv' ? device.available : [];
                const first = zone === undefined ? 0 : slotsOfDay(zone, day).first;
                return [{ day, firstSlot: first, slotCount: energies.length, energies }];
            }),
        )
        .filter((series) => series.every(({ energies }) => energies.length > 0))
        .filter((series) => series.some(({ energies }) => energies.some((energy) => energy > 0n)));
}

/** `count` days that end with this one, earliest first. */
export function daysUntil(last: string, count: number): string[] {
    const days = [last];
    while (days.length < count) {
        days.unshift(dayBefore(days[0] ?? last));
    }
    return days;
}
