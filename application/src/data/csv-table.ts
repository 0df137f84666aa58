import { CsvError, parse } from 'csv-parse/sync';
import { InputError } from './input-error';

/** A line of the file by its headings. */
export interface CsvRow {
    readonly line: number;
    readonly cells: ReadonlyMap<string, string>;
}

export interface CsvTable {
    readonly file: string;
    readonly columns: readonly string[];
    readonly rows: readonly CsvRow[];
}

interface ParsedRow {
    readonly record: readonly string[];
    readonly line: number;
}

/** Reads a file with headings in which every line has as many cells as there are headings. Lines count from 1. */
export function csvTable(file: string, text: string): CsvTable {
    const [head, ...rows] = parsed(file, text);
    if (head === undefined) {
        throw new InputError({ file, line: 1 }, 'the file is empty, headings are missing');
    }
    const columns = head.record;
    const repeated = columns.find((column, index) => columns.indexOf(column) !== index);
    if (repeated !== undefined) {
        throw new InputError({ file, line: 1, column: repeated }, 'this heading stands there twice');
    }
    return { file, columns, rows: rows.map((row) => cellsOf(file, columns, row)) };
}

function parsed(file: string, text: string): ParsedRow[] {
    const rows: ParsedRow[] = [];
    const note = (record: string[], { lines }: { readonly lines: number }): string[] => {
        rows.push({ record, line: lines });
        return record;
    };
    try {
        parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true, trim: true, on_record: note });
        return rows;
    } catch (error) {
        if (error instanceof CsvError) {
            throw new InputError({ file, line: Number(error.lines) }, `not readable as CSV: ${error.message}`);
        }
        throw error;
    }
}

function cellsOf(file: string, columns: readonly string[], { record, line }: ParsedRow): CsvRow {
    const firstMissing = columns[record.length];
    if (firstMissing !== undefined) {
        throw new InputError({ file, line, column: firstMissing }, 'the line ends before this column');
    }
    if (record.length > columns.length) {
        const why = `the line has ${record.length} cells, the headings are ${columns.length}`;
        throw new InputError({ file, line, column: String(columns.length + 1) }, why);
    }
    return { line, cells: new Map(columns.map((column, index) => [column, record[index] ?? ''])) };
}
