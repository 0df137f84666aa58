import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { blockHeader, decodeBlock, encodeBlock } from '../../fabric/blocks';
import { organisation } from '../../topology/topology';
import { startOrderingNode, type OrderingNode } from '../ordering-node';
import { OrderingCommunity } from '../testing/community';

const PORT = 20_400;
const ADMIN = 20_480;
const CHANNELS = '/participation/v1/channels';

let community: OrderingCommunity;
let node: OrderingNode;

beforeAll(async () => {
    community = await OrderingCommunity.create(2, PORT);
    node = await startOrderingNode({
        genesis: community.genesis(),
        directory: community.layout.ordering,
        seats: community.seats().map((seat, index) => ({
            ...seat,
            admin: {
                host: '127.0.0.1',
                port: ADMIN + index,
                clientRoots: community.tlsRoot(index === 0 ? 'H1' : 'H2'),
            },
        })),
    });
});

afterAll(async () => {
    await node.stop();
    community.remove();
});

interface Answered {
    readonly status: number;
    readonly body: Buffer;
}

/** As the holder of an organisation's TLS key, or as nobody. */
function ask(method: string, path: string, as?: string, body?: Buffer, boundary = ''): Promise<Answered> {
    const tls =
        as === undefined ? undefined : community.layout.organisation(organisation(community.topology, as)).orderer.tls;
    return new Promise((resolve, reject) => {
        const sent = request(
            {
                host: '127.0.0.1',
                port: ADMIN,
                method,
                path,
                agent: false,
                ca: community.tlsRoot('H1'),
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

function form(content: Uint8Array): Buffer {
    const head = '--b\r\ncontent-disposition: form-data; name="config-block"; filename="x"\r\n\r\n';
    return Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--b--\r\n')]);
}

describe('channel participation', () => {
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
        const again = await ask('POST', CHANNELS, 'H1', form(own), 'b');
        expect(again.status).toBe(405);
        expect(json(again)).toEqual({ error: 'cannot join: channel already exists' });
        const wrong = await ask('POST', CHANNELS, 'H1', form(Buffer.from('no block')), 'b');
        expect(json(wrong)).toEqual({ error: 'invalid join block: it is no configuration block' });
        const empty = await ask('POST', CHANNELS, 'H1', Buffer.from('nothing'), 'b');
        expect(json(empty)).toEqual({ error: 'form does not contains part key: config-block' });
    });

    test('refuses to remove the channel, and says what to do', async () => {
        const answered = await ask('DELETE', `${CHANNELS}/${community.topology.channel}`, 'H1');
        expect(answered.status).toBe(405);
        expect(answered.body.toString()).toContain('network.sh down');
    });

    test('lets in nobody without a TLS certificate of the seat', async () => {
        await expect(ask('GET', CHANNELS)).rejects.toThrow();
        await expect(ask('GET', CHANNELS, 'H2')).rejects.toThrow();
    });
});

/** Fabric's own command, where it is installed. */
const OSNADMIN = [process.env['FABRIC_BIN'] ?? '', ...(process.env['PATH'] ?? '').split(delimiter)]
    .map((folder) => join(folder, 'osnadmin'))
    .find(existsSync);

describe("Fabric's osnadmin", () => {
    const here = OSNADMIN === undefined ? test.skip : test;
    const osnadmin = async (...args: string[]): Promise<string> => {
        const { tls } = community.layout.organisation(organisation(community.topology, 'H1')).orderer;
        const secured = ['--ca-file', tls.roots, '--client-cert', tls.certificate, '--client-key', tls.key];
        const all = ['channel', ...args, '-o', `127.0.0.1:${ADMIN}`, ...secured];
        // It ends with another code than 0 only where it gets no answer at all.
        const { stdout, stderr } = await promisify(execFile)(OSNADMIN ?? '', all);
        return `${stdout}${stderr}`;
    };

    here('lists, fetches, and is told why it cannot join or remove', async () => {
        const { channel } = community.topology;
        expect(await osnadmin('list')).toMatch(/Status: 200[^]*"name": "community"/);
        expect(await osnadmin('list', '-c', channel)).toMatch(/Status: 200[^]*"consensusRelation": "consenter"/);
        const file = join(community.layout.home, 'join.block');
        writeFileSync(file, encodeBlock(community.genesis()));
        const joined = await osnadmin('join', '-c', channel, '-b', file);
        expect(joined).toMatch(/Status: 405[^]*cannot join: channel already exists/);
        expect(await osnadmin('remove', '-c', channel)).toMatch(/Status: 405[^]*cannot remove: this ordering service/);
    });
});
