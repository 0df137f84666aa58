import { slotPart } from '@commonwatt/chaincode/api/keys';
import { MOST_ROWS, type Queries } from '../model';
import type { DayRow, PricePoint, RoundRow, ScheduleRow } from '../rows';
import type { Reading, SqlRow } from '../sql/database';
import { flagged, integer, integerOrNull, json, limited, text, textOrNull, whole } from './reading';

const USUAL_DAYS = 31;
/** A round changes when it is opened, closed, called for, cleared or void. */
const MOST_VERSIONS = 20;

const ROUND =
    'SELECT r."day", r."slot", r."status", r."mechanism", r."replay", r."price", r."volume_wh", r."surplus_nanos", r."orders", r."dropped", r."reason", ' +
    'r."closed_at", r."block", t."id" FROM {rounds} r JOIN {transactions} t ON t."block" = r."block" AND t."position" = r."position"';
const SCHEDULE = 'SELECT "day", "mode", "status", "iterations", "reason", "prices", "is_agreed" FROM {schedules}';
const DAY = `SELECT d."day", d."first_slot", d."slots", d."replay", d."charter_version",
 t."households", t."provisional", t."traded_wh", t."imported_wh", t."exported_wh", t."postings"
 FROM {days} d LEFT JOIN {totals} t ON t."day" = d."day"`;

type Asked = 'rounds' | 'round' | 'priceHistory' | 'days' | 'day' | 'schedule';

/** Rounds, prices, days. */
export function marketQueries(sql: Reading, history: Queries['history']): Pick<Queries, Asked> {
    const schedule = async (day: string): Promise<ScheduleRow | undefined> => {
        const [row] = await sql.query(`${SCHEDULE} WHERE "day" = $1`, [day]);
        return row && scheduleOf(row);
    };
    return {
        rounds: async (day) => {
            const found = `${ROUND} WHERE r."day" = $1 ORDER BY r."slot" LIMIT ${MOST_ROWS}`;
            return (await sql.query(found, [day])).map(roundOf);
        },
        round: async (slot) => {
            const [row] = await sql.query(`${ROUND} WHERE r."slot" = $1 ORDER BY r."day" LIMIT 1`, [whole(slot)]);
            if (row === undefined) {
                return undefined;
            }
            const versions = await history('round', [text(row, 'day'), slotPart(slot)], MOST_VERSIONS);
            return { ...roundOf(row), record: versions[0]?.value ?? '', history: versions.toReversed() };
        },
        priceHistory: async (from, to) => {
            const columns = '"day", "slot", "status", "price", "volume_wh"';
            const found = `SELECT ${columns} FROM {rounds} WHERE "slot" >= $1 AND "slot" <= $2 ORDER BY "slot", "day" LIMIT ${MOST_ROWS}`;
            return (await sql.query(found, [whole(from), whole(to)])).map(pointOf);
        },
        days: async (before = '9999', limit = USUAL_DAYS) => {
            const found = `${DAY} WHERE d."day" < $1 ORDER BY d."day" DESC LIMIT $2`;
            return daysOf(sql, await sql.query(found, [before, limited(limit)]));
        },
        day: async (day) => (await daysOf(sql, await sql.query(`${DAY} WHERE d."day" = $1`, [day])))[0],
        schedule,
    };
}

function roundOf(row: SqlRow): RoundRow {
    return {
        ...pointOf(row),
        mechanism: text(row, 'mechanism'),
        replay: flagged(row, 'replay'),
        surplusNanos: textOrNull(row, 'surplus_nanos'),
        orders: integer(row, 'orders'),
        dropped: integer(row, 'dropped'),
        reason: textOrNull(row, 'reason'),
        closedAt: integerOrNull(row, 'closed_at'),
        block: integer(row, 'block'),
        transactionId: text(row, 'id'),
    };
}

function pointOf(row: SqlRow): PricePoint {
    return {
        day: text(row, 'day'),
        slot: integer(row, 'slot'),
        status: text(row, 'status') as PricePoint['status'],
        price: textOrNull(row, 'price'),
        volumeWh: textOrNull(row, 'volume_wh'),
    };
}

function scheduleOf(row: SqlRow): ScheduleRow {
    return {
        day: text(row, 'day'),
        mode: text(row, 'mode') as ScheduleRow['mode'],
        status: text(row, 'status') as ScheduleRow['status'],
        iterations: integer(row, 'iterations'),
        reason: textOrNull(row, 'reason'),
        prices: json(row, 'prices') as ScheduleRow['prices'],
        isAgreed: flagged(row, 'is_agreed'),
    };
}

/** Days with how many of their rounds stand how: three questions, however many days. */
async function daysOf(sql: Reading, rows: readonly SqlRow[]): Promise<DayRow[]> {
    const [newest, oldest] = [rows[0], rows.at(-1)];
    if (newest === undefined || oldest === undefined) {
        return [];
    }
    const range = [text(oldest, 'day'), text(newest, 'day')];
    const among = 'WHERE "day" >= $1 AND "day" <= $2';
    const counted = await sql.query(
        `SELECT "day", "status", COUNT(*) AS "rounds" FROM {rounds} ${among} GROUP BY "day", "status"`,
        range,
    );
    const schedules = new Map(
        (await sql.query(`${SCHEDULE} ${among}`, range)).map(scheduleOf).map((each) => [each.day, each]),
    );
    return rows.map((row) => {
        const day = text(row, 'day');
        const rounds = { open: 0, closed: 0, cleared: 0, void: 0 };
        for (const each of counted.filter((group) => group['day'] === day)) {
            rounds[text(each, 'status') as keyof typeof rounds] = integer(each, 'rounds');
        }
        return dayOf(row, rounds, schedules.get(day) ?? null);
    });
}

function dayOf(row: SqlRow, rounds: DayRow['rounds'], schedule: ScheduleRow | null): DayRow {
    const isClosed = row['traded_wh'] !== null;
    return {
        day: text(row, 'day'),
        firstSlot: integer(row, 'first_slot'),
        slots: integer(row, 'slots'),
        replay: flagged(row, 'replay'),
        charterVersion: integer(row, 'charter_version'),
        isClosed,
        rounds,
        sums: isClosed
            ? {
                  households: integer(row, 'households'),
                  provisional: flagged(row, 'provisional'),
                  tradedWh: text(row, 'traded_wh'),
                  importedWh: text(row, 'imported_wh'),
                  exportedWh: text(row, 'exported_wh'),
                  postings: json(row, 'postings') as { account: string; amountNanos: string }[],
              }
            : null,
        schedule,
    };
}
