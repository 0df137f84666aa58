import type { SqlRow } from '../sql/database';
import { TABLES, type ProjectionName, type RowOf } from '../sql/schema';

/** What some blocks do to the projections: of each row what it comes to in the end, however many writes that took. */
export class Changes {
    readonly #tables = new Map<ProjectionName, Map<string, Change>>();

    put<N extends ProjectionName>(name: N, row: RowOf<N>): void {
        this.#of(name).set(this.#keyOf(name, row), { row, isThere: true });
    }

    /** @param key values of the table's key columns */
    remove(name: ProjectionName, key: SqlRow): void {
        this.#of(name).set(this.#keyOf(name, key), { row: key, isThere: false });
    }

    /** What there is to put and to remove, by table. */
    all(): { readonly name: ProjectionName; readonly put: readonly SqlRow[]; readonly gone: readonly SqlRow[] }[] {
        return [...this.#tables].map(([name, changes]) => {
            const rows = [...changes.values()];
            return {
                name,
                put: rows.filter(({ isThere }) => isThere).map(({ row }) => row),
                gone: rows.filter(({ isThere }) => !isThere).map(({ row }) => row),
            };
        });
    }

    #of(name: ProjectionName): Map<string, Change> {
        const known = this.#tables.get(name) ?? new Map<string, Change>();
        this.#tables.set(name, known);
        return known;
    }

    #keyOf(name: ProjectionName, row: SqlRow): string {
        return JSON.stringify(TABLES[name].key.map((column) => row[column]));
    }
}

interface Change {
    readonly row: SqlRow;
    readonly isThere: boolean;
}
