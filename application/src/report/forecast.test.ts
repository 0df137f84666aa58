import { expect, test } from '@jest/globals';
import { forecastSummary, forecastText } from './forecast';

test.each([
    {
        kind: 'perfect',
        errors: { load: { mae: 0, bias: 0 }, pv: { mae: 0, bias: 0 } },
        text: 'Forecast: every home knew its day.',
    },
    {
        kind: 'clear-sky',
        errors: { load: { mae: 80.24, bias: 1.26 }, pv: { mae: 59.3, bias: -4.41 } },
        text: 'Forecast by clear-sky; mean absolute error in a quarter of an hour: load 80.2 Wh (bias +1.3), generation 59.3 Wh (bias -4.4).',
    },
    {
        kind: 'smoothing',
        errors: { load: { mae: 1, bias: 0 }, pv: undefined },
        text: 'Forecast by smoothing; mean absolute error in a quarter of an hour: load 1 Wh (bias 0).',
    },
] as const)('a forecast by $kind is told with its error', ({ kind, errors, text }) => {
    expect(forecastText(forecastSummary(kind, errors))).toBe(text);
});
