import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SECONDS_PER_SLOT } from '@commonwatt/chaincode/domain/slot';
import type { Layout } from '@commonwatt/network/topology/layout';
import type { HomeRegisters } from '../data/meter-day';
import { REGISTER_MODULUS_WH } from '../household/records';
import type { Limits, MeterCounts, Point } from './counting';
import type { Appended, IntervalReading, RegisterName, RegisterReading, SlotRange } from './register-reading';
import { slotEnergies, type SlotEnergy } from './slot-energies';
import { SCHEMA } from './store-schema';

/** What the meter at a household's connection has shown, kept at the household and nowhere else. */
export interface MeterStore {
    /** What is there already is left as it is, so handing in the same again changes nothing. All of it is on the disk when this returns. */
    append(readings: readonly RegisterReading[]): Appended;
    /** Energies instead of totals: they go on from a total that is there for one of their ends, or begin a count of their own. */
    appendIntervals(readings: readonly IntervalReading[]): Appended;
    /** What is known of each slot. */
    slotEnergies(range: SlotRange): SlotEnergy[];
    /**
     * What the two registers show at the slots' ends, counted from the first on; gaps are spread evenly. Undefined where a slot is unknown: which
     * ones, `slotEnergies` says.
     */
    registersOf(home: string, range: SlotRange): HomeRegisters | undefined;
    /** The newest reading of each register of each meter. */
    latest(): RegisterReading[];
    /** Readings from one moment up to before another, in the order of time. */
    readings(fromAt: number, toAt: number): RegisterReading[];
    /** Whether a meter still is the device that first spoke in its name: another one in its place begins at another total. */
    isSameDevice(meterId: string, equipment: string): boolean;
    close(): void;
}

/** A household's file, beside what else its agent keeps to itself. */
export const meterStoreFile = (layout: Layout, home: string): string => join(layout.agentFolder(home), 'meter.sqlite');

export interface MeterStoreOptions {
    readonly modulusWh?: bigint;
    /** More than any home's connection carries: the ledger knows the connection's own limit. */
    readonly fastestW?: bigint;
}

const FASTEST_W = 250_000n;
/** Readings so far around the slots asked for tell where their gaps begin and end. */
const MARGIN_SECONDS = 86_400;
const REGISTERS: readonly RegisterName[] = ['import', 'export'];

/** Several processes may have the same file open: who listens to the meter appends, the agent and the pages read. */
export function openMeterStore(file: string, options: MeterStoreOptions = {}): MeterStore {
    if (file !== ':memory:') {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        closeSync(openSync(file, 'a', 0o600)); // SQLite gives its other files the same mode.
    }
    const database = new DatabaseSync(file, { timeout: 10_000 });
    database.exec(SCHEMA);
    const { modulusWh = REGISTER_MODULUS_WH, fastestW = FASTEST_W } = options;
    return new SqliteMeterStore(database, { modulusWh, fastestW });
}

type Row = Readonly<Record<string, string | bigint>>;

class SqliteMeterStore implements MeterStore {
    readonly #database: DatabaseSync;
    readonly #limits: Limits;

    constructor(database: DatabaseSync, limits: Limits) {
        this.#database = database;
        this.#limits = limits;
    }

    append(readings: readonly RegisterReading[]): Appended {
        readings.forEach((reading) => {
            this.#check(reading);
        });
        return this.#atOnce(() => this.#insert(readings, 0));
    }

    appendIntervals(readings: readonly IntervalReading[]): Appended {
        for (const { meterId, register, fromAt, toAt, wh } of readings) {
            if (fromAt >= toAt || wh < 0n) {
                const what = `${wh.toString()} Wh from ${fromAt} to ${toAt}`;
                throw new RangeError(`the ${register} register of ${meterId} cannot count ${what}`);
            }
        }
        return this.#atOnce(() => {
            const results = runsOf(readings).map((run) => this.#insertRun(run));
            return {
                added: results.reduce((sum, { added }) => sum + added, 0),
                repeated: results.reduce((sum, { repeated }) => sum + repeated, 0),
                contradicted: results.flatMap(({ contradicted }) => contradicted),
            };
        });
    }

    slotEnergies(range: SlotRange): SlotEnergy[] {
        return slotEnergies(this.#meters(range), range, this.#limits);
    }

    registersOf(home: string, range: SlotRange): HomeRegisters | undefined {
        const slots = this.slotEnergies(range);
        if (slots.some(({ kind }) => kind === 'unknown')) {
            return undefined;
        }
        const [first] = slots[0]?.spans ?? [];
        const running = (start: bigint, energies: readonly bigint[]): bigint[] => {
            let sum = start;
            return [start, ...energies.map((wh) => (sum += wh))];
        };
        const imports = slots.map(({ importWh }) => importWh);
        const exports = slots.map(({ exportWh }) => exportWh);
        return {
            home,
            consumed: running(first?.consumption.startWh ?? 0n, imports),
            produced: running(first?.generation.startWh ?? 0n, exports),
        };
    }

    latest(): RegisterReading[] {
        return this.#rows(
            `SELECT * FROM reading AS r WHERE at = (SELECT max(at) FROM reading WHERE meter = r.meter AND register = r.register)
             ORDER BY meter, register`,
        ).map(readingOf);
    }

    readings(fromAt: number, toAt: number): RegisterReading[] {
        const sql = 'SELECT * FROM reading WHERE at >= ? AND at < ? ORDER BY at, meter, register';
        return this.#rows(sql, fromAt, toAt).map(readingOf);
    }

    isSameDevice(meterId: string, equipment: string): boolean {
        const sha256 = createHash('sha256').update(equipment).digest('hex'); // The number itself is nobody's business.
        this.#database.prepare('INSERT OR IGNORE INTO device VALUES (?, ?)').run(meterId, sha256);
        return this.#rows('SELECT sha256 FROM device WHERE meter = ?', meterId)[0]?.['sha256'] === sha256;
    }

    close(): void {
        this.#database.close();
    }

    #check({ meterId, register, at, wh }: RegisterReading): void {
        if (!Number.isSafeInteger(at) || at < 0 || wh < 0n || wh >= this.#limits.modulusWh) {
            const what = `${wh.toString()} Wh at ${at}`;
            throw new RangeError(`the ${register} register of ${meterId} cannot show ${what}`);
        }
    }

    #insert(readings: readonly RegisterReading[], series: number): Appended {
        const insert = this.#database.prepare('INSERT OR IGNORE INTO reading VALUES (?, ?, ?, ?, ?, ?)');
        const contradicted: RegisterReading[] = [];
        let added = 0;
        for (const reading of readings) {
            const { meterId, register, at, wh, source } = reading;
            const isNew = Number(insert.run(meterId, register, at, wh, series, source).changes) === 1;
            added += isNew ? 1 : 0;
            if (!isNew && this.#shownAt(reading)?.wh !== wh) {
                contradicted.push(reading);
            }
        }
        return { added, repeated: readings.length - added - contradicted.length, contradicted };
    }

    /** Intervals that follow each other become totals at their ends. */
    #insertRun(run: readonly IntervalReading[]): Appended {
        const { modulusWh } = this.#limits;
        let risen = 0n;
        const [head] = run;
        const ends = head === undefined ? [] : [{ ...head, at: head.fromAt, wh: 0n }];
        for (const interval of run) {
            risen += interval.wh;
            ends.push({ ...interval, at: interval.toAt, wh: risen });
        }
        const known = ends.map((end) => ({ end, shown: this.#shownAt(end) })).find(({ shown }) => shown !== undefined);
        const offset = known?.shown === undefined ? 0n : known.shown.wh - known.end.wh;
        const readings = ends.map(({ meterId, register, at, wh, source }) => {
            const total = (((wh + offset) % modulusWh) + modulusWh) % modulusWh;
            return { meterId, register, at, wh: total, source };
        });
        readings.forEach((reading) => {
            this.#check(reading);
        });
        return this.#insert(readings, known?.shown?.series ?? this.#nextSeries());
    }

    #shownAt({ meterId, register, at }: Pick<RegisterReading, 'meterId' | 'register' | 'at'>): Point | undefined {
        const sql = 'SELECT * FROM reading WHERE meter = ? AND register = ? AND at = ?';
        return this.#rows(sql, meterId, register, at).map(pointOf)[0];
    }

    #nextSeries(): number {
        const [row] = this.#rows('SELECT coalesce(max(series), 0) + 1 AS series FROM reading');
        return Number(row?.['series']);
    }

    /** Meters in the order of their first readings: the one takes the other's place. */
    #meters({ firstSlot, slotCount }: SlotRange): MeterCounts[] {
        const meters = this.#rows('SELECT meter, min(at) AS at FROM reading GROUP BY meter ORDER BY min(at), meter');
        const fromAt = firstSlot * SECONDS_PER_SLOT - MARGIN_SECONDS;
        const toAt = (firstSlot + slotCount) * SECONDS_PER_SLOT + MARGIN_SECONDS;
        return meters.map((row, index) => {
            const next = meters[index + 1];
            const replacedAt = next === undefined ? undefined : Number(next['at']);
            const meterId = String(row['meter']);
            const [imports, exports] = REGISTERS.map((register) =>
                this.#points(meterId, register, fromAt, toAt).filter(({ at }) => at <= (replacedAt ?? at)),
            );
            const isReplacement = index > 0;
            const points = { import: imports ?? [], export: exports ?? [] };
            return { meterId, fromAt: Number(row['at']), isReplacement, replacedAt, ...points };
        });
    }

    /** Those of the time, and the one before and after. */
    #points(meterId: string, register: RegisterName, fromAt: number, toAt: number): Point[] {
        const sql = `
            SELECT * FROM reading WHERE meter = ?1 AND register = ?2
                AND at >= coalesce((SELECT max(at) FROM reading WHERE meter = ?1 AND register = ?2 AND at <= ?3), 0)
                AND at <= coalesce((SELECT min(at) FROM reading WHERE meter = ?1 AND register = ?2 AND at >= ?4), ?4)
            ORDER BY at`;
        return this.#rows(sql, meterId, register, fromAt, toAt).map(pointOf);
    }

    #rows(sql: string, ...values: readonly (string | number)[]): Row[] {
        const statement = this.#database.prepare(sql);
        statement.setReadBigInts(true);
        return statement.all(...values) as Row[];
    }

    #atOnce<T>(work: () => T): T {
        this.#database.exec('BEGIN IMMEDIATE');
        try {
            const result = work();
            this.#database.exec('COMMIT');
            return result;
        } catch (error) {
            this.#database.exec('ROLLBACK');
            throw error;
        }
    }
}

/** Intervals of one register by runs in which one begins where the other ended. */
function runsOf(readings: readonly IntervalReading[]): IntervalReading[][] {
    const runs: IntervalReading[][] = [];
    const keyOf = ({ meterId, register }: IntervalReading): string => JSON.stringify([meterId, register]);
    const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
    const sorted = [...readings].sort(
        (one, other) => compare(keyOf(one), keyOf(other)) || one.fromAt - other.fromAt || one.toAt - other.toAt,
    );
    for (const interval of sorted) {
        const last = runs.at(-1)?.at(-1);
        if (last !== undefined && keyOf(last) === keyOf(interval) && last.toAt === interval.fromAt) {
            runs.at(-1)?.push(interval);
        } else {
            runs.push([interval]);
        }
    }
    return runs;
}

const pointOf = (row: Row): Point => ({
    at: Number(row['at']),
    wh: BigInt(row['wh'] ?? 0n),
    series: Number(row['series']),
});

const readingOf = (row: Row): RegisterReading => ({
    meterId: String(row['meter']),
    register: row['register'] === 'import' ? 'import' : 'export',
    at: Number(row['at']),
    wh: BigInt(row['wh'] ?? 0n),
    source: String(row['source']),
});
