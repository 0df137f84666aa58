/** `?`: may be null. */
export type ColumnType = 'integer' | 'text' | 'integer?' | 'text?';

/** A table as both databases are told to make it. */
export interface Table {
    readonly name: string;
    readonly columns: Readonly<Record<string, ColumnType>>;
    readonly key: readonly string[];
    /** Each a list of columns, with a condition that rows must meet to be in it. */
    readonly indexes: readonly { readonly columns: readonly string[]; readonly where?: string }[];
}

/** How a database writes down what a table is. */
export interface Dialect {
    readonly integer: string;
    readonly text: string;
    /** The table's name where it lies. */
    readonly nameOf: (table: string) => string;
}

/** Statements that make a table and its indexes where they are not there. Names are ours, never anybody's input. */
export function creationOf(table: Table, { integer, text, nameOf }: Dialect): string[] {
    const columns = Object.entries(table.columns).map(([name, type]) => {
        const sql = type.startsWith('integer') ? integer : text;
        return `"${name}" ${sql}${type.endsWith('?') ? '' : ' NOT NULL'}`;
    });
    const key = `PRIMARY KEY (${quoted(table.key)})`;
    return [
        `CREATE TABLE IF NOT EXISTS ${nameOf(table.name)} (${[...columns, key].join(', ')})`,
        ...table.indexes.map(({ columns: indexed, where }, i) => {
            const condition = where === undefined ? '' : ` WHERE ${where}`;
            return `CREATE INDEX IF NOT EXISTS "${table.name}_${i}" ON ${nameOf(table.name)} (${quoted(indexed)})${condition}`;
        }),
    ];
}

export function quoted(names: readonly string[]): string {
    return names.map((name) => `"${name}"`).join(', ');
}

/** What stands after the conflict of a row with another of its key: the new one's values. */
export function replacement(table: Table): string {
    const rest = Object.keys(table.columns).filter((name) => !table.key.includes(name));
    const action =
        rest.length === 0 ? 'NOTHING' : `UPDATE SET ${rest.map((name) => `"${name}" = excluded."${name}"`).join(', ')}`;
    return `ON CONFLICT (${quoted(table.key)}) DO ${action}`;
}

/** `{rounds}` in a query's text, as a database names it. */
export function named(text: string, nameOf: Dialect['nameOf']): string {
    return text.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => nameOf(name));
}
