import { writeFileSync } from 'node:fs';
import { slot as slotNumber } from '@commonwatt/chaincode/domain/slot';
import { InputError } from '../../data/input-error';
import { clockAround, dayAfter, isDay, slotsOfDay } from '../../data/zone';
import { readingsCsv } from '../../meters/files/csv-out';
import type { ExportedSlot } from '../../meters/files/exported';
import { greenButtonXml } from '../../meters/files/green-button-out';
import type { MeterStore } from '../../meters/meter-store';
import type { SlotRange } from '../../meters/register-reading';
import { print } from '../context';
import { EXIT, NotNow } from '../failure';
import { say, withStore, zoneOf, type MeterOptions } from './shown';

export const EXPORT_FORMATS = ['csv', 'green-button'] as const;

export interface MeterExportOptions extends MeterOptions {
    readonly format: (typeof EXPORT_FORMATS)[number];
    readonly from: string;
    readonly to?: string;
    readonly zone: string;
    readonly output?: string;
}

/** What the household's own meter has shown, by quarter hours, on standard output or in a file that only its owner reads. */
export async function meterExport(home: string, options: MeterExportOptions): Promise<number> {
    const zone = zoneOf(options.zone);
    const { from, to = from } = options;
    for (const [name, day] of Object.entries({ from, to })) {
        if (!isDay(day)) {
            throw new InputError({ file: `--${name}` }, `'${day}' is not a day; write it as 2014-10-03`);
        }
    }
    if (to < from) {
        throw new InputError({ file: '--to' }, `${to} is before ${from}`);
    }
    const first = slotsOfDay(zone, from).first;
    const range = { firstSlot: first, slotCount: slotsOfDay(zone, dayAfter(to)).first - first };
    const slots = await withStore(home, options, (store) => exportedSlots(store, range));
    if (slots.length === 0) {
        throw new NotNow(
            `the meter of ${home} says nothing from ${from} to ${to}; \`commonwatt meter import\` adds readings`,
        );
    }
    if (slots.length < range.slotCount) {
        say(`${range.slotCount - slots.length} of ${range.slotCount} quarter hours are not known and left out`);
    }
    const clock = clockAround(zone, to).map(({ fromSlot, offsetMinutes }) => ({
        fromSlot: slotNumber(fromSlot),
        offsetMinutes,
    }));
    const readings = { household: home, clock, slots };
    const last = range.firstSlot + range.slotCount;
    put(options.format === 'csv' ? readingsCsv(readings) : greenButtonXml(readings, last * 900), options.output);
    return EXIT.done;
}

/** What is known of the slots; a gap's parts are an even share of it. */
function exportedSlots(store: MeterStore, range: SlotRange): ExportedSlot[] {
    return store
        .slotEnergies(range)
        .filter(({ kind }) => kind !== 'unknown')
        .map(({ slot, importWh, exportWh, kind }) => ({
            slot,
            importWh,
            exportWh,
            quality: kind === 'gap' ? 'interpolated' : 'metered',
        }));
}

function put(text: string, file: string | undefined): void {
    if (file === undefined) {
        print(text.trimEnd());
    } else {
        writeFileSync(file, text, { mode: 0o600 });
        say(`${file} is written`);
    }
}
