import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { common, peer } from '@hyperledger/fabric-protos';
import { dayKey, orderKey, roundKey } from '@commonwatt/chaincode/api/keys';
import { encode } from '@commonwatt/chaincode/api/wire';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compositeKey, DAY, FIRST, round, SECRET, writing } from '../testing/chain/market-chain';
import { sourceOf, TestChain, type ChainEnvelope, type ChainTransaction } from '../testing/chain/test-chain';
import { testPostgres, type TestPostgres } from '../testing/postgres';
import { follow } from './follow';
import type { Queries, ReadModel } from './model';
import { openReadModel } from './open';
import type { FactRow } from './rows';

let chain: TestChain;
let folder: string;
let postgres: TestPostgres;
const models: ReadModel[] = [];
const VALID = 0;
const BAD_PAYLOAD = 2;

/** Everything that a member could put into a block, valid or not, and that nobody's agent would. */
function hostile(): (ChainTransaction | ChainEnvelope)[] {
    const market = (writes: ChainTransaction['writes'], change: Partial<ChainTransaction> = {}): ChainTransaction => ({
        chaincode: 'market',
        function: 'x',
        ...(writes && { writes }),
        ...change,
    });
    const at = compositeKey(roundKey(DAY, FIRST));
    return [
        writing('auction:openDay', [
            [roundKey(DAY, FIRST), round(FIRST)],
            [roundKey(DAY, FIRST + 1), round(FIRST + 1)],
        ]),
        // A record that is none, one that says that it is another, and one under a key with a part too many.
        market({ market: { [at]: '{"status":"cleared"}' } }),
        market({
            market: {
                [compositeKey(dayKey(DAY))]: encode({
                    day: '2014-10-04',
                    first: 1,
                    count: 1,
                    replay: true,
                    charterVersion: 1,
                }),
            },
        }),
        market({ market: { [`${at}more\u0000`]: encode(round(FIRST)) } }),
        // A round in the other chaincode's space, and bytes that are no text.
        market({
            governance: { [compositeKey(roundKey(DAY, FIRST + 1))]: encode(round(FIRST + 1, { status: 'void' })) },
        }),
        market(
            { market: { '\u0001\ud800k': Buffer.from([0, 255, 254]) } },
            { function: 'a\u0000b', arguments: ['\u0000', '<script>'] },
        ),
        // An envelope of facts that is none, one of another's chaincode, and the facts of an invalid transaction.
        market({}, { event: { name: 'market.v1', payload: '{"events":[7,null,{"type":"\\u0000"}]}' } }),
        {
            chaincode: 'other',
            function: 'x',
            event: { name: 'market.v1', payload: '{"events":[{"type":"DayClosed"}]}' },
        },
        market(
            { market: { [at]: null } },
            { event: { name: 'market.v1', payload: '{"events":[{"type":"DayClosed"}]}' }, code: 10 },
        ),
        // No envelope at all, and one that shows what should have stayed private.
        { envelope: Buffer.from('not an envelope'), code: BAD_PAYLOAD },
        { envelope: new Uint8Array(), code: BAD_PAYLOAD },
        { envelope: withTransientData(chain.envelope(market({}))), code: VALID },
        { envelope: stamped(chain.envelope(market({}))), code: VALID },
    ];
}

const DEEP = 100_000;
const MANY = 10_001;

/** More than is good for those who write it down: deep, many, and longer than PostgreSQL's indexes take. */
function oversized(): (ChainTransaction | ChainEnvelope)[] {
    const announcing = (events: string): ChainTransaction => ({
        chaincode: 'market',
        function: 'x',
        event: { name: 'market.v1', payload: `{"version":"1","events":[${events}]}` },
    });
    const long = randomBytes(6_000).toString('base64url'); // Nothing that could be compressed.
    return [
        announcing(`${'['.repeat(DEEP)}${']'.repeat(DEEP)}`),
        announcing(Array(MANY).fill('0').join(',')),
        announcing(`{"type":"${long}"}`),
        {
            chaincode: 'market',
            function: 'x',
            writes: { market: { [compositeKey(orderKey(FIRST, 'H1MSP', long))]: '{}' } },
        },
        { envelope: named(chain.envelope({ chaincode: 'market', function: 'x' }), long), code: BAD_PAYLOAD },
    ];
}

function changed(envelope: Uint8Array, change: (payload: common.Payload) => void): Uint8Array {
    const again = common.Envelope.deserializeBinary(envelope);
    const payload = common.Payload.deserializeBinary(again.getPayload_asU8());
    change(payload);
    again.setPayload(payload.serializeBinary());
    return again.serializeBinary();
}

function withTransientData(envelope: Uint8Array): Uint8Array {
    return changed(envelope, (payload) => {
        const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
        const [action] = transaction.getActionsList();
        const called = peer.ChaincodeActionPayload.deserializeBinary(action?.getPayload_asU8() ?? new Uint8Array());
        const proposal = peer.ChaincodeProposalPayload.deserializeBinary(called.getChaincodeProposalPayload_asU8());
        proposal.getTransientmapMap().set('orders', Buffer.from(SECRET));
        called.setChaincodeProposalPayload(proposal.serializeBinary());
        action?.setPayload(called.serializeBinary());
        payload.setData(transaction.serializeBinary());
    });
}

function withHeader(envelope: Uint8Array, change: (header: common.ChannelHeader) => void): Uint8Array {
    return changed(envelope, (payload) => {
        const header = common.ChannelHeader.deserializeBinary(
            payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
        );
        change(header);
        payload.getHeader()?.setChannelHeader(header.serializeBinary());
    });
}

/** Long after the end of all days. */
const stamped = (envelope: Uint8Array): Uint8Array =>
    withHeader(envelope, (header) => {
        header.getTimestamp()?.setSeconds(Number.MAX_SAFE_INTEGER);
    });

const named = (envelope: Uint8Array, id: string): Uint8Array =>
    withHeader(envelope, (header) => {
        header.setTxId(id);
    });

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hostile-'));
    [chain, postgres] = await Promise.all([TestChain.create(), testPostgres()]);
    const all = hostile();
    chain.add(...all.slice(0, 1));
    chain.add(...all.slice(1));
    chain.add(...oversized());
    for (const connection of [join(folder, 'read-model.sqlite'), postgres.connection]) {
        const model = await openReadModel(connection);
        models.push(model);
        await follow(sourceOf(chain.blocks), model, new AbortController().signal, { upTo: 3, waits: [0] });
    }
});

afterAll(async () => {
    await Promise.all(models.map((model) => model.close()));
    await postgres.stop();
    chain.remove();
    rmSync(folder, { recursive: true });
});

describe('what nobody should put on a channel', () => {
    const each = (): Queries[] => models.map(({ queries }) => queries);

    it('stops no read model, and is the same in all of them', async () => {
        const digests = await Promise.all(models.map((model) => model.digest()));
        expect(new Set(digests).size).toBe(1);
        for (const queries of each()) {
            expect(await queries.counts()).toEqual({ blocks: 4, transactions: 19, invalid: 4, unreadable: 2 });
        }
    });

    it('shows on no page as a record: a page shows nothing rather than what cannot be', async () => {
        for (const queries of each()) {
            expect(await queries.round(FIRST)).toBeUndefined();
            expect(await queries.rounds(DAY)).toMatchObject([{ slot: FIRST + 1, status: 'open' }]);
            expect(await queries.days()).toEqual([]);
            // And yet it can be looked at as it stands.
            expect((await queries.record('round', DAY, String(FIRST).padStart(10, '0')))?.value).toBe(
                '{"status":"cleared"}',
            );
        }
    });

    it('counts no fact of what is invalid or of a stranger', async () => {
        for (const queries of each()) {
            expect(await queries.facts('DayClosed')).toEqual([]);
            const types = (await queries.facts()).map(({ type }) => type);
            const oversize = Array<null>(3).fill(null);
            expect(types).toEqual([...oversize, null, '0x00', null, null]); // The newest first: the stranger's, then ours, the last of them first.
        }
    });

    it('is shown as it came where it is too deep, too many or too long to be taken apart', async () => {
        for (const queries of each()) {
            const rows = await queries.transactionsOf(3);
            const facts: (FactRow | undefined)[] = [];
            for (const { id } of rows.slice(0, 3)) {
                const told = (await queries.transaction(id))?.facts ?? [];
                expect(told).toHaveLength(1);
                facts.push(told[0]);
            }
            expect(facts[0]?.fact).toHaveLength(2 * DEEP + '{"version":"1","events":[]}'.length);
            const written = await queries.transaction(rows[3]?.id ?? '');
            expect(written?.written).toMatchObject([{ kind: null, value: '{}' }]);
            expect(rows[4]?.id).toBe('');
        }
    });

    it('is readable, and no private value is in it even where somebody shows one', async () => {
        for (const queries of each()) {
            const rows = await queries.transactionsOf(2);
            expect(rows.map(({ type }) => type)).toEqual([
                ...Array<string>(8).fill('transaction'),
                'unreadable',
                'unreadable',
                'transaction',
                'transaction',
            ]);
            const [odd] = rows.filter((row) => row.function === '0x610062');
            const whole = await queries.transaction(odd?.id ?? '');
            expect(whole).toMatchObject({
                arguments: ['0x00', '<script>'],
                written: [{ kind: null, value: '0x00fffe' }],
            });
            expect(rows.at(-1)?.at).toBeNull();
            const shown = await queries.transaction(rows.at(-2)?.id ?? '');
            expect(shown?.isValid).toBe(true);
            expect(JSON.stringify(shown)).not.toContain(SECRET);
        }
    });
});

describe('a connection that everybody on the machine can read', () => {
    it.each([
        'postgres://me:secret@127.0.0.1/community',
        'postgresql://me:secret@/community',
        'POSTGRES://:secret@127.0.0.1/community',
        'postgres://me@127.0.0.1/community?password=secret',
    ])('carries no password: %s', async (connection) => {
        const said = await openReadModel(connection).catch(String);
        expect(said).toContain('PGPASSWORD');
        expect(said).not.toContain('secret');
    });
});
