import type { IncomingMessage } from 'node:http';

import { common } from '@hyperledger/fabric-protos';

import { blockEnvelopes, decodeBlock, isConfigBlock } from '../../fabric/blocks';
import { parseEnvelope } from '../../fabric/envelopes';
import type { Answer } from '../../operations/operations-server';

const CHANNELS = '/participation/v1/channels';
/** As Fabric's orderers have it by default. */
const LONGEST_BODY = 1024 * 1024;
const CONFIG_BLOCK = 'config-block';
const CONFIG_UPDATE = 'config-update-envelope';

/** What channel participation has to know of a channel that is ordered here. */
export interface OrderedChannel {
    readonly channelId: string;
    readonly height: () => number;
    /** Number of the newest configuration block. */
    readonly configBlock: () => Promise<number>;
    readonly block: (number: number) => Promise<Buffer>;
    /** Takes in a configuration update as Broadcast does. Resolves with why it was not taken. */
    readonly update: (envelope: Buffer) => Promise<string | undefined>;
}

/** This ordering process's part in its channel, of which it has one or, before it joins and after it was removed, none. */
export interface ChannelMembership {
    readonly channel: OrderedChannel | undefined;
    /** @throws NotAllowed */
    join(block: Buffer): Promise<OrderedChannel>;
    /** @throws NotAllowed */
    remove(): Promise<void>;
}

/** An answer other than the one asked for, with the status that Fabric gives it. */
export class NotAllowed extends Error {
    override readonly name = 'NotAllowed';

    constructor(
        readonly status: number,
        message: string,
    ) {
        super(message);
    }
}

const problem = (status: number, error: string): Answer => ({ status, body: { error } });
const notAllowed = (error: string, allow: string): Answer => ({ ...problem(405, error), headers: { allow } });

/** Fabric's channel participation API, for its `osnadmin`, on an ordering service that serves one channel at most. */
export async function participation(request: IncomingMessage, membership: ChannelMembership): Promise<Answer> {
    try {
        return await answer(request, membership);
    } catch (cause) {
        if (cause instanceof NotAllowed) return problem(cause.status, cause.message);
        throw cause;
    }
}

function answer(request: IncomingMessage, membership: ChannelMembership): Answer | Promise<Answer> {
    const { pathname } = new URL(request.url ?? '/', 'https://localhost');
    if (pathname === CHANNELS) return ofAll(request, membership);
    if (!pathname.startsWith(`${CHANNELS}/`)) return problem(404, 'not found');
    const name = decodeURIComponent(pathname.slice(CHANNELS.length + 1).split('/')[0] ?? '');
    const { channel } = membership;
    if (channel === undefined || name !== channel.channelId) {
        return problem(404, `${request.method === 'DELETE' ? 'cannot remove: ' : ''}channel does not exist`);
    }
    return ofOne(request, pathname, channel, membership);
}

async function ofOne(
    { method }: IncomingMessage,
    pathname: string,
    channel: OrderedChannel,
    membership: ChannelMembership,
): Promise<Answer> {
    const blockId = /\/blocks\/([^/]+)$/.exec(pathname)?.[1];
    if (method === 'DELETE' && blockId === undefined) {
        await membership.remove();
        return { status: 204, body: undefined };
    }
    if (method !== 'GET') {
        return notAllowed(`invalid request method: ${method ?? ''}`, blockId === undefined ? 'GET, DELETE' : 'GET');
    }
    return blockId === undefined ? { status: 200, body: detailsOf(channel) } : fetchBlock(blockId, channel);
}

function ofAll(request: IncomingMessage, membership: ChannelMembership): Answer | Promise<Answer> {
    switch (request.method) {
        case 'GET': {
            const names = membership.channel === undefined ? [] : [membership.channel.channelId];
            // Fabric says null where there is none.
            const channels = names.length === 0 ? null : names.map((name) => ({ name, url: `${CHANNELS}/${name}` }));
            return { status: 200, body: { systemChannel: null, channels } };
        }
        case 'POST':
            return join(request, membership);
        case 'PUT':
            return update(request, membership);
        default:
            return notAllowed(`invalid request method: ${request.method ?? ''}`, 'GET, POST, PUT');
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

function created(channel: OrderedChannel): Answer {
    return { status: 201, body: detailsOf(channel), headers: { location: `${CHANNELS}/${channel.channelId}` } };
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

async function join(request: IncomingMessage, membership: ChannelMembership): Promise<Answer> {
    const block = await formPart(request, CONFIG_BLOCK);
    const asked = channelOf(block);
    if (asked === undefined) return problem(400, 'invalid join block: it is no configuration block');
    if (asked === membership.channel?.channelId) {
        return notAllowed('cannot join: channel already exists', 'GET, DELETE');
    }
    return created(await membership.join(block));
}

async function update(request: IncomingMessage, { channel }: ChannelMembership): Promise<Answer> {
    const envelope = await formPart(request, CONFIG_UPDATE);
    const asked = updatedChannel(envelope);
    if (asked === undefined) return problem(400, 'invalid config update envelope: bad type');
    if (channel === undefined || asked !== channel.channelId) {
        return problem(405, 'cannot update: channel does not exist');
    }
    const why = await channel.update(envelope);
    return why === undefined
        ? created(channel)
        : problem(400, `cannot update: failed update config of channel ${asked}: ${why}`);
}

/** @throws NotAllowed unless the body is a form with this one part. */
async function formPart(request: IncomingMessage, name: string): Promise<Buffer> {
    const contentType = request.headers['content-type'] ?? '';
    if (!contentType.startsWith('multipart/form-data')) {
        throw new NotAllowed(400, `unsupported Content-Type: [${contentType}]`);
    }
    const body = await bodyOf(request);
    if (body === undefined) {
        throw new NotAllowed(400, `cannot read form from request body: more than ${LONGEST_BODY} bytes`);
    }
    const part = partOf(body, contentType, name);
    if (part === undefined) throw new NotAllowed(400, `form does not contains part key: ${name}`);
    return part;
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

/** The channel of a configuration update; undefined for anything else. */
function updatedChannel(bytes: Uint8Array): string | undefined {
    try {
        const { type, channelId } = parseEnvelope(bytes);
        return type === common.HeaderType.CONFIG_UPDATE && channelId !== '' ? channelId : undefined;
    } catch {
        return undefined;
    }
}
