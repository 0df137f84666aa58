import type { CsvRow, CsvTable } from './csv-table';
import { InputError } from './input-error';
import { nanoKilowatts, type NanoKilowatts } from './registers';
import { localTime, slotsAt, type Zone } from './zone';

const TIME_COLUMN = 'Datetime';

/** Mean powers per quarter hour, without a gap, from `firstSlot` on. */
export interface PowerSeries {
    readonly firstSlot: number;
    readonly powers: ReadonlyMap<string, readonly NanoKilowatts[]>;
    readonly slotCount: number;
}

/**
 * The powers of `homes` in a table with a `Datetime` column (start of the quarter hour on the zone's clock). Every line
 * must be the quarter hour after the one before, clock changes shown as the zone makes them: an hour missing in
 * spring, one repeated in autumn. Nothing is guessed or filled in.
 */
export function powerSeries(table: CsvTable, homes: readonly string[], zone: Zone): PowerSeries {
    checkColumns(table, homes);
    const firstSlot = checkTimes(table, zone);
    const powers = homes.map((home) => [home, table.rows.map((row) => powerIn(table, row, home))] as const);
    return { firstSlot, slotCount: table.rows.length, powers: new Map(powers) };
}

function checkColumns({ file, columns }: CsvTable, homes: readonly string[]): void {
    for (const column of [TIME_COLUMN, ...homes]) {
        if (!columns.includes(column)) {
            const there = `there are ${columns.join(', ')}`;
            throw new InputError({ file, line: 1, column }, `this column is missing; ${there}`);
        }
    }
    const stranger = columns.find((column) => column !== TIME_COLUMN && !homes.includes(column));
    if (stranger !== undefined) {
        const why = 'no home of the community has this name and such a meter: correct the heading or the community';
        throw new InputError({ file, line: 1, column: stranger }, why);
    }
}

function checkTimes({ file, rows }: CsvTable, zone: Zone): number {
    const [head] = rows;
    if (head === undefined) {
        throw new InputError({ file, line: 2 }, 'there are headings but no data');
    }
    const [first] = slotsAt(zone, timeOf(head));
    if (first === undefined) {
        const why = `'${timeOf(head)}' is not the start of a quarter hour in ${zone.name} (YYYY-MM-DD HH:MM:SS)`;
        throw new InputError({ file, line: head.line, column: TIME_COLUMN }, why);
    }
    rows.forEach((row, index) => {
        const slot = first + index;
        if (timeOf(row) !== localTime(zone, slot)) {
            throw new InputError({ file, line: row.line, column: TIME_COLUMN }, whyNot(zone, slot, timeOf(row)));
        }
    });
    return first;
}

function timeOf(row: CsvRow): string {
    return row.cells.get(TIME_COLUMN) ?? '';
}

/** Why `found` cannot stand where `slot` is due. */
function whyNot(zone: Zone, slot: number, found: string): string {
    const due = localTime(zone, slot);
    const change = zone.offsetMinutes(slot) - zone.offsetMinutes(slot - 1);
    if (change !== 0) {
        const direction = change > 0 ? 'forward' : 'back';
        return (
            `${zone.name} moves its clock ${direction} here to ${due}, but the file goes on with '${found}': it does not ` +
            `show the clock change. If the file's clock stands still, say so with --zone, for example --zone UTC+01:00`
        );
    }
    const there = slotsAt(zone, found);
    if (there.length === 0) {
        return `'${found}' is not the start of a quarter hour in ${zone.name}; ${due} is due`;
    }
    const ahead = (there[0] ?? slot) - slot;
    return ahead > 0
        ? `${ahead} quarter hour(s) are missing: ${due} is due, the file goes on with ${found}`
        : `${found} stands there again or out of order: ${due} is due`;
}

function powerIn({ file }: CsvTable, row: CsvRow, column: string): NanoKilowatts {
    const text = row.cells.get(column) ?? '';
    const power = nanoKilowatts(text);
    if (power === undefined) {
        const why = `'${text}' is not a power in kW (a decimal number from 0 to 99999 with at most 9 decimals)`;
        throw new InputError({ file, line: row.line, column }, why);
    }
    return power;
}
