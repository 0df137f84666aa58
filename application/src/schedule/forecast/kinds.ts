import type { Topology } from '@commonwatt/network/topology/topology';
import { clearSky, type Place } from './clear-sky';
import { exponentialSmoothing } from './exponential-smoothing';
import type { Forecast } from './forecast';
import { seasonalNaive } from './seasonal-naive';

/** By what agents tell the next day. `perfect` knows it, for replays: what a schedule is worth apart from forecast errors. */
export const FORECAST_KINDS = ['perfect', 'yesterday', 'seasonal', 'smoothing', 'clear-sky'] as const;
export type ForecastKind = (typeof FORECAST_KINDS)[number];

/** So many days before the predicted one are read, where there are so many: two weeks, as long as the sun stays on its path. */
export const HISTORY_DAYS = 14;

/** What the last day weighs in smoothing. */
const SHARE = 0.3;

/** One for a home's consumption, one for its panels. */
export interface MeterForecasts {
    readonly load: Forecast;
    readonly pv: Forecast;
}

/** A clear sky says nothing about consumption: that is smoothed then. */
export function forecastsOf(kind: Exclude<ForecastKind, 'perfect'>, place: Place): MeterForecasts {
    const both = (forecast: Forecast): MeterForecasts => ({ load: forecast, pv: forecast });
    switch (kind) {
        case 'yesterday':
            return both(seasonalNaive(1));
        case 'seasonal':
            return both(seasonalNaive(7));
        case 'smoothing':
            return both(exponentialSmoothing(SHARE));
        case 'clear-sky':
            return { load: exponentialSmoothing(SHARE), pv: clearSky(place) };
    }
}

/** Where a community stands: the middle of its homes. */
export function placeOf({ organisations }: Topology): Place {
    const points = organisations.flatMap(({ home }) => (home === undefined ? [] : [home.connection.point]));
    const mean = (of: keyof Place): number => points.reduce((sum, point) => sum + point[of], 0) / points.length;
    return { latitude: mean('latitude'), longitude: mean('longitude') };
}
