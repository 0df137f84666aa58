/** A zone's clock from a slot on. The list that governance keeps is sorted, and its first entry applies to all before. */
export interface ClockChange {
    readonly fromSlot: number;
    /** Local time minus UTC. */
    readonly offsetMinutes: number;
}

export const SLOT_SECONDS = 900;
const SLOTS_PER_DAY = 96;
const FIXED_ZONE = /^UTC(?:([+-])(\d{2}):(\d{2}))?$/;

/** Tells local time: a fixed distance from UTC (`UTC+01:00`), or a named zone (`Europe/Berlin`) with its clock changes. */
export interface Zone {
    readonly name: string;
    /** Local time minus UTC at the start of a slot. */
    offsetMinutes(slot: number): number;
}

/** The zone of that name, or undefined where there is none. */
export function zoneNamed(name: string): Zone | undefined {
    const fixed = FIXED_ZONE.exec(name);
    if (fixed !== null) {
        const minutes = Number(fixed[2] ?? '0') * 60 + Number(fixed[3] ?? '0');
        const offset = fixed[1] === '-' ? -minutes : minutes;
        return minutes <= 14 * 60 ? { name, offsetMinutes: () => offset } : undefined;
    }
    try {
        return namedZone(name);
    } catch {
        return undefined; // Intl throws a RangeError on a name that it does not know.
    }
}

function namedZone(name: string): Zone {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    const known = new Map<number, number>();
    const lookUp = (slot: number): number => {
        const text = format.formatToParts(new Date(slot * SLOT_SECONDS * 1000)).find((p) => p.type === 'timeZoneName');
        const match = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(text?.value ?? 'GMT');
        const minutes = Number(match?.[2] ?? '0') * 60 + Number(match?.[3] ?? '0');
        return match?.[1] === '-' ? -minutes : minutes;
    };
    return {
        name,
        offsetMinutes: (slot) => {
            const offset = known.get(slot) ?? lookUp(slot);
            known.set(slot, offset);
            return offset;
        },
    };
}

/** A slot's start on the zone's clock, `2014-10-03 00:15:00`. */
export function localTime(zone: Zone, slot: number): string {
    const shifted = new Date((slot * SLOT_SECONDS + zone.offsetMinutes(slot) * 60) * 1000);
    return shifted.toISOString().slice(0, 19).replace('T', ' ');
}

/** The slots that start at a local time: none where the clock jumps over it, two where it strikes twice. */
export function slotsAt(zone: Zone, local: string): number[] {
    const asUtc = Date.parse(`${local.replace(' ', 'T')}Z`) / 1000;
    if (!Number.isInteger(asUtc / SLOT_SECONDS)) {
        return [];
    }
    const near = asUtc / SLOT_SECONDS;
    const offsets = [near - SLOTS_PER_DAY, near + SLOTS_PER_DAY].map((slot) => zone.offsetMinutes(slot));
    return [...new Set(offsets.map((minutes) => near - minutes / 15))]
        .filter((slot) => localTime(zone, slot) === local)
        .sort((a, b) => a - b);
}

/** The slots of a local day: 96, or 92 and 100 where the clock changes. */
export function slotsOfDay(zone: Zone, day: string): { readonly first: number; readonly count: number } {
    const start = (date: string): number => {
        const slot = slotsAt(zone, `${date} 00:00:00`)[0];
        if (slot === undefined) {
            throw new RangeError(`${date} does not start at midnight in ${zone.name}`);
        }
        return slot;
    };
    const first = start(day);
    return { first, count: start(dayAfter(day)) - first };
}

/** The clock around a day: its offset, and the changes within a year on either side. */
export function clockAround(zone: Zone, day: string): ClockChange[] {
    const { first } = slotsOfDay(zone, day);
    const reach = 366 * SLOTS_PER_DAY;
    const clock: ClockChange[] = [];
    for (let slot = first - reach; slot <= first + reach; slot++) {
        const offsetMinutes = zone.offsetMinutes(slot);
        if (clock.at(-1)?.offsetMinutes !== offsetMinutes) {
            clock.push({ fromSlot: clock.length === 0 ? 0 : slot, offsetMinutes });
        }
    }
    return clock;
}

export function dayAfter(day: string): string {
    return shiftedDay(day, 1);
}

export function dayBefore(day: string): string {
    return shiftedDay(day, -1);
}

function shiftedDay(day: string, days: number): string {
    return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** True for a day that the calendar has, written `2014-10-03`. */
export function isDay(text: string): boolean {
    const time = Date.parse(`${text}T00:00:00Z`);
    return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
