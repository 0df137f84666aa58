const NUMBER = /^-?\d+(?:\.\d+)?$/;
/** What spreadsheets take for the beginning of a formula, also after white space of some kinds. */
const FORMULA = /^[=+\-@\t\r\n]/;

/**
 * A table as spreadsheets read it. A cell that would be run as a formula is shown as text, with an apostrophe before it; numbers stay numbers.
 */
export function csvText(headings: readonly string[], rows: readonly (readonly string[])[]): string {
    return [headings, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: string): string {
    const harmless = FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
