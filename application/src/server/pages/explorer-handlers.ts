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
                response: response && { ...response, status: Math.max(0, response.status) },
                writes: written.map(writeOf),
                publicWrites: writes,
                privateWrites,
                events: facts.map(({ type, fact }) => ({ type: cutOrNull(type, MOST.type), fact })),
            };
        },
    };
}

const MOST_SECONDS = 0xffff_ffff;
const MOST_ENDORSERS = 1_000;
/** Of a transaction's id, a name on a page, a fact's kind. */
const MOST = { id: 128, name: 200, type: 100 };

/** By a client's word: what no page could show as a time is none. */
function secondsOf(at: number | null): number | null {
    const seconds = at === null ? -1 : Math.floor(at / MS);
    return seconds >= 0 && seconds <= MOST_SECONDS ? seconds : null;
}

/** Members write what they like, as long as they like: it is shown as far as it fits, so that nobody can hide a block behind it. */
const cut = (text: string, most = MOST.name): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const cutOrNull = (text: string | null, most = MOST.name): string | null => (text === null ? null : cut(text, most));

export const blockOf = (row: BlockRow): Block => ({
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

export const transactionOf = (row: TransactionRow): Transaction => ({
    id: cut(row.id, MOST.id),
    block: row.block,
    position: row.position,
    type: row.type,
    at: secondsOf(row.at),
    creator: cutOrNull(row.creator),
    chaincode: cutOrNull(row.chaincode),
    function: cutOrNull(row.function),
    isValid: row.isValid,
    code: codeName(row.code),
    endorsers: row.endorsers.slice(0, MOST_ENDORSERS).map((each) => cut(each)),
});

const writeOf = (row: WriteRow): Write =>
    row.isPrivate
        ? {
              isPrivate: true,
              chaincode: cut(row.namespace),
              collection: cut(row.collection),
              keyHash: cut(row.keyHash),
              valueHash: cutOrNull(row.valueHash),
          }
        : {
              isPrivate: false,
              chaincode: cut(row.namespace),
              kind: cutOrNull(row.kind),
              key: { ...row.key },
              value: row.value,
              setsPolicy: row.setsPolicy,
          };
