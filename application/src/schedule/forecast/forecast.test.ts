import { describe, expect, it, test } from '@jest/globals';
import { differences } from '../../data/meter-day';
import { sampleDay } from '../../data/sample';
import { clearSky } from './clear-sky';
import { exponentialSmoothing } from './exponential-smoothing';
import { forecastError, sameTime, type MeteredDay } from './forecast';
import { seasonalNaive } from './seasonal-naive';

const dayOf = (number: number, ...energies: number[]): MeteredDay => ({
    day: `2025-04-0${number}`,
    firstSlot: number * 96,
    slotCount: energies.length,
    energies: energies.map(BigInt),
});

const HISTORY = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => dayOf(n, 10 * n, 0, 100));
const NEXT = { day: '2025-04-09', firstSlot: 9 * 96, slotCount: 3 };

test.each([
    { forecast: seasonalNaive(1), history: HISTORY, predicted: [80n, 0n, 100n] },
    { forecast: seasonalNaive(7), history: HISTORY, predicted: [20n, 0n, 100n] },
    { forecast: seasonalNaive(7), history: HISTORY.slice(5), predicted: [80n, 0n, 100n] },
    { forecast: exponentialSmoothing(0.5), history: HISTORY.slice(5), predicted: [73n, 0n, 100n] },
    { forecast: exponentialSmoothing(1), history: HISTORY, predicted: [80n, 0n, 100n] },
])('$forecast.name predicts $predicted', async ({ forecast, history, predicted }) => {
    expect(await forecast.predict(history, NEXT)).toEqual(predicted);
});

test.each([seasonalNaive(1), exponentialSmoothing(0.3), clearSky({ latitude: 48, longitude: 8 })])(
    '$name says when there is nothing to predict from',
    async (forecast) => {
        await expect(forecast.predict([], NEXT)).rejects.toThrow('the history is empty');
    },
);

describe('where the clock changes', () => {
    const [spring, plain, autumn] = [92, 96, 100].map((slotCount) => ({ day: '', firstSlot: 0, slotCount }));

    it.each([
        { what: 'an hour after midnight', slot: 4, from: plain, to: spring, other: 4 },
        { what: 'noon on the short day', slot: 48, from: plain, to: spring, other: 44 },
        { what: 'noon on the long day', slot: 48, from: plain, to: autumn, other: 52 },
        { what: 'the last quarter after the long day', slot: 95, from: plain, to: autumn, other: 99 },
        { what: 'noon of the long day the day before', slot: 52, from: autumn, to: plain, other: 48 },
    ])('$what meets the same local time', ({ slot, from, to, other }) => {
        expect(from && to && sameTime(slot, from, to)).toBe(other);
    });
});

test('an error has a size and a side', () => {
    expect(forecastError([5n, 1n, 0n, 4n], [1n, 1n, 2n, 4n])).toEqual({ mae: 1.5, bias: 0.5 });
});

describe("the sun's path", () => {
    const home = { home: 'H1', consumes: false, generates: true };
    const days = ['2025-04-10', '2025-04-11', '2025-04-12', '2025-04-13', '2025-04-14'].map((day): MeteredDay => {
        const { firstSlot, slotCount, homes } = sampleDay([home], day);
        return { day, firstSlot, slotCount, energies: differences(homes[0]?.produced ?? []) };
    });
    const last = days.at(-1) as MeteredDay;
    const forecast = clearSky({ latitude: 48, longitude: 7.85 });

    it('predicts a generated day better than yesterday does, and nothing at night', async () => {
        const predicted = await forecast.predict(days.slice(0, -1), last);
        const naive = await seasonalNaive(1).predict(days.slice(0, -1), last);
        expect(forecastError(predicted, last.energies).mae).toBeLessThan(forecastError(naive, last.energies).mae);
        expect(predicted.slice(0, 16).every((energy) => energy === 0n)).toBe(true);
    });

    it('halves a day after a day of half the sun', async () => {
        const half = { ...(days[3] as MeteredDay), energies: (days[3]?.energies ?? []).map((energy) => energy / 2n) };
        const history = days.slice(0, 3);
        const [whole, halved] = await Promise.all([
            forecast.predict([...history, days[3] as MeteredDay], last),
            forecast.predict([...history, half], last),
        ]);
        const sum = (energies: readonly bigint[]): number => Number(energies.reduce((all, each) => all + each, 0n));
        expect(sum(halved) / sum(whole)).toBeGreaterThan(0.45);
        expect(sum(halved) / sum(whole)).toBeLessThan(0.6);
    });
});
