/** One column: its heading and how its cells are set. */
export interface Column {
    readonly title: string;
    readonly align: 'left' | 'right';
}

export const left = (title: string): Column => ({ title, align: 'left' });
export const right = (title: string): Column => ({ title, align: 'right' });

/** Plain text columns, two spaces apart, with a line under the headings and above the last row where it is a sum. */
export function table(
    columns: readonly Column[],
    rows: readonly (readonly string[])[],
    sum?: readonly string[],
): string {
    const all = [columns.map(({ title }) => title), ...rows, ...(sum === undefined ? [] : [sum])];
    const widths = columns.map((_, index) => Math.max(...all.map((row) => (row[index] ?? '').length)));
    const line = (row: readonly string[]): string =>
        columns
            .map(({ align }, index) => {
                const width = widths[index] ?? 0;
                const cell = row[index] ?? '';
                return align === 'left' ? cell.padEnd(width) : cell.padStart(width);
            })
            .join('  ')
            .trimEnd();
    const rule = widths.map((width) => '─'.repeat(width)).join('  ');
    const body = rows.map(line);
    return [
        line(columns.map(({ title }) => title)),
        rule,
        ...body,
        ...(sum === undefined ? [] : [rule, line(sum)]),
    ].join('\n');
}
