import { EventEmitter, once } from 'node:events';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';

import { TestCommunity } from '../../testing/test-community';
import type { Simulator } from '../ledger/api';
import { PeerChannel } from '../validation/peer-channel';
import { ChaincodeStream, type MessageStream } from './chaincode-stream';
import { TransactionContext, type CollectionPermission } from './transaction-context';

const { Type } = peer.ChaincodeMessage;
type MessageType = peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap];
const TX = 'a'.repeat(64);
const CHANNEL = 'community';

/** The chaincode's end of the wire: what it sends arrives at once, what it is sent is kept. */
class Wire extends EventEmitter implements MessageStream {
    readonly received: peer.ChaincodeMessage[] = [];
    ended = false;

    write(message: peer.ChaincodeMessage): void {
        this.received.push(peer.ChaincodeMessage.deserializeBinary(message.serializeBinary()));
        this.emit('received');
    }

    end(): void {
        this.ended = true;
    }

    send(type: MessageType, payload: Uint8Array = new Uint8Array(), txId = TX): void {
        const message = new peer.ChaincodeMessage();
        message.setType(type);
        message.setPayload(payload);
        message.setTxid(txId);
        message.setChannelId(CHANNEL);
        this.emit('data', message);
    }

    /** What the peer answers to a request. */
    async ask(
        type: MessageType,
        request: { serializeBinary(): Uint8Array },
        txId = TX,
    ): Promise<peer.ChaincodeMessage> {
        const answered = once(this, 'received');
        this.send(type, request.serializeBinary(), txId);
        await answered;
        return this.received.at(-1) as peer.ChaincodeMessage;
    }
}

let community: TestCommunity;
let channel: PeerChannel;
let simulator: Simulator;
let wire: Wire;
let stream: ChaincodeStream;
let warnings: string[];
let closed: string[];
let permission: (collection: string) => CollectionPermission;

beforeAll(async () => {
    community = await TestCommunity.create(1);
    channel = await PeerChannel.open(community.peer('H1'), community.genesis);
});

afterAll(async () => {
    await channel.close();
    community.remove();
});

beforeEach(() => {
    wire = new Wire();
    warnings = [];
    closed = [];
    permission = () => ({ read: true, write: true });
    simulator = channel.ledger.simulator(TX);
    stream = new ChaincodeStream('kv:1', wire, () => Promise.reject(new Error('nested calls are not made here')), {
        closed: (reason) => closed.push(reason),
        warn: (message) => warnings.push(message),
    });
});

afterEach(async () => {
    stream.close('the test is over');
    await simulator.close();
});

function register(name = 'kv:1'): void {
    const id = new peer.ChaincodeID();
    id.setName(name);
    wire.send(Type.REGISTER, id.serializeBinary(), '');
}

function context(isInit = false): TransactionContext {
    return new TransactionContext(
        {
            channelId: CHANNEL,
            txId: TX,
            signedProposal: new peer.SignedProposal(),
            proposal: { identity: new Uint8Array(), data: new Uint8Array(), signature: new Uint8Array() },
            simulator,
            history: () => channel.ledger.history('kv', 'none'),
            collectionPermission: (_namespace, collection) => Promise.resolve(permission(collection)),
        },
        'kv',
        isInit,
    );
}

/** A transaction that runs until the test ends it. */
function running(isInit = false, limitMs = 5_000): Promise<peer.ChaincodeMessage> {
    register();
    return stream.execute(context(isInit), isInit, Buffer.from('input'), limitMs);
}

const textOf = (message: peer.ChaincodeMessage): string => Buffer.from(message.getPayload_asU8()).toString();

function getState(key: string, collection = ''): peer.GetState {
    const request = new peer.GetState();
    request.setKey(key);
    request.setCollection(collection);
    return request;
}

function putState(key: string, value: string, collection = ''): peer.PutState {
    const request = new peer.PutState();
    request.setKey(key);
    request.setValue(Buffer.from(value));
    request.setCollection(collection);
    return request;
}

describe('registration', () => {
    test('is answered with REGISTERED and READY, with which the peer says that it takes batches', async () => {
        register();
        await stream.ready;
        expect(wire.received.map((each) => each.getType())).toEqual([Type.REGISTERED, Type.READY]);
        const abilities = peer.ChaincodeAdditionalParams.deserializeBinary(
            wire.received[1]?.getPayload_asU8() ?? new Uint8Array(),
        );
        expect(abilities.getUseWriteBatch()).toBe(true);
        expect(abilities.getUseGetMultipleKeys()).toBe(true);
    });

    test.each([
        { name: '', says: 'chaincodeID name is empty' },
        { name: 'other:2', says: 'claimed to start chaincode container for kv:1' },
    ])('under the name “$name” ends the stream', async ({ name, says }) => {
        register(name);
        await expect(stream.ready).rejects.toThrow(says);
        expect(wire.ended).toBe(true);
    });

    test('has to come first', () => {
        wire.send(Type.GET_STATE, getState('a').serializeBinary());
        expect(closed).toEqual([
            `error handling message, ending stream: [${TX}] Fabric side handler cannot handle message (GET_STATE) while in created state`,
        ]);
    });

    test('is not repeated', async () => {
        register();
        await stream.ready;
        register();
        expect(closed[0]).toContain('cannot handle message (REGISTER) while in ready state');
    });
});

describe('a transaction', () => {
    test('carries the proposal and ends with COMPLETED', async () => {
        const answer = running();
        const request = wire.received.at(-1);
        expect(request?.getType()).toBe(Type.TRANSACTION);
        expect(request?.hasProposal()).toBe(true);
        wire.send(Type.COMPLETED, Buffer.from('done'));
        expect(textOf(await answer)).toBe('done');
    });

    test('is sent as INIT where the chaincode is initialised', () => {
        void running(true).catch(() => undefined);
        expect(wire.received.at(-1)?.getType()).toBe(Type.INIT);
    });

    test('cannot run twice at a time', async () => {
        const first = running();
        await expect(stream.execute(context(), false, Buffer.from(''), 1_000)).rejects.toThrow(
            `txid: ${TX}(community) exists`,
        );
        wire.send(Type.ERROR, Buffer.from('no'));
        expect((await first).getType()).toBe(Type.ERROR);
    });

    test('that takes too long is given up, and asks in vain from then on', async () => {
        await expect(running(false, 10)).rejects.toThrow('timeout expired while executing transaction');
        const answer = await wire.ask(Type.GET_STATE, getState('a'));
        expect(textOf(answer)).toBe(`GET_STATE failed: transaction ID: ${TX}: no ledger context`);
    });

    test('fails when the stream breaks', async () => {
        const answer = running();
        wire.emit('error', new Error('reset'));
        await expect(answer).rejects.toThrow('chaincode stream terminated');
        expect(closed).toEqual(['reset']);
        await expect(stream.execute(context(), false, Buffer.from(''), 1_000)).rejects.toThrow(
            'chaincode stream terminated',
        );
    });

    test('has one request at a time: a second one is dropped', async () => {
        void running().catch(() => undefined);
        const answered = once(wire, 'received');
        wire.send(Type.GET_STATE, getState('a').serializeBinary());
        wire.send(Type.GET_STATE, getState('b').serializeBinary());
        await answered;
        expect(warnings).toEqual([`[${TX}] Another request pending for this CC: kv:1. Cannot process.`]);
    });

    test('that the peer does not know gets no answer from the ledger', async () => {
        register();
        const answer = await wire.ask(Type.INVOKE_CHAINCODE, new peer.ChaincodeSpec(), 'b'.repeat(64));
        expect(textOf(answer)).toBe(
            `INVOKE_CHAINCODE failed: transaction ID: ${'b'.repeat(64)}: could not get valid transaction`,
        );
    });
});

describe('requests', () => {
    beforeEach(() => {
        void running().catch(() => undefined);
    });

    test('write and read the world state, but not what the transaction itself wrote', async () => {
        const put = await wire.ask(Type.PUT_STATE, putState('a', '1'));
        expect([put.getType(), textOf(put)]).toEqual([Type.RESPONSE, '']);
        const got = await wire.ask(Type.GET_STATE, getState('a'));
        expect([got.getType(), textOf(got)]).toEqual([Type.RESPONSE, '']);
        const gone = new peer.DelState();
        gone.setKey('b');
        expect((await wire.ask(Type.DEL_STATE, gone)).getType()).toBe(Type.RESPONSE);
        const [namespace] = simulator.done().publicSet.namespaces;
        expect(namespace?.writes.map(({ key, isDelete }) => [key, isDelete])).toEqual([
            ['a', false],
            ['b', true],
        ]);
        expect(namespace?.reads).toEqual([{ key: 'a' }]);
    });

    test('may come in batches', async () => {
        const record = (
            key: string,
            type: peer.WriteRecord.TypeMap[keyof peer.WriteRecord.TypeMap],
        ): peer.WriteRecord => {
            const result = new peer.WriteRecord();
            result.setKey(key);
            result.setValue(Buffer.from('v'));
            result.setType(type);
            return result;
        };
        const batch = new peer.WriteBatchState();
        batch.setRecList([record('x', peer.WriteRecord.Type.PUT_STATE), record('y', peer.WriteRecord.Type.DEL_STATE)]);
        expect((await wire.ask(Type.WRITE_BATCH_STATE, batch)).getType()).toBe(Type.RESPONSE);
        batch.setRecList([record('z', peer.WriteRecord.Type.UNDEFINED)]);
        expect(textOf(await wire.ask(Type.WRITE_BATCH_STATE, batch))).toContain('unknown operation type');
        const many = new peer.GetStateMultiple();
        many.setKeysList(['p', 'q']);
        const values = await wire.ask(Type.GET_STATE_MULTIPLE, many);
        expect(peer.GetStateMultipleResult.deserializeBinary(values.getPayload_asU8()).getValuesList()).toHaveLength(2);
        expect(simulator.done().publicSet.namespaces[0]?.writes).toHaveLength(2);
    });

    test('for private data are refused where the creator may not', async () => {
        permission = () => ({ read: false, write: false });
        expect(textOf(await wire.ask(Type.GET_STATE, getState('a', 'members')))).toBe(
            `GET_STATE failed: transaction ID: ${TX}: tx creator does not have read access permission on privatedata in chaincodeName:kv collectionName: members`,
        );
        expect(textOf(await wire.ask(Type.PUT_STATE, putState('a', '1', 'members')))).toBe(
            `PUT_STATE failed: transaction ID: ${TX}: tx creator does not have write access permission on privatedata in chaincodeName:kv collectionName: members`,
        );
    });

    test('for a purge need a collection', async () => {
        const purge = new peer.PurgePrivateState();
        purge.setKey('a');
        expect(textOf(await wire.ask(Type.PURGE_PRIVATE_DATA, purge))).toContain('only applicable for private data');
    });

    test('for queries that need another database are refused', async () => {
        expect(textOf(await wire.ask(Type.GET_QUERY_RESULT, new peer.GetQueryResult()))).toContain(
            'ExecuteQuery not supported for leveldb',
        );
    });

    test('for more of a query that is not open are refused, closing one that is not open is not', async () => {
        const next = new peer.QueryStateNext();
        next.setId('gone');
        expect(textOf(await wire.ask(Type.QUERY_STATE_NEXT, next))).toContain('query iterator not found');
        const close = new peer.QueryStateClose();
        close.setId('gone');
        const answer = await wire.ask(Type.QUERY_STATE_CLOSE, close);
        expect(peer.QueryResponse.deserializeBinary(answer.getPayload_asU8()).getHasMore()).toBe(false);
    });

    test('for an empty range say that there is no more', async () => {
        const range = new peer.GetStateByRange();
        range.setStartkey('a');
        range.setEndkey('b');
        const answer = await wire.ask(Type.GET_STATE_BY_RANGE, range);
        const response = peer.QueryResponse.deserializeBinary(answer.getPayload_asU8());
        expect([response.getResultsList().length, response.getHasMore()]).toEqual([0, false]);
    });

    test('for other chaincodes go their own way', async () => {
        expect(textOf(await wire.ask(Type.INVOKE_CHAINCODE, new peer.ChaincodeSpec()))).toBe(
            `INVOKE_CHAINCODE failed: transaction ID: ${TX}: nested calls are not made here`,
        );
    });

    test('that nobody knows end the stream', () => {
        wire.send(Type.RESPONSE);
        expect(closed[0]).toContain('cannot handle message (RESPONSE) while in ready state');
    });
});

test('Init may not touch private data', async () => {
    void running(true).catch(() => undefined);
    expect(textOf(await wire.ask(Type.GET_STATE, getState('a', 'members')))).toContain(
        'private data APIs are not allowed in chaincode Init()',
    );
});
