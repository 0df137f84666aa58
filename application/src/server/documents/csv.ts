/** What a spreadsheet takes for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
/** Numbers may begin with a minus. */
const NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * A cell as RFC 4180 writes it. Text that a spreadsheet would work out as a formula has an apostrophe before it, which says there that it is text.
 */
export function cell(text: string): string {
    const harmless = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
    return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** With the lines' ends that RFC 4180 asks for. */
export const csv = (rows: readonly (readonly string[])[]): string =>
    rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
