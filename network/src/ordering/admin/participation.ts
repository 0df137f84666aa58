import type { IncomingMessage } from 'node:http';

import { blockEnvelopes, decodeBlock, isConfigBlock } from '../../fabric/blocks';
import { parseEnvelope } from '../../fabric/envelopes';
import type { Answer } from '../../operations/operations-server';

const CHANNELS = '/participation/v1/channels';
/** As Fabric's orderers have it by default. */
const LONGEST_BODY = 1024 * 1024;
const CONFIG_BLOCK = 'config-block';

/** What channel participation has to know of the ordering service. */
export interface OrderedChannel {
    readonly channelId: string;
    readonly height: () => number;
    /** Number of the newest configuration block. */
    readonly configBlock: () => Promise<number>;
    readonly block: (number: number) => Promise<Buffer>;
}

const problem = (status: number, error: string): Answer => ({ status, body: { error } });

/**
 * Fabric's channel participation API, for its `osnadmin`, on an ordering service that serves one channel from its beginning to its end:
 * what is there can be listed and fetched; to join or to leave is refused, with what to do instead.
 */
export async function participation(request: IncomingMessage, channel: OrderedChannel): Promise<Answer> {
    const { pathname } = new URL(request.url ?? '/', 'https://localhost');
    const name = decodeURIComponent(pathname.slice(CHANNELS.length + 1).split('/')[0] ?? '');
    if (pathname === CHANNELS) return ofAll(request, channel);
    if (!pathname.startsWith(`${CHANNELS}/`)) return problem(404, 'not found');
    return name === channel.channelId ? ofOne(request, pathname, channel) : problem(404, 'channel does not exist');
}

function ofOne({ method }: IncomingMessage, pathname: string, channel: OrderedChannel): Answer | Promise<Answer> {
    const blockId = /\/blocks\/([^/]+)$/.exec(pathname)?.[1];
    if (method === 'DELETE' && blockId === undefined) {
        return problem(
            405,
            `cannot remove: this ordering service exists for channel '${channel.channelId}' alone; \`network.sh down\` ends it, a seat is given up by a configuration update`,
        );
    }
    if (method !== 'GET') return problem(405, `invalid request method: ${method ?? ''}`);
    return blockId === undefined ? { status: 200, body: detailsOf(channel) } : fetchBlock(blockId, channel);
}

function ofAll(request: IncomingMessage, channel: OrderedChannel): Answer | Promise<Answer> {
    switch (request.method) {
        case 'GET': {
            const name = channel.channelId;
            return { status: 200, body: { systemChannel: null, channels: [{ name, url: `${CHANNELS}/${name}` }] } };
        }
        case 'POST':
            return join(request, channel);
        case 'PUT':
            return problem(405, 'cannot update here: send the update to Broadcast, as `peer channel update` does');
        default:
            return problem(405, `invalid request method: ${request.method ?? ''}`);
    }
}

function detailsOf({ channelId, height }: OrderedChannel): object {
    return {
        name: channelId,
        url: `${CHANNELS}/${channelId}`,
        consensusRelation: 'consenter',
        status: 'active',
        height: height(),
    };
}

async function fetchBlock(blockId: string, channel: OrderedChannel): Promise<Answer> {
    const height = channel.height();
    const named: Readonly<Record<string, () => number | Promise<number>>> = {
        newest: () => height - 1,
        oldest: () => 0,
        config: channel.configBlock,
    };
    const number = await (named[blockId]?.() ?? (/^\d{1,15}$/.test(blockId) ? Number(blockId) : -1));
    if (number < 0) return problem(400, `invalid block ID: '${blockId}' is none of newest, oldest, config or a number`);
    if (number >= height) return problem(404, `block ${number} is not there: the channel has ${height} blocks`);
    return { status: 200, body: await channel.block(number), contentType: 'application/octet-stream' };
}

async function join(request: IncomingMessage, channel: OrderedChannel): Promise<Answer> {
    const body = await bodyOf(request);
    if (body === undefined) return problem(400, `cannot read form from request body: more than ${LONGEST_BODY} bytes`);
    const part = partOf(body, request.headers['content-type'] ?? '', CONFIG_BLOCK);
    if (part === undefined) return problem(400, `form does not contains part key: ${CONFIG_BLOCK}`);
    const asked = channelOf(part);
    if (asked === undefined) return problem(400, 'invalid join block: it is no configuration block');
    return asked === channel.channelId
        ? problem(405, 'cannot join: channel already exists')
        : problem(
              400,
              `cannot join: this ordering service exists for channel '${channel.channelId}' alone, '${asked}' needs one of its own`,
          );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length > LONGEST_BODY) return undefined;
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}

/** The content of the one part that has this name; a form for a machine needs no more of RFC 7578. */
function partOf(body: Buffer, contentType: string, name: string): Buffer | undefined {
    const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/.exec(contentType)?.[1];
    const end = body.lastIndexOf(`\r\n--${boundary ?? ''}--`);
    const headEnd = body.indexOf('\r\n\r\n');
    if (boundary === undefined || headEnd < 0 || end < headEnd) return undefined;
    const head = body.subarray(0, headEnd).toString('latin1');
    return head.startsWith(`--${boundary}\r\n`) && head.includes(`name="${name}"`)
        ? body.subarray(headEnd + 4, end)
        : undefined;
}

/** The channel of a configuration block; undefined for anything else. */
function channelOf(bytes: Uint8Array): string | undefined {
    try {
        const block = decodeBlock(bytes);
        const [envelope] = blockEnvelopes(block);
        return envelope === undefined || !isConfigBlock(block) ? undefined : parseEnvelope(envelope).channelId;
    } catch {
        return undefined;
    }
}
