import { randomBytes } from 'node:crypto';
import { rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { Authority } from '../topology/identities/authority';
import { blockEnvelopes, encodeBlock, headerHash, lastConfigIndex } from '../fabric/blocks';
import { Bundle } from '../fabric/channel-config';
import { parseEnvelope, signedEnvelope } from '../fabric/envelopes';
import { signingIdentity } from '../fabric/signing';
import { headerOf } from './app/block-header';
import { startOrderingNode, type OrderingNode } from './ordering-node';
import { OrderingClient, seekInfo } from './testing/client';
import { OrderingCommunity } from './testing/community';
import { batchTimeout, updateOf } from './testing/updates';

// Shared machines are slow at times.
jest.setTimeout(300_000);

const PORT = 22_000;

let community: OrderingCommunity;
let genesis: common.Block;
let node: OrderingNode;
let client: OrderingClient;
let now: Date;

beforeAll(async () => {
    community = await OrderingCommunity.create(4, PORT);
    genesis = community.genesis({ timeoutMs: 20, maxMessageCount: 10 });
});

afterAll(() => {
    community.remove();
});

beforeEach(async () => {
    now = new Date();
    node = await start(community.layout.ordering + randomBytes(4).toString('hex'));
    client = new OrderingClient(`127.0.0.1:${PORT}`, community.tlsRoot('H1'));
});

afterEach(async () => {
    client.close();
    await node.stop();
});

const start = (directory: string): Promise<OrderingNode> =>
    startOrderingNode({ genesis, directory, seats: community.seats(), now: () => now });

const reader = () => community.peer('H4');

/** Waits for so many blocks. */
async function ordered(blocks: number): Promise<void> {
    for (let tries = 0; node.height < blocks; tries += 1) {
        if (tries > 6_000) throw new Error(`${node.height} blocks, not ${blocks}`);
        await sleep(20);
    }
}

describe('broadcast', () => {
    test('orders what it acknowledges, once, though a gateway sends it to every seat', async () => {
        const envelopes = Array.from({ length: 25 }, () => community.transaction());
        const seats = ['H1', 'H2', 'H3', 'H4'].map(
            (id, at) => new OrderingClient(`127.0.0.1:${PORT + at}`, community.tlsRoot(id)),
        );
        const answers = await Promise.all(
            envelopes.flatMap((envelope) => seats.map((seat) => seat.broadcast(envelope))),
        );
        expect(answers.flat().every(({ status }) => status === 'SUCCESS')).toBe(true);
        const sent = envelopes.map(idOf).toSorted();
        expect((await orderedIds(sent.length)).toSorted()).toEqual(sent);
        seats.forEach((seat) => {
            seat.close();
        });
    });

    test('makes a configuration of an authorised update, which stands after a restart', async () => {
        const directory = community.layout.ordering + randomBytes(4).toString('hex');
        await node.stop();
        node = await start(directory);
        const present = Bundle.fromConfigBlock(genesis);
        const tooFew = updateOf(community, present, batchTimeout('30ms'), ['H1']);
        const [refused] = await client.broadcast(tooFew);
        expect(refused).toMatchObject({
            status: 'BAD_REQUEST',
            info: expect.stringContaining('do not satisfy Admins'),
        });
        const update = updateOf(community, present, batchTimeout('30ms'), ['H1', 'H2', 'H3', 'H4']);
        expect(await client.broadcast(update)).toEqual([{ status: 'SUCCESS', info: '' }]);
        await ordered(2);
        await node.stop();
        node = await start(directory);
        expect(await client.broadcast(community.transaction())).toMatchObject([{ status: 'SUCCESS' }]);
        await ordered(3);
        const { blocks } = await client.deliver(reader());
        const [, config, next] = blocks;
        expect(Bundle.fromConfigBlock(config ?? genesis)).toMatchObject({
            sequence: 1,
            batch: { timeoutMilliseconds: 30 },
        });
        expect([config, next].map((block) => block && lastConfigIndex(block))).toEqual([1, 1]);
        const [again] = await client.broadcast(update);
        expect(again).toMatchObject({ status: 'BAD_REQUEST', info: expect.stringContaining('version') });
    });

    test('ends the stream after a refusal and says why', async () => {
        const [good, bad] = [community.transaction(), community.transaction({ channelId: 'other' })];
        expect(await client.broadcast(good, bad, community.transaction())).toEqual([
            { status: 'SUCCESS', info: '' },
            { status: 'NOT_FOUND', info: expect.stringContaining("channel 'other'") },
        ]);
    });

    test('refuses whoever has an expired certificate', async () => {
        const envelope = community.transaction();
        now = new Date(now.getTime() + 20 * 365 * 24 * 3600 * 1000);
        expect(await client.broadcast(envelope)).toEqual([
            { status: 'BAD_REQUEST', info: 'broadcast client identity expired' },
        ]);
    });

    test('is not reached with the TLS root of another organisation', async () => {
        const stranger = new OrderingClient(`127.0.0.1:${PORT}`, community.tlsRoot('H2'));
        await expect(stranger.broadcast(community.transaction())).rejects.toThrow('UNAVAILABLE');
        stranger.close();
    });
});

describe('deliver', () => {
    test('gives the genesis block as it is, and headers without data on request', async () => {
        await client.broadcast(community.transaction());
        await settled(2);
        const whole = await client.deliver(reader(), { from: 0 });
        expect(whole.status).toBe('SUCCESS');
        expect(whole.blocks.map((block) => headerOf(block).getNumber())).toEqual([0, 1]);
        expect(whole.blocks.slice(0, 1).map((block) => encodeBlock(block))).toEqual([encodeBlock(genesis)]);

        const headers = await client.deliver(reader(), { from: 0, headersOnly: true });
        expect(headers.blocks.map((block) => block.hasData())).toEqual([true, false]);
        expect(headers.blocks[1]?.getMetadata()?.serializeBinary()).toEqual(
            whole.blocks[1]?.getMetadata()?.serializeBinary(),
        );
    });

    test('waits for a block that is not there yet, as peers ask for it', async () => {
        const coming = client.deliver(reader(), { from: 1, to: 2 });
        await client.broadcast(community.transaction());
        await settled(2);
        await client.broadcast(community.transaction());
        expect((await coming).blocks.map((block) => headerOf(block).getNumber())).toEqual([1, 2]);
    });

    test.each([
        { what: 'a block that is not there', seek: { from: 0, to: 7, failIfNotReady: true }, status: 'NOT_FOUND' },
        { what: 'a start beyond the next block', seek: { from: 3, to: Number.MAX_SAFE_INTEGER }, status: 'NOT_FOUND' },
        { what: 'a stop before the start', seek: { from: 1, to: 0 }, status: 'BAD_REQUEST' },
        { what: 'another channel', seek: { channelId: 'other' }, status: 'NOT_FOUND' },
    ])('answers $status to $what', async ({ seek, status }) => {
        expect((await client.deliver(reader(), seek)).status).toBe(status);
    });

    test('refuses who is no reader of the channel', async () => {
        const own = await Authority.create({ commonName: 'ca.elsewhere' });
        const made = await own.issue({ commonName: 'peer', unit: 'peer', usage: 'identity' });
        const stranger = signingIdentity('H1MSP', made.certificatePem, made.privateKeyPem);
        expect(await client.deliver(stranger)).toEqual({ blocks: [], status: 'FORBIDDEN' });
    });

    test('refuses a request that was signed by another than it names, that is old, or that is none', async () => {
        const request = signedEnvelope(
            common.HeaderType.DELIVER_SEEK_INFO,
            'community',
            seekInfo({}).serializeBinary(),
            reader(),
        );
        const tampered = common.Envelope.deserializeBinary(request.serializeBinary());
        tampered.setSignature(community.peer('H3').sign(request.getPayload_asU8()));
        expect((await client.deliverWith(tampered)).status).toBe('FORBIDDEN');

        now = new Date(now.getTime() + 16 * 60 * 1000);
        expect((await client.deliverWith(request)).status).toBe('BAD_REQUEST');

        const nothing = new common.Envelope();
        nothing.setPayload(Buffer.from('ff', 'hex'));
        expect((await client.deliverWith(nothing)).status).toBe('BAD_REQUEST');
    });

    test('ends when the reader hangs up, and the node stops while readers wait', async () => {
        const waiting = client.deliver(reader(), { from: 0, to: Number.MAX_SAFE_INTEGER });
        // The stopping node may still say so, or the connection is gone before that.
        const ended = waiting.then(
            ({ status }) => status,
            () => 'broken off',
        );
        await sleep(50);
        await node.stop();
        expect(['INTERNAL_SERVER_ERROR', 'broken off']).toContain(await ended);
        node = await start(`${community.layout.ordering}after`);
    });
});

describe('a restart', () => {
    const directory = (): string => `${community.layout.ordering}restart`;

    async function orderedBefore(): Promise<string[]> {
        await node.stop();
        node = await start(directory());
        for (let count = 2; count < 6; count += 1) {
            await client.broadcast(community.transaction());
            await settled(count);
        }
        return hashes();
    }

    async function hashes(): Promise<string[]> {
        const { blocks } = await client.deliver(reader());
        return blocks.map((block) => Buffer.from(headerHash(headerOf(block))).toString('hex'));
    }

    test('without the stored blocks makes the same ones from the log, and goes on', async () => {
        const before = await orderedBefore();
        await node.stop();
        await rm(join(directory(), 'blocks'), { recursive: true });
        node = await start(directory());
        expect(await hashes()).toEqual(before);
        await client.broadcast(community.transaction());
        await settled(before.length + 1);
        expect((await hashes()).slice(0, before.length)).toEqual(before);
    });

    test('is refused when the log has lost blocks that were served', async () => {
        await rm(directory(), { recursive: true });
        await orderedBefore();
        await node.stop();
        const log = join(directory(), 'ordering.log');
        await truncate(log, (await stat(log)).size - 10);
        await expect(start(directory())).rejects.toThrow('the ordering log ends at block 3, but 5 blocks were made');
    });

    test('is refused in the folder of another channel', async () => {
        const foreign = community.genesis({ timeoutMs: 30 });
        await node.stop();
        await expect(
            startOrderingNode({ genesis: foreign, directory: directory(), seats: community.seats() }),
        ).rejects.toThrow('another channel');
    });
});

const idOf = (envelope: common.Envelope): string => parseEnvelope(envelope.serializeBinary()).txId;

/** The ids of the transactions in all blocks, once there are that many. */
async function orderedIds(count: number): Promise<string[]> {
    for (let tries = 0; tries < 6_000; tries += 1) {
        const { blocks } = await client.deliver(reader(), { from: 0 });
        const envelopes = blocks.slice(1).flatMap((block) => blockEnvelopes(block));
        if (envelopes.length >= count) {
            return envelopes.map((bytes) => parseEnvelope(bytes).txId);
        }
        await sleep(20);
    }
    throw new Error(`not all of ${count} transactions were ordered`);
}

/** Until the node has that many blocks. */
async function settled(height: number): Promise<void> {
    for (let tries = 0; node.height < height; tries += 1) {
        if (tries > 12_000) {
            throw new Error(`the node stays at ${node.height} blocks`);
        }
        await sleep(10);
    }
}
