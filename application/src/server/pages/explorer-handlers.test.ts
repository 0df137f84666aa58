import { describe, expect, it } from '@jest/globals';
import { encode } from '@commonwatt/chaincode/api/wire';
import type { BlockRow, TransactionDetail } from '../../read-model/rows';
import type { PublicData } from '../public-data';
import { blockDetail, blocks, transactionDetail } from '../schemas/explorer';
import { explorerHandlers } from './explorer-handlers';

const LONG = 'x'.repeat(300);
const ID = 'ab'.repeat(100);

const blockAt = (at: number | null): BlockRow => ({
    number: 7,
    hash: 'ab',
    previousHash: 'cd',
    dataHash: 'ef',
    producer: 'H1MSP',
    height: 8,
    isConfiguration: false,
    at,
    transactions: 1,
    invalid: 0,
    bytes: 100,
});

/** What a member may put on the channel: nothing in it is as long as ours. */
const HOSTILE: TransactionDetail = {
    id: ID,
    block: 7,
    position: 0,
    type: 'transaction',
    chaincode: LONG,
    function: LONG,
    creator: LONG,
    endorsers: Array.from({ length: 1_001 }, () => LONG),
    code: 0,
    isValid: true,
    at: -1,
    bytes: 100,
    writes: 1,
    privateWrites: 1,
    arguments: [LONG],
    response: { status: -1, payload: LONG },
    facts: [{ block: 7, position: 0, transactionId: ID, chaincode: LONG, type: LONG, fact: LONG }],
    written: [
        { isPrivate: false, namespace: LONG, kind: LONG, key: { [LONG]: LONG }, value: LONG, setsPolicy: false },
        { isPrivate: true, namespace: LONG, collection: LONG, keyHash: LONG, valueHash: LONG },
    ],
};

/** Handlers over one block with that transaction; they use nothing else of what the server has. */
function handlersOf(block: BlockRow): ReturnType<typeof explorerHandlers> {
    const queries = {
        blocks: () => Promise.resolve([block]),
        block: () => Promise.resolve(block),
        transactionsOf: () => Promise.resolve([HOSTILE]),
        transaction: () => Promise.resolve(HOSTILE),
    };
    return explorerHandlers({ queries } as unknown as PublicData);
}

const asked = (more: object) => more as never;
const onWire = (answer: unknown): unknown => JSON.parse(encode(answer));

describe('what the explorer shows of what members write', () => {
    it.each([
        { what: 'before there were any', at: -1, shown: null },
        { what: 'that says nothing', at: null, shown: null },
        { what: 'after there are any', at: 0x1_0000_0000 * 1_000, shown: null },
        { what: 'of the last second', at: 0xffff_ffff * 1_000 + 999, shown: 0xffff_ffff },
        { what: 'of the first', at: 0, shown: 0 },
    ])('has a place for a time $what', async ({ at, shown }) => {
        const answer = await handlersOf(blockAt(at))['GET /explorer/blocks'](asked({ query: {} }));
        expect(blocks.parse(onWire(answer)).blocks).toMatchObject([{ number: 7, at: shown }]);
    });

    it('cuts what is longer than a page shows, and hides no block', async () => {
        const answer = await handlersOf(blockAt(0))['GET /explorer/blocks/:number'](asked({ params: { number: 7 } }));
        const [shown] = blockDetail.parse(onWire(answer)).list;
        expect(shown).toMatchObject({ at: null, function: `${'x'.repeat(199)}…`, id: `${ID.slice(0, 127)}…` });
        expect(shown?.endorsers).toHaveLength(1_000);
    });

    it('shows the transaction itself', async () => {
        const answer = await handlersOf(blockAt(0))['GET /explorer/transactions/:id'](asked({ params: { id: ID } }));
        const shown = transactionDetail.parse(onWire(answer));
        expect(shown).toMatchObject({ response: { status: 0 }, events: [{ type: `${'x'.repeat(99)}…`, fact: LONG }] });
        expect(shown.writes).toHaveLength(2);
    });
});
