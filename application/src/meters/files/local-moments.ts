import { isDay, SLOT_SECONDS, type Zone } from '../../data/zone';

const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})$/;
const LOCAL = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?$/;
const DAY_SECONDS = 86_400;

/** The moments that a text names, in unix seconds: one with a distance from UTC; on the zone's clock none where it jumps, two where it strikes twice. */
export function momentsAt(text: string, zone: Zone): number[] {
    if (!isDay(text.slice(0, 10))) {
        return [];
    }
    if (INSTANT.test(text)) {
        return whole(Date.parse(text.replace(' ', 'T')) / 1000);
    }
    const shown = LOCAL.test(text) ? Date.parse(`${text.replace(' ', 'T')}Z`) / 1000 : Number.NaN;
    const offsetAt = (at: number): number => zone.offsetMinutes(Math.floor(at / SLOT_SECONDS)) * 60;
    const near = whole(shown).flatMap((at) => [offsetAt(at - DAY_SECONDS), offsetAt(at + DAY_SECONDS)]);
    return [...new Set(near.map((offset) => shown - offset))]
        .filter((at) => at + offsetAt(at) === shown)
        .sort((one, other) => one - other);
}

const whole = (at: number): number[] => (Number.isSafeInteger(at) && at >= 0 ? [at] : []);
