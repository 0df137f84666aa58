import { LEDGER_KEYS, type KeyType } from '@commonwatt/chaincode/api/catalogue/keys';
import type { Queries } from '../model';
import type { BlockRow, Counts, FactRow, RecordVersion, TransactionRow, WriteRow } from '../rows';
import type { Reading, SqlRow } from '../sql/database';
import { flagged, integer, integerOrNull, json, limited, text, textOrNull, whole } from './reading';

const USUAL = 50;
/** What a transaction shows of its writes without being asked for more. */
const FIRST_WRITES = 100;

const BLOCK =
    'SELECT "number", "hash", "previous_hash", "data_hash", "producer", "height", "is_configuration", "at", "transactions", "invalid", "bytes" FROM {blocks}';
const TRANSACTION =
    'SELECT "block", "position", "id", "type", "chaincode", "function", "creator", "endorsers", "code", "at", "bytes", "writes", "private_writes"';
const FACT =
    'SELECT f."block", f."position", t."id", f."chaincode", f."type", f."fact" FROM {facts} f JOIN {transactions} t ON t."block" = f."block" AND t."position" = f."position"';
const VERSION =
    'SELECT w."block", w."position", t."id", t."function", t."at", w."value" FROM {writes} w JOIN {transactions} t ON t."block" = w."block" AND t."position" = w."position" WHERE w."kind" = $1 AND w."key" = $2 AND w."is_applied" = 1 ORDER BY w."block" DESC, w."position" DESC, w."number" DESC LIMIT $3';

type Asked =
    'counts' | 'blocks' | 'block' | 'transactionsOf' | 'transaction' | 'writes' | 'facts' | 'record' | 'history';

/** Blocks, transactions, what they wrote. */
export function explorerQueries(sql: Reading): Pick<Queries, Asked> {
    const history: Queries['history'] = async (kind, parts, limit = USUAL) =>
        (await sql.query(VERSION, [kind, JSON.stringify(parts), limited(limit)])).map(versionOf);
    const writes: Queries['writes'] = async (id, from = 0, limit = USUAL) => {
        const place = await placeOf(sql, id);
        return place === undefined ? [] : writesAt(sql, place, from, limit);
    };
    return {
        counts: () => counts(sql),
        blocks: async (before = Infinity, limit = USUAL) => {
            const found = `${BLOCK} WHERE "number" < $1 ORDER BY "number" DESC LIMIT $2`;
            return (await sql.query(found, [whole(before), limited(limit)])).map(blockOf);
        },
        block: async (number) => {
            const [row] = await sql.query(`${BLOCK} WHERE "number" = $1`, [whole(number)]);
            return row && blockOf(row);
        },
        transactionsOf: async (block, from = 0, limit = USUAL) => {
            const found = `${TRANSACTION} FROM {transactions} WHERE "block" = $1 AND "position" >= $2 ORDER BY "position" LIMIT $3`;
            return (await sql.query(found, [whole(block), whole(from), limited(limit)])).map(transactionOf);
        },
        transaction: (id) => transaction(sql, id),
        writes,
        facts: async (type, before = Infinity, limit = USUAL) => {
            const ofType = type === undefined ? '' : ' AND f."type" = $3';
            const found = `${FACT} WHERE f."block" < $1${ofType} ORDER BY f."block" DESC, f."position" DESC, f."number" DESC LIMIT $2`;
            const parameters = [whole(before), limited(limit), ...(type === undefined ? [] : [type])];
            return (await sql.query(found, parameters)).map(factOf);
        },
        record: async (kind, ...parts) => (await history(kind, parts, 1))[0],
        history,
    };
}

async function counts(sql: Reading): Promise<Counts> {
    const [row] = await sql.query(
        'SELECT (SELECT COUNT(*) FROM {blocks}) AS "blocks", (SELECT COUNT(*) FROM {transactions}) AS "transactions", ' +
            '(SELECT COUNT(*) FROM {transactions} WHERE "code" <> 0) AS "invalid", (SELECT COUNT(*) FROM {unreadable}) AS "unreadable"',
    );
    const of = (column: string): number => (row === undefined ? 0 : integer(row, column));
    return {
        blocks: of('blocks'),
        transactions: of('transactions'),
        invalid: of('invalid'),
        unreadable: of('unreadable'),
    };
}

/** An id can stand in the chain twice: the second time as a duplicate. The valid one is meant, or the first. */
async function placeOf(sql: Reading, id: string): Promise<SqlRow | undefined> {
    const order = 'ORDER BY CASE WHEN "code" = 0 THEN 0 ELSE 1 END, "block", "position" LIMIT 1';
    const more = '"arguments", "response_status", "response"';
    const [row] = await sql.query(`${TRANSACTION}, ${more} FROM {transactions} WHERE "id" = $1 ${order}`, [id]);
    return row;
}

async function transaction(sql: Reading, id: string): ReturnType<Queries['transaction']> {
    const row = id === '' ? undefined : await placeOf(sql, id);
    if (row === undefined) {
        return undefined;
    }
    const at = [integer(row, 'block'), integer(row, 'position')];
    const facts = await sql.query(`${FACT} WHERE f."block" = $1 AND f."position" = $2 ORDER BY f."number" LIMIT $3`, [
        ...at,
        limited(Infinity),
    ]);
    const status = integerOrNull(row, 'response_status');
    return {
        ...transactionOf(row),
        arguments: json(row, 'arguments') as readonly string[],
        response: status === null ? null : { status, payload: text(row, 'response') },
        facts: facts.map(factOf),
        written: await writesAt(sql, row, 0, FIRST_WRITES),
    };
}

async function writesAt(sql: Reading, place: SqlRow, from: number, limit: number): Promise<readonly WriteRow[]> {
    const columns = '"namespace", "collection", "kind", "key", "value", "sets_policy"';
    const found = `SELECT ${columns} FROM {writes} WHERE "block" = $1 AND "position" = $2 AND "number" >= $3 ORDER BY "number" LIMIT $4`;
    const at = [integer(place, 'block'), integer(place, 'position')];
    return (await sql.query(found, [...at, whole(from), limited(limit)])).map(writeOf);
}

function blockOf(row: SqlRow): BlockRow {
    return {
        number: integer(row, 'number'),
        hash: text(row, 'hash'),
        previousHash: text(row, 'previous_hash'),
        dataHash: text(row, 'data_hash'),
        producer: textOrNull(row, 'producer'),
        height: integerOrNull(row, 'height'),
        isConfiguration: flagged(row, 'is_configuration'),
        at: integerOrNull(row, 'at'),
        transactions: integer(row, 'transactions'),
        invalid: integer(row, 'invalid'),
        bytes: integer(row, 'bytes'),
    };
}

function transactionOf(row: SqlRow): TransactionRow {
    return {
        id: text(row, 'id'),
        block: integer(row, 'block'),
        position: integer(row, 'position'),
        type: text(row, 'type') as TransactionRow['type'],
        chaincode: textOrNull(row, 'chaincode'),
        function: textOrNull(row, 'function'),
        creator: textOrNull(row, 'creator'),
        endorsers: json(row, 'endorsers') as readonly string[],
        code: integer(row, 'code'),
        isValid: integer(row, 'code') === 0,
        at: integerOrNull(row, 'at'),
        bytes: integer(row, 'bytes'),
        writes: integer(row, 'writes'),
        privateWrites: integer(row, 'private_writes'),
    };
}

function factOf(row: SqlRow): FactRow {
    return {
        block: integer(row, 'block'),
        position: integer(row, 'position'),
        transactionId: text(row, 'id'),
        chaincode: text(row, 'chaincode'),
        type: textOrNull(row, 'type'),
        fact: text(row, 'fact'),
    };
}

function writeOf(row: SqlRow): WriteRow {
    const namespace = text(row, 'namespace');
    const collection = textOrNull(row, 'collection');
    const value = textOrNull(row, 'value');
    if (collection !== null) {
        return { isPrivate: true, namespace, collection, keyHash: text(row, 'key'), valueHash: value };
    }
    const kind = textOrNull(row, 'kind');
    const parts = json(row, 'key') as readonly string[];
    const names: readonly string[] = kind === null ? ['key'] : LEDGER_KEYS[kind as KeyType].parts;
    const key = Object.fromEntries(names.map((name, i) => [name, parts[i] ?? '']));
    return { isPrivate: false, namespace, kind, key, value, setsPolicy: flagged(row, 'sets_policy') };
}

function versionOf(row: SqlRow): RecordVersion {
    return {
        block: integer(row, 'block'),
        position: integer(row, 'position'),
        transactionId: text(row, 'id'),
        function: textOrNull(row, 'function'),
        at: integerOrNull(row, 'at'),
        value: textOrNull(row, 'value'),
    };
}
