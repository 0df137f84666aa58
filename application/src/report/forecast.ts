import type { ForecastErrors } from '../schedule/forecast/expected-day';
import type { ForecastError } from '../schedule/forecast/forecast';
import type { ForecastKind } from '../schedule/forecast/kinds';

/** What agents went by, and its error, Wh in a quarter of an hour: mean of all homes with such a meter. */
export interface ForecastSummary {
    readonly kind: ForecastKind;
    readonly load: ForecastErrorSummary | null;
    readonly pv: ForecastErrorSummary | null;
}

export interface ForecastErrorSummary {
    readonly maeWh: number;
    /** Above 0: too much was expected. */
    readonly biasWh: number;
}

export const forecastSummary = (kind: ForecastKind, { load, pv }: ForecastErrors): ForecastSummary => ({
    kind,
    load: errorSummary(load),
    pv: errorSummary(pv),
});

const errorSummary = (error: ForecastError | undefined): ForecastErrorSummary | null =>
    error === undefined ? null : { maeWh: tenths(error.mae), biasWh: tenths(error.bias) };
const tenths = (of: number): number => Math.round(of * 10) / 10;

export function forecastText({ kind, load, pv }: ForecastSummary): string {
    if (kind === 'perfect') {
        return 'Forecast: every home knew its day.';
    }
    const error = (what: string, of: ForecastErrorSummary | null): string[] =>
        of === null ? [] : [`${what} ${of.maeWh} Wh (bias ${of.biasWh > 0 ? '+' : ''}${of.biasWh})`];
    const errors = [...error('load', load), ...error('generation', pv)].join(', ');
    return `Forecast by ${kind}; mean absolute error in a quarter of an hour: ${errors}.`;
}
