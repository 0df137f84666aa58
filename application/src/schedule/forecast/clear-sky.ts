import { getPosition } from 'suncalc';
import { SLOT_SECONDS } from '../../data/zone';
import { lastDay, sameTime, wholeDay, type CalendarDay, type Forecast, type MeteredDay } from './forecast';

/** In degrees. */
export interface Place {
    readonly latitude: number;
    readonly longitude: number;
}

/** Days from which the roof is learned: long enough for a clear hour at each time of day, short enough for the sun to stay on its path. */
const ROOF_DAYS = 14;

/**
 * The sun's path times yesterday's clearness: with s(d, t) the beam of a clear sky on level ground,
 *
 *     roof(t)   = max over the last 14 days of x(d, t) / s(d, t)      what a clear sky brings at that time: size, tilt, shade
 *     clear(d)  = Σ x(d, t) / Σ roof(t)·s(d, t)
 *     x̂(d, t)   = clear(d − 1) · roof(t) · s(d, t)
 *     s         = 1.353 · 0.7^(AM^0.678) · sin(altitude) kW/m²,  AM = 1/sin(altitude)   (Meinel and Meinel, "Applied solar energy", 1976)
 *
 * with the sun's place from suncalc. Persistence of the clearness index is the usual yardstick of solar forecasts (Pedro and Coimbra, 2012).
 */
export function clearSky(place: Place): Forecast {
    return {
        name: "the sun's path with yesterday's clearness",
        predict: (history, day) =>
            Promise.resolve().then(() => {
                const yesterday = lastDay(history);
                const past = history.slice(-ROOF_DAYS).map((metered) => ({ metered, sun: sunOn(metered, place) }));
                const roof = (slot: number, of: CalendarDay): number =>
                    past.reduce((most, { metered, sun }) => {
                        const other = sameTime(slot, of, metered);
                        return Math.max(most, ratio(Number(metered.energies[other] ?? 0n), sun[other] ?? 0));
                    }, 0);
                const [then, now] = [sunOn(yesterday, place), sunOn(day, place)];
                const clear = ratio(
                    total(yesterday),
                    then.reduce((sum, s, slot) => sum + roof(slot, yesterday) * s, 0),
                );
                return wholeDay(day, (slot) => clear * roof(slot, day) * (now[slot] ?? 0));
            }),
    };
}

const total = ({ energies }: MeteredDay): number => Number(energies.reduce((sum, energy) => sum + energy, 0n));

/** Below a hundredth of a clear noon the quotient says more about the rounding of whole Wh than about the roof. */
const LEAST_SUN = 0.01;
const ratio = (energy: number, sun: number): number => (sun > LEAST_SUN ? energy / sun : 0);

/** kW/m² of a clear sky on level ground, by slot. */
function sunOn({ firstSlot, slotCount }: CalendarDay, { latitude, longitude }: Place): number[] {
    return Array.from({ length: slotCount }, (_, slot) => {
        const middle = new Date(((firstSlot + slot) * SLOT_SECONDS + SLOT_SECONDS / 2) * 1000);
        const height = Math.sin((getPosition(middle, latitude, longitude).altitude * Math.PI) / 180);
        return height > 0 ? 1.353 * 0.7 ** ((1 / height) ** 0.678) * height : 0;
    });
}
