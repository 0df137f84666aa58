/** `series`: readings of different series of a register say nothing about the energy between them. */
export const SCHEMA = `
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS reading (
        meter    TEXT    NOT NULL,
        register TEXT    NOT NULL CHECK (register IN ('import', 'export')),
        at       INTEGER NOT NULL CHECK (at >= 0),
        wh       INTEGER NOT NULL CHECK (wh >= 0),
        series   INTEGER NOT NULL,
        source   TEXT    NOT NULL,
        PRIMARY KEY (meter, register, at)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS device (
        meter  TEXT NOT NULL PRIMARY KEY,
        sha256 TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
`;
