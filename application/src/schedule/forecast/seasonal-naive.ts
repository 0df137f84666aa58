import { lastDay, sameTime, wholeDay, type Forecast } from './forecast';

/**
 * What the same time brought `period` days before (1: yesterday; 7: the same weekday), or yesterday while there is no such day: x̂(d, t) = x(d − period, t).
 * The yardstick for every other forecast (Hyndman and Athanasopoulos, "Forecasting: principles and practice", 5.2).
 */
export function seasonalNaive(period: 1 | 7): Forecast {
    return {
        name: period === 1 ? 'yesterday' : 'the same weekday',
        predict: (history, day) =>
            Promise.resolve().then(() => {
                const before = history.at(-period) ?? lastDay(history);
                return wholeDay(day, (slot) => Number(before.energies[sameTime(slot, day, before)] ?? 0n));
            }),
    };
}
