import { MOST_ROWS, type Queries } from '../model';
import type { BillRow, CommitteeRow, MemberRow, SeatRow, StakeRow, WeightRow } from '../rows';
import type { Reading, SqlRow } from '../sql/database';
import { flagged, integer, integerOrNull, json, limited, text, textOrNull, whole } from './reading';

const USUAL_BILLS = 50;
const EPOCH =
    'SELECT "epoch", "status", "energy_day", "seed", "ranking", "unrevealed", "committee", "reason" FROM {epochs}';
const WEIGHTS =
    'SELECT "msp_id", "tokens", "age", "reputation", "energy_ppm", "age_ppm", "reputation_ppm", "weight", "committed" FROM {weights} WHERE "epoch" = $1 ORDER BY "msp_id"';
/** Those of the newest charter, and before them those that it has let go because they are long past. */
const COMMITTEES = `SELECT "from_slot", "seats", "quorum_numerator", "quorum_denominator", "elected_in" FROM {committees}
 WHERE ("charter_version" = (SELECT MAX("charter_version") FROM {committees})
 OR "from_slot" < (SELECT MIN("from_slot") FROM {committees} WHERE "charter_version" = (SELECT MAX("charter_version") FROM {committees})))`;
const BILLS = `SELECT b."msp_id", b."from_day", b."to_day", b."version", b."hash", b."provisional", b."signed_by", b."block", t."id", p."status", d."number", d."due_day"
 FROM {bills} b JOIN {transactions} t ON t."block" = b."block" AND t."position" = b."position"
 LEFT JOIN {payments} p ON p."msp_id" = b."msp_id" AND p."from_day" = b."from_day" AND p."to_day" = b."to_day" AND p."id" = 'bill'
 LEFT JOIN {documents} d ON d."msp_id" = b."msp_id" AND d."from_day" = b."from_day" AND d."to_day" = b."to_day" AND d."id" = 'bill'
 WHERE b."msp_id" = $1 ORDER BY b."to_day" DESC, b."from_day" DESC LIMIT $2`;

type Asked = 'members' | 'stakeAndWeights' | 'committee' | 'committees' | 'producers' | 'bills';

/** Members, weights, committees, producers, and what everybody may know of bills. */
export function communityQueries(sql: Reading): Pick<Queries, Asked> {
    return {
        members: async () => {
            const columns = '"msp_id", "is_household", "roles", "prosumer", "standings"';
            const rows = await sql.query(`SELECT ${columns} FROM {members} ORDER BY "msp_id"`);
            return rows.map(memberOf);
        },
        stakeAndWeights: async (epoch) => {
            const which = epoch === undefined ? 'ORDER BY "epoch" DESC LIMIT 1' : 'WHERE "epoch" = $1';
            const [row] = await sql.query(`${EPOCH} ${which}`, epoch === undefined ? [] : [epoch]);
            return row && stakeOf(row, await sql.query(WEIGHTS, [text(row, 'epoch')]));
        },
        committee: async (slot) => {
            const serving = `${COMMITTEES} AND "from_slot" <= $1 ORDER BY "from_slot" DESC LIMIT 1`;
            const [row] = await sql.query(serving, [whole(slot)]);
            return row && committeeOf(row);
        },
        committees: async () => {
            const newest = `${COMMITTEES} ORDER BY "from_slot" DESC LIMIT ${MOST_ROWS}`;
            return (await sql.query(newest)).map(committeeOf).toReversed();
        },
        producers: (from, to) => producers(sql, whole(from), whole(to)),
        bills: async (mspId, limit = USUAL_BILLS) => (await sql.query(BILLS, [mspId, limited(limit)])).map(billOf),
    };
}

function memberOf(row: SqlRow): MemberRow {
    return {
        mspId: text(row, 'msp_id'),
        isHousehold: flagged(row, 'is_household'),
        roles: json(row, 'roles') as string[],
        prosumer: flagged(row, 'prosumer'),
        standings: json(row, 'standings') as MemberRow['standings'],
    };
}

function stakeOf(row: SqlRow, weights: readonly SqlRow[]): StakeRow {
    return {
        epoch: text(row, 'epoch'),
        status: text(row, 'status') as StakeRow['status'],
        energyDay: text(row, 'energy_day'),
        weights: weights.map(weightOf),
        seed: textOrNull(row, 'seed'),
        ranking: json(row, 'ranking') as string[],
        unrevealed: json(row, 'unrevealed') as string[],
        committee: row['committee'] === null ? null : (json(row, 'committee') as StakeRow['committee']),
        reason: textOrNull(row, 'reason'),
    };
}

function weightOf(row: SqlRow): WeightRow {
    return {
        mspId: text(row, 'msp_id'),
        tokens: text(row, 'tokens'),
        age: integer(row, 'age'),
        reputation: text(row, 'reputation'),
        energyPpm: text(row, 'energy_ppm'),
        agePpm: text(row, 'age_ppm'),
        reputationPpm: text(row, 'reputation_ppm'),
        weight: text(row, 'weight'),
        committed: flagged(row, 'committed'),
    };
}

function committeeOf(row: SqlRow): CommitteeRow {
    return {
        fromSlot: integer(row, 'from_slot'),
        seats: json(row, 'seats') as SeatRow[],
        quorum: { numerator: text(row, 'quorum_numerator'), denominator: text(row, 'quorum_denominator') },
        electedIn: textOrNull(row, 'elected_in'),
    };
}

async function producers(sql: Reading, from: number, to: number): ReturnType<Queries['producers']> {
    const range = [from, to];
    const counted = await sql.query(
        'SELECT "producer", COUNT(*) AS "blocks", MIN("number") AS "first", MAX("number") AS "last" FROM {blocks} WHERE "number" >= $1 AND "number" <= $2 GROUP BY "producer"',
        range,
    );
    const powers = new Map(
        (
            await sql.query(
                'SELECT "msp_id", "power" FROM {powers} WHERE "block" = (SELECT MAX("block") FROM {powers} WHERE "block" <= $1)',
                [to],
            )
        ).map((row) => [text(row, 'msp_id'), text(row, 'power')] as const),
    );
    const blocks = new Map(counted.map((row) => [textOrNull(row, 'producer'), integer(row, 'blocks')] as const));
    const named = [...blocks.keys()].flatMap((mspId) => (mspId === null ? [] : [mspId]));
    return {
        from: Math.min(...counted.map((row) => integer(row, 'first')), to),
        to: Math.max(...counted.map((row) => integer(row, 'last')), -1),
        producers: [...new Set([...powers.keys(), ...named])].sort().map((mspId) => ({
            mspId,
            blocks: blocks.get(mspId) ?? 0,
            power: powers.get(mspId) ?? null,
        })),
        unnamed: blocks.get(null) ?? 0,
    };
}

function billOf(row: SqlRow): BillRow {
    return {
        mspId: text(row, 'msp_id'),
        from: text(row, 'from_day'),
        to: text(row, 'to_day'),
        version: integer(row, 'version'),
        hash: text(row, 'hash'),
        provisional: flagged(row, 'provisional'),
        signedBy: text(row, 'signed_by') as BillRow['signedBy'],
        payment: textOrNull(row, 'status') as BillRow['payment'],
        number: integerOrNull(row, 'number'),
        dueDay: textOrNull(row, 'due_day'),
        block: integer(row, 'block'),
        transactionId: text(row, 'id'),
    };
}
