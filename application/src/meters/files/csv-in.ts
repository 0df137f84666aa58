import { csvTable, type CsvRow, type CsvTable } from '../../data/csv-table';
import { InputError } from '../../data/input-error';
import type { Zone } from '../../data/zone';
import { registerWh, type EnergyUnit } from '../energy-quantity';
import type { IntervalReading, RegisterName, RegisterReading } from '../register-reading';
import { momentsAt } from './local-moments';

export interface FileReadings {
    readonly registers: readonly RegisterReading[];
    readonly intervals: readonly IntervalReading[];
    /** What of the file was left out, and why. */
    readonly notes: readonly string[];
}

interface Column {
    readonly name: string;
    readonly register: RegisterName;
    readonly unit: EnergyUnit;
}

const COLUMNS = (verb: { import: string; export: string }): Column[] =>
    (['import', 'export'] as const).flatMap((register) =>
        (['Wh', 'kWh'] as const).map((unit) => ({ name: `${verb[register]}_${unit.toLowerCase()}`, register, unit })),
    );
const TOTALS = COLUMNS({ import: 'import', export: 'export' });
const ENERGIES = COLUMNS({ import: 'imported', export: 'exported' });

/**
 * Totals at times (`time,import_wh,export_wh`) or energies between times (`from,to,imported_wh,exported_wh`, which is what an export has); `_kwh` in
 * the place of `_wh` is understood too. Times with a distance from UTC are what they say; others are of the zone's clock.
 */
export function readCsv(file: string, text: string, meterId: string, zone: Zone): FileReadings {
    const table = csvTable(file, text);
    const moments = new Moments(file, zone);
    const made = { meterId, source: file };
    if (table.columns.includes('time')) {
        const columns = columnsIn(table, TOTALS);
        const registers = table.rows.flatMap((row) => {
            const at = moments.of(row, 'time');
            return columns.map((column) => ({
                ...made,
                register: column.register,
                at,
                wh: energyIn(file, row, column),
            }));
        });
        return { registers, intervals: [], notes: [] };
    }
    const columns = columnsIn(table, ENERGIES);
    const ends = new Moments(file, zone);
    const intervals = table.rows.flatMap((row) => {
        const [fromAt, toAt] = [moments.of(row, 'from'), ends.of(row, 'to')];
        if (toAt <= fromAt) {
            throw new InputError({ file, line: row.line, column: 'to' }, 'it is not after the time in column from');
        }
        return columns.map((column) => ({
            ...made,
            register: column.register,
            fromAt,
            toAt,
            wh: energyIn(file, row, column),
        }));
    });
    return { registers: [], intervals, notes: [] };
}

function columnsIn({ file, columns }: CsvTable, known: readonly Column[]): Column[] {
    const found = known.filter(({ name }) => columns.includes(name));
    const twice = found.find((one) => found.some((other) => other !== one && other.register === one.register));
    const missing = ['from', 'to'].find((name) => known === ENERGIES && !columns.includes(name));
    if (found.length === 0 || missing !== undefined) {
        const wanted =
            'time with import_wh and export_wh (totals), or from, to with imported_wh and exported_wh (energies)';
        throw new InputError({ file, line: 1 }, `the headings are ${columns.join(', ')}; there have to be ${wanted}`);
    }
    if (twice !== undefined) {
        throw new InputError({ file, line: 1, column: twice.name }, 'the same is there in another unit');
    }
    return found;
}

function energyIn(file: string, { line, cells }: CsvRow, { name, unit }: Column): bigint {
    const text = cells.get(name) ?? '';
    const wh = registerWh(text, unit);
    if (wh === undefined) {
        throw new InputError({ file, line, column: name }, `'${text}' is not a number of ${unit} from 0 on`);
    }
    return wh;
}

/** Times of one column. Where the clock strikes an hour twice, the lines' order tells which it is. */
class Moments {
    readonly #file: string;
    readonly #zone: Zone;
    #before = -Infinity;

    constructor(file: string, zone: Zone) {
        [this.#file, this.#zone] = [file, zone];
    }

    of({ line, cells }: CsvRow, column: string): number {
        const text = cells.get(column) ?? '';
        const found = momentsAt(text, this.#zone);
        if (found.length === 0) {
            const why = `'${text}' is no time in ${this.#zone.name}; write it as 2025-04-16T12:00:00Z or 2025-04-16 12:00:00`;
            throw new InputError({ file: this.#file, line, column }, why);
        }
        const at = found.find((each) => each > this.#before) ?? found[0] ?? 0;
        this.#before = at;
        return at;
    }
}
