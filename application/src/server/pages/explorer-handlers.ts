import type { BlockRow, TransactionRow, WriteRow } from '../../read-model/rows';
import { codeName } from '../../gateway/member-gateway';
import type { Handlers } from '../api';
import { notFound } from '../guard/failures';
import type { PublicData } from '../public-data';
import type { AnswerTo } from './answers';

type ExplorerRoutes = 'GET /explorer/blocks' | 'GET /explorer/blocks/:number' | 'GET /explorer/transactions/:id';
type Block = AnswerTo<'GET /explorer/blocks'>['blocks'][number];
type Transaction = AnswerTo<'GET /explorer/blocks/:number'>['list'][number];
type Write = AnswerTo<'GET /explorer/transactions/:id'>['writes'][number];

const BLOCKS = 25;
const MS = 1_000;

/** The channel's blocks: public, and private values are not in them. */
export function explorerHandlers({ queries }: PublicData): Pick<Handlers, ExplorerRoutes> {
    return {
        'GET /explorer/blocks': async ({ query: { before, limit = BLOCKS } }) => {
            const rows = await queries.blocks(before, limit);
            const last = rows.at(-1)?.number ?? 0;
            return { blocks: rows.map(blockOf), before: last === 0 ? null : last };
        },
        'GET /explorer/blocks/:number': async ({ params: { number } }) => {
            const row = await queries.block(number);
            if (row === undefined) {
                throw notFound('such block');
            }
            return { ...blockOf(row), list: (await queries.transactionsOf(number)).map(transactionOf) };
        },
        'GET /explorer/transactions/:id': async ({ params: { id } }) => {
            const row = await queries.transaction(id);
            if (row === undefined) {
                throw notFound('such transaction');
            }
            const { facts, written, response, writes, privateWrites } = row;
            return {
                ...transactionOf(row),
                arguments: [...row.arguments],
                response,
                writes: written.map(writeOf),
                publicWrites: writes,
                privateWrites,
                events: facts.map(({ type, fact }) => ({ type, fact })),
            };
        },
    };
}

const secondsOf = (at: number | null): number | null => (at === null ? null : Math.floor(at / MS));

const blockOf = (row: BlockRow): Block => ({
    number: row.number,
    hash: row.hash,
    previousHash: row.previousHash,
    dataHash: row.dataHash,
    at: secondsOf(row.at),
    transactions: row.transactions,
    invalid: row.invalid,
    bytes: row.bytes,
    isConfiguration: row.isConfiguration,
    producer: row.producer,
});

const transactionOf = (row: TransactionRow): Transaction => ({
    id: row.id,
    block: row.block,
    position: row.position,
    type: row.type,
    at: secondsOf(row.at),
    creator: row.creator,
    chaincode: row.chaincode,
    function: row.function,
    isValid: row.isValid,
    code: codeName(row.code),
    endorsers: [...row.endorsers],
});

const writeOf = (row: WriteRow): Write =>
    row.isPrivate
        ? {
              isPrivate: true,
              chaincode: row.namespace,
              collection: row.collection,
              keyHash: row.keyHash,
              valueHash: row.valueHash,
          }
        : {
              isPrivate: false,
              chaincode: row.namespace,
              kind: row.kind,
              key: { ...row.key },
              value: row.value,
              setsPolicy: row.setsPolicy,
          };
