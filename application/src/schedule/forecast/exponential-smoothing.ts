import { lastDay, sameTime, wholeDay, type Forecast } from './forecast';

/**
 * A level for each time of the day, smoothed from day to day: l(d, t) = share·x(d, t) + (1 − share)·l(d − 1, t), and x̂(d + 1, t) = l(d, t)
 * (simple exponential smoothing by season: Hyndman and Athanasopoulos, "Forecasting: principles and practice", 8.1). The level begins with
 * the first day of the history.
 */
export function exponentialSmoothing(share: number): Forecast {
    if (!(share > 0 && share <= 1)) {
        throw new RangeError(`${share} is no share between 0 and 1`);
    }
    return {
        name: `smoothed by ${share}`,
        predict: (history, day) =>
            Promise.resolve().then(() => {
                lastDay(history);
                return wholeDay(day, (slot) =>
                    history.reduce<number>((level, past, index) => {
                        const metered = Number(past.energies[sameTime(slot, day, past)] ?? 0n);
                        return index === 0 ? metered : share * metered + (1 - share) * level;
                    }, 0),
                );
            }),
    };
}
