import { MOST_ROWS } from '../model';
import type { SqlRow } from '../sql/database';

/** A column that is never null in the table. @throws Error where it is: the query does not fit the table */
export function text(row: SqlRow, column: string): string {
    const value = row[column];
    if (typeof value !== 'string') {
        throw new Error(`column ${column} is no text`);
    }
    return value;
}

export function integer(row: SqlRow, column: string): number {
    const value = row[column];
    if (typeof value !== 'number') {
        throw new Error(`column ${column} is no whole number`);
    }
    return value;
}

export function textOrNull(row: SqlRow, column: string): string | null {
    return row[column] === null ? null : text(row, column);
}

export function integerOrNull(row: SqlRow, column: string): number | null {
    return row[column] === null ? null : integer(row, column);
}

export const flagged = (row: SqlRow, column: string): boolean => integer(row, column) !== 0;

/** What the projections themselves wrote as JSON. */
export function json(row: SqlRow, column: string): unknown {
    return JSON.parse(text(row, column));
}

/** A limit that somebody asked for, within what one answer holds. */
export function limited(asked: number): number {
    return Number.isFinite(asked) ? Math.max(0, Math.min(MOST_ROWS, Math.floor(asked))) : MOST_ROWS;
}

/** A number that somebody asked for, as databases take it: whatever is none is below all. */
export function whole(asked: number): number {
    if (asked === Infinity) {
        return Number.MAX_SAFE_INTEGER;
    }
    return Number.isSafeInteger(asked) ? asked : -1;
}
