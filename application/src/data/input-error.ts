/** Where in a file something is wrong: counted from 1, the column by its heading. */
export interface Place {
    readonly file: string;
    readonly line?: number;
    readonly column?: string;
}

/** What somebody gave us cannot be used. The message says where, why, and what to do about it. */
export class InputError extends Error {
    override readonly name = 'InputError';

    constructor(
        readonly place: Place,
        readonly why: string,
    ) {
        super(`${describe(place)}: ${why}`);
    }
}

function describe({ file, line, column }: Place): string {
    return [file, line === undefined ? [] : `line ${line}`, column === undefined ? [] : `column ${column}`]
        .flat()
        .join(', ');
}
