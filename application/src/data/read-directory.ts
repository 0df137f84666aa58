import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { csvTable } from './csv-table';
import { InputError } from './input-error';
import type { HomeRegisters, MeterDay } from './meter-day';
import { powerSeries, type PowerSeries } from './power-series';
import { cumulativeRegister, type NanoKilowatts } from './registers';
import type { SampleHome } from './sample';
import { clockAround, isDay, localTime, slotsOfDay, zoneNamed, type Zone } from './zone';

/** Real data come without a zone, 96 lines each day, also when clocks change: a clock that stands still. */
export const DEFAULT_ZONE = 'UTC+01:00';

export interface FolderRequest {
    readonly directory: string;
    readonly homes: readonly SampleHome[];
    readonly zone?: string;
}

export interface DayRequest extends FolderRequest {
    readonly day: string;
}

/** A folder with data of a community: each day that is in it. */
export interface DataFolder {
    /** @throws InputError naming file, line and column where the whole day is not in it. */
    on(day: string): MeterDay;
    /** Whether the whole day is in both files. */
    has(day: string): boolean;
}

/**
 * `load.csv` and `pv.csv` (mean kW per quarter hour; the columns are homes), read once. Registers count from the
 * beginning of the file, as a meter would. Throws `InputError` naming file, line and column.
 */
export function openDirectory({ directory, homes, zone: zoneName = DEFAULT_ZONE }: FolderRequest): DataFolder {
    const zone = zoneNamed(zoneName);
    if (zone === undefined) {
        throw new InputError(
            { file: '--zone' },
            `'${zoneName}' is no zone; write UTC+01:00 or a name as Europe/Berlin`,
        );
    }
    const namesOf = (chosen: readonly SampleHome[]): string[] => chosen.map(({ home }) => home);
    const series = {
        load: readSeries(join(directory, 'load.csv'), namesOf(homes.filter((home) => home.consumes)), zone),
        generation: readSeries(join(directory, 'pv.csv'), namesOf(homes.filter((home) => home.generates)), zone),
    };
    return {
        on: (day) => {
            const { first, count } = slotsOfDay(zone, day);
            const cut = (from: PowerSeries & { file: string }, home: string): bigint[] => {
                const powers = from.powers.get(home);
                return powers === undefined
                    ? Array.from({ length: count + 1 }, () => 0n)
                    : window(from, powers, day, zone);
            };
            const registers = homes.map(({ home }): HomeRegisters => ({
                home,
                consumed: cut(series.load, home),
                produced: cut(series.generation, home),
            }));
            return {
                day,
                source: directory,
                zone: zone.name,
                clock: clockAround(zone, day),
                firstSlot: first,
                slotCount: count,
                homes: registers,
            };
        },
        has: (day) => {
            const { first, count } = slotsOfDay(zone, day);
            return [series.load, series.generation].every(
                ({ firstSlot, slotCount }) => first >= firstSlot && first + count <= firstSlot + slotCount,
            );
        },
    };
}

/** A day out of a folder. Throws `InputError` naming file, line and column. */
export function readDay({ day, ...folder }: DayRequest): MeterDay {
    if (!isDay(day)) {
        throw new InputError({ file: '--day' }, `'${day}' is not a day; write it as 2014-10-03`);
    }
    return openDirectory(folder).on(day);
}

function readSeries(file: string, homes: readonly string[], zone: Zone): PowerSeries & { file: string } {
    return { file, ...powerSeries(csvTable(file, textOf(file)), homes, zone) };
}

function textOf(file: string): string {
    try {
        return readFileSync(file, 'utf8');
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new InputError({ file }, `cannot be read (${why}); --data names a folder with load.csv and pv.csv`);
    }
}

/** The register at the boundaries of the day's slots. */
function window(
    { file, firstSlot, slotCount }: PowerSeries & { file: string },
    powers: readonly NanoKilowatts[],
    day: string,
    zone: Zone,
): bigint[] {
    const { first, count } = slotsOfDay(zone, day);
    const begin = first - firstSlot;
    if (begin < 0 || begin + count > slotCount) {
        const [from, to] = [localTime(zone, firstSlot), localTime(zone, firstSlot + slotCount - 1)];
        throw new InputError({ file }, `the whole of ${day} is not in the file: it goes from ${from} to ${to}`);
    }
    return cumulativeRegister(powers.slice(0, begin + count)).slice(begin);
}
