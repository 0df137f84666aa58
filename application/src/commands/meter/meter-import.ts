import { readFileSync, statSync } from 'node:fs';
import { InputError } from '../../data/input-error';
import { readCsv, type FileReadings } from '../../meters/files/csv-in';
import { MOST_FILE_BYTES, readGreenButton } from '../../meters/files/green-button-in';
import type { MeterStore } from '../../meters/meter-store';
import { P1Reader } from '../../meters/p1/p1-source';
import type { Appended, RegisterReading } from '../../meters/register-reading';
import { calmNotes, storeSink, tellContradictions } from '../../meters/sink';
import { print } from '../context';
import { EXIT } from '../failure';
import { meterOf, say, withStore, zoneOf, type MeterOptions } from './shown';

export const FILE_FORMATS = ['csv', 'green-button', 'p1'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

export interface MeterImportOptions extends MeterOptions {
    readonly format?: FileFormat;
    readonly zone: string;
}

/** Puts what a file says into the household's own store. Importing it again changes nothing. */
export async function meterImport(home: string, file: string, options: MeterImportOptions): Promise<number> {
    const meter = meterOf(options);
    const zone = zoneOf(options.zone);
    const text = textOf(file);
    const name = file === '-' ? 'standard input' : file;
    const format = options.format ?? formatOf(text);
    const result = await withStore(home, options, (store): Appended => {
        if (format === 'p1') {
            return importTelegrams(store, meter, name, text);
        }
        const read = format === 'csv' ? readCsv(name, text, meter, zone) : readGreenButton(name, text, meter);
        read.notes.forEach(say);
        return importReadings(store, read);
    });
    tellContradictions(result, say);
    const { added, repeated, contradicted } = result;
    print(
        options.json === true
            ? JSON.stringify({ added, repeated, contradicted: contradicted.length })
            : `${added} readings added, ${repeated} were there already, ${contradicted.length} contradict what is there`,
    );
    return contradicted.length === 0 ? EXIT.done : EXIT.refused;
}

function importReadings(store: MeterStore, { registers, intervals }: FileReadings): Appended {
    const [one, other] = [store.append(registers), store.appendIntervals(intervals)];
    return {
        added: one.added + other.added,
        repeated: one.repeated + other.repeated,
        contradicted: [...one.contradicted, ...other.contradicted],
    };
}

function importTelegrams(store: MeterStore, meterId: string, name: string, text: string): Appended {
    const readings: RegisterReading[] = [];
    const notes = calmNotes(say);
    const sink = (more: readonly RegisterReading[]): void => {
        readings.push(...more);
    };
    const isSame = (equipment: string): boolean => store.isSameDevice(meterId, equipment);
    const reader = new P1Reader({ meterId, source: name, isSame }, { sink, notes });
    reader.push(Buffer.from(text, 'latin1'), false);
    if (reader.counts.kept === 0) {
        throw new InputError({ file: name }, `it has no telegram that can be used (${reader.counts.dropped} cannot)`);
    }
    let result: Appended = { added: 0, repeated: 0, contradicted: [] };
    const keep = storeSink(
        {
            append: (wanted) => {
                result = store.append(wanted);
                return result;
            },
        },
        () => undefined,
    );
    keep(readings);
    return result;
}

function textOf(file: string): string {
    try {
        if (file !== '-' && statSync(file).size > MOST_FILE_BYTES) {
            throw new InputError({ file }, `it has more than ${MOST_FILE_BYTES} bytes; import it in parts`);
        }
        const bytes = readFileSync(file === '-' ? 0 : file);
        // Telegrams have a checksum over bytes: they are read as they are.
        return bytes[0] === 0x2f ? bytes.toString('latin1') : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (error) {
        if (error instanceof InputError) {
            throw error;
        }
        throw new InputError({ file }, `cannot be read (${error instanceof Error ? error.message : String(error)})`);
    }
}

/** Files tell what they are by how they begin. */
function formatOf(text: string): FileFormat {
    const begin = text.trimStart().charAt(0);
    return begin === '<' ? 'green-button' : begin === '/' ? 'p1' : 'csv';
}
