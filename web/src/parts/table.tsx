import type { ComponentChildren, JSX } from 'preact';

export interface Column<Row> {
    readonly title: string;
    readonly cell: (row: Row) => ComponentChildren;
    readonly isNumber?: boolean;
    /** Sentences: wide enough to be read. */
    readonly isText?: boolean;
}

interface TableProps<Row> {
    readonly caption: string;
    readonly columns: readonly Column<Row>[];
    readonly rows: readonly Row[];
    readonly keyOf: (row: Row) => string | number;
    /** Shown above the table; otherwise for screen readers alone. */
    readonly isCaptionShown?: boolean;
}

/** A table that scrolls by itself where the screen is narrow, by keyboard too. The first column names the row. */
export function Table<Row>({ caption, columns, rows, keyOf, isCaptionShown = false }: TableProps<Row>): JSX.Element {
    const side = ({ isNumber = false, isText = false }: Column<Row>): string =>
        isNumber ? 'number' : isText ? 'text' : '';
    return (
        <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
            <table>
                <caption class={isCaptionShown ? '' : 'sr'}>{caption}</caption>
                <thead>
                    <tr>
                        {columns.map((column) => (
                            <th key={column.title} scope="col" class={side(column)}>
                                {column.title}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {rows.map((row) => (
                        <tr key={keyOf(row)}>
                            {columns.map((column, index) =>
                                index === 0 ? (
                                    <th key={column.title} scope="row" class={side(column)}>
                                        {column.cell(row)}
                                    </th>
                                ) : (
                                    <td key={column.title} class={side(column)}>
                                        {column.cell(row)}
                                    </td>
                                ),
                            )}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
