import { dayOf, localTime, slot as slotNumber, slotEnd, slotStart } from '@commonwatt/chaincode/domain/slot';
import { csvText } from '../../data/csv-text';
import type { ReadingsExport } from './exported';

const HEADINGS = ['from', 'to', 'day', 'local_time', 'imported_wh', 'exported_wh', 'net_wh', 'quality'];

/** A line for each slot: times in UTC, which never repeat, and as local clocks show them. */
export function readingsCsv({ clock, slots }: ReadingsExport): string {
    return csvText(
        HEADINGS,
        slots.map(({ slot, importWh, exportWh, quality }) => {
            const of = slotNumber(slot);
            return [
                instant(slotStart(of)),
                instant(slotEnd(of)),
                dayOf(of, clock).day,
                localTime(of, clock),
                importWh.toString(),
                exportWh.toString(),
                (exportWh - importWh).toString(),
                quality,
            ];
        }),
    );
}

const instant = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
