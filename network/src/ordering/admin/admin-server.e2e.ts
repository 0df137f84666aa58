import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import type { common } from '@hyperledger/fabric-protos';

import { Bundle } from '../../fabric/channel-config';
import { blockHeader, decodeBlock, encodeBlock } from '../../fabric/blocks';
import { until } from '../../testing/peer-network';
import { organisation } from '../../topology/topology';
import { startOrderingNode, type OrderingNode } from '../ordering-node';
import { OrderingClient } from '../testing/client';
import { OrderingCommunity } from '../testing/community';
import { batchTimeout, updateOf } from '../testing/updates';
import { ChannelHost } from './channel-host';

const PORT = 20_400;
const ADMIN = 20_480;
const CHANNELS = '/participation/v1/channels';

/** Two seats, in one process. */
let community: OrderingCommunity;
/** One seat. */
let single: OrderingCommunity;
let hosts: ChannelHost<OrderingNode>[] = [];

/** A process that holds all seats of a community, begun with the first block of its channel or with none. */
async function host(of: OrderingCommunity, genesis?: common.Block): Promise<ChannelHost<OrderingNode>> {
    const own = of.seats();
    const directory = of.layout.ordering;
    const started = await ChannelHost.start({
        directory,
        genesis,
        start: (block) => startOrderingNode({ genesis: block, directory, seats: own }),
        seats: own.map(({ identity, tls }, index) => ({
            host: '127.0.0.1',
            port: ADMIN + index,
            mspId: identity.mspId,
            tls,
            clientRoots: of.tlsRoot(identity.mspId),
        })),
        report: () => undefined,
    });
    hosts.push(started);
    return started;
}

async function stopAll(): Promise<void> {
    await Promise.all(hosts.map((each) => each.stop()));
    hosts = [];
}

beforeAll(async () => {
    community = await OrderingCommunity.create(2, PORT);
    single = await OrderingCommunity.create(1, PORT + 40, {}, { seats: 1 });
});

afterAll(() => {
    community.remove();
    single.remove();
});

interface Answered {
    readonly status: number;
    readonly body: Buffer;
}

/** As the holder of an organisation's TLS key, or as nobody. */
function ask(
    method: string,
    path: string,
    as?: string,
    body?: Buffer,
    { boundary = 'b', of = community }: { readonly boundary?: string; readonly of?: OrderingCommunity } = {},
): Promise<Answered> {
    const tls = as === undefined ? undefined : of.layout.organisation(organisation(of.topology, as)).orderer.tls;
    return new Promise((resolve, reject) => {
        const sent = request(
            {
                host: '127.0.0.1',
                port: ADMIN,
                method,
                path,
                agent: false,
                ca: of.tlsRoot('H1'),
                ...(tls ? { cert: readFileSync(tls.certificate), key: readFileSync(tls.key) } : {}),
                headers: body ? { 'content-type': `multipart/form-data; boundary=${boundary}` } : {},
            },
            (response) => {
                const chunks: Buffer[] = [];
                response.on('data', (chunk: Buffer) => chunks.push(chunk));
                response.on('end', () => {
                    resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) });
                });
            },
        );
        sent.on('error', reject);
        sent.end(body);
    });
}

const json = ({ body }: Answered): unknown => JSON.parse(body.toString());

function form(content: Uint8Array, name = 'config-block'): Buffer {
    const head = `--b\r\ncontent-disposition: form-data; name="${name}"; filename="x"\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--b--\r\n')]);
}

describe('channel participation of a service that holds all seats', () => {
    beforeAll(async () => {
        await host(community, community.genesis());
    });
    afterAll(stopAll);

    test('lists the one channel, and tells of it', async () => {
        const name = community.topology.channel;
        expect(json(await ask('GET', CHANNELS, 'H1'))).toEqual({
            systemChannel: null,
            channels: [{ name, url: `${CHANNELS}/${name}` }],
        });
        expect(json(await ask('GET', `${CHANNELS}/${name}`, 'H1'))).toEqual({
            name,
            url: `${CHANNELS}/${name}`,
            consensusRelation: 'consenter',
            status: 'active',
            height: 1,
        });
        expect(await ask('GET', `${CHANNELS}/other`, 'H1')).toMatchObject({ status: 404 });
    });

    test.each(['newest', 'oldest', 'config', '0'])('gives the block %s', async (id) => {
        const { status, body } = await ask('GET', `${CHANNELS}/${community.topology.channel}/blocks/${id}`, 'H1');
        expect(status).toBe(200);
        expect(blockHeader(decodeBlock(body)).getNumber()).toBe(0);
    });

    test.each([
        { id: '1', status: 404, error: 'block 1 is not there: the channel has 1 blocks' },
        { id: 'last', status: 400, error: expect.stringContaining('invalid block ID') },
    ])('has no block $id', async ({ id, status, error }) => {
        const answered = await ask('GET', `${CHANNELS}/${community.topology.channel}/blocks/${id}`, 'H1');
        expect({ status: answered.status, body: json(answered) }).toEqual({ status, body: { error } });
    });

    test('refuses to join what it serves already, another channel, and what is no configuration block', async () => {
        const own = Buffer.from(encodeBlock(community.genesis()));
        const again = await ask('POST', CHANNELS, 'H1', form(own));
        expect(again.status).toBe(405);
        expect(json(again)).toEqual({ error: 'cannot join: channel already exists' });
        const wrong = await ask('POST', CHANNELS, 'H1', form(Buffer.from('no block')));
        expect(json(wrong)).toEqual({ error: 'invalid join block: it is no configuration block' });
        const empty = await ask('POST', CHANNELS, 'H1', Buffer.from('nothing'));
        expect(json(empty)).toEqual({ error: 'form does not contains part key: config-block' });
    });

    test('refuses to remove the channel, and says what to do', async () => {
        const answered = await ask('DELETE', `${CHANNELS}/${community.topology.channel}`, 'H1');
        expect(answered.status).toBe(405);
        expect(answered.body.toString()).toContain('network.sh down');
        const other = await ask('DELETE', `${CHANNELS}/other`, 'H1');
        expect([other.status, json(other)]).toEqual([404, { error: 'cannot remove: channel does not exist' }]);
    });

    test('orders a configuration update, and says why it does not', async () => {
        const part = 'config-update-envelope';
        const bundle = Bundle.fromConfigBlock(community.genesis());
        const put = async (signers: readonly string[]): Promise<Answered> => {
            const update = updateOf(community, bundle, batchTimeout('175ms'), signers);
            return ask('PUT', CHANNELS, 'H1', form(update.serializeBinary(), part));
        };
        const wrong = await put(['H1']);
        expect([wrong.status, wrong.body.toString()]).toEqual([400, expect.stringContaining('cannot update: failed')]);
        const done = await put(['H1', 'H2', 'DSO']);
        expect([done.status, json(done)]).toMatchObject([201, { name: community.topology.channel }]);
        const none = await ask('PUT', CHANNELS, 'H1', form(encodeBlock(community.genesis()), part));
        expect(json(none)).toEqual({ error: 'invalid config update envelope: bad type' });
    });

    test('lets in nobody without a TLS certificate of the seat', async () => {
        await expect(ask('GET', CHANNELS)).rejects.toThrow();
        await expect(ask('GET', CHANNELS, 'H2')).rejects.toThrow();
    });
});

describe('channel participation of a service that holds one seat', () => {
    afterEach(stopAll);
    const asked = (method: string, path: string, body?: Buffer): Promise<Answered> =>
        ask(method, path, 'H1', body, { of: single });
    const first = (): Buffer => form(readFileSync(single.layout.genesisBlock));
    const own = `${CHANNELS}/community`;

    async function order(): Promise<string | undefined> {
        const client = new OrderingClient(`127.0.0.1:${PORT + 40}`, single.tlsRoot('H1'));
        try {
            return (await client.broadcast(single.transaction()))[0]?.status;
        } finally {
            client.close();
        }
    }

    const height = async (): Promise<unknown> => (json(await asked('GET', own)) as { readonly height: unknown }).height;

    test('begun without a channel it joins one, orders, and is in it after a restart', async () => {
        await host(single);
        expect(json(await asked('GET', CHANNELS))).toEqual({ systemChannel: null, channels: null });
        await expect(order()).rejects.toThrow();
        const later = Buffer.from(encodeBlock(community.genesis()));
        expect(json(await asked('POST', CHANNELS, form(later.subarray(0, 40))))).toEqual({
            error: expect.stringContaining('invalid join block'),
        });
        const joined = await asked('POST', CHANNELS, first());
        expect([joined.status, json(joined)]).toMatchObject([201, { name: 'community', status: 'active', height: 1 }]);
        expect(await order()).toBe('SUCCESS');
        await until('the transaction is in a block', async () => (await height()) === 2);
        await stopAll();
        await host(single);
        expect(await height()).toBe(2);
    });

    test('removed it serves nothing, also after a restart; joined anew it goes on where it was', async () => {
        await host(single);
        expect((await asked('DELETE', own)).status).toBe(204);
        expect((await asked('GET', own)).status).toBe(404);
        expect((await asked('DELETE', own)).status).toBe(404);
        await expect(order()).rejects.toThrow();
        await stopAll();
        await host(single, decodeBlock(readFileSync(single.layout.genesisBlock)));
        expect((await asked('GET', own)).status).toBe(404);
        const other = await asked('POST', CHANNELS, form(encodeBlock(single.genesis())));
        expect([other.status, other.body.toString()]).toEqual([400, expect.stringContaining('another channel')]);
        expect((await asked('POST', CHANNELS, first())).status).toBe(201);
        expect(await height()).toBe(2);
        expect(await order()).toBe('SUCCESS');
        await until('the transaction is in a block', async () => (await height()) === 3);
    });

    test('joins by the first block only, and where it has a seat', async () => {
        const directory = mkdtempSync(join(tmpdir(), 'ordering-host-'));
        const seatless = await ChannelHost.start({
            directory,
            genesis: undefined,
            start: () => Promise.reject(new Error('not asked for')),
            seats: [],
            report: () => undefined,
        });
        const block = decodeBlock(readFileSync(single.layout.genesisBlock));
        await expect(seatless.join(Buffer.from(encodeBlock(block)))).rejects.toThrow('has no ordering seat');
        block.getHeader()?.setNumber(3);
        await expect(seatless.join(Buffer.from(encodeBlock(block)))).rejects.toThrow('cannot join by block 3');
        await seatless.stop();
        rmSync(directory, { recursive: true });
    });
});

/** Fabric's own command, where it is installed. */
const OSNADMIN = [process.env['FABRIC_BIN'] ?? '', ...(process.env['PATH'] ?? '').split(delimiter)]
    .map((folder) => join(folder, 'osnadmin'))
    .find(existsSync);

describe("Fabric's osnadmin", () => {
    const here = OSNADMIN === undefined ? test.skip : test;
    afterAll(stopAll);
    const osnadmin = async (...args: string[]): Promise<string> => {
        const { tls } = single.layout.organisation(organisation(single.topology, 'H1')).orderer;
        const secured = ['--ca-file', tls.roots, '--client-cert', tls.certificate, '--client-key', tls.key];
        const all = ['channel', ...args, '-o', `127.0.0.1:${ADMIN}`, ...secured];
        // It ends with another code than 0 only where it gets no answer at all.
        const { stdout, stderr } = await promisify(execFile)(OSNADMIN ?? '', all);
        return `${stdout}${stderr}`;
    };

    here('joins, lists, updates, fetches and removes', async () => {
        rmSync(single.layout.ordering, { recursive: true, force: true });
        await host(single);
        const { genesisBlock, home } = single.layout;
        expect(await osnadmin('join', '-c', 'community', '-b', genesisBlock)).toMatch(/Status: 201[^]*"height": 1/);
        const again = await osnadmin('join', '-c', 'community', '-b', genesisBlock);
        expect(again).toMatch(/Status: 405[^]*cannot join: channel already exists/);
        expect(await osnadmin('list')).toMatch(/Status: 200[^]*"name": "community"/);
        expect(await osnadmin('list', '-c', 'community')).toMatch(/Status: 200[^]*"consensusRelation": "consenter"/);
        const bundle = Bundle.fromConfigBlock(readFileSync(genesisBlock));
        const update = join(home, 'update.pb');
        writeFileSync(update, updateOf(single, bundle, batchTimeout('150ms'), ['H1']).serializeBinary());
        expect(await osnadmin('update', '-c', 'community', '-e', update)).toMatch(/Status: 201/);
        const fetched = join(home, 'fetched.block');
        await until('the configuration is in a block', async () => {
            await osnadmin('fetch', '-c', 'community', '-b', 'config', '-f', fetched);
            return existsSync(fetched) && blockHeader(decodeBlock(readFileSync(fetched))).getNumber() === 1;
        });
        expect(await osnadmin('remove', '-c', 'community')).toMatch(/Status: 204/);
        expect(await osnadmin('list')).toMatch(/Status: 200[^]*"channels": null/);
        expect(await osnadmin('remove', '-c', 'community')).toMatch(/Status: 404[^]*channel does not exist/);
    });
});
