import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from '../layout';
import type { seats, Topology } from '../topology';
import type { JoinOptions } from './join';
import { raftSeats } from './plans';
import { hostPort, ordererPorts } from './ports';

type Seat = ReturnType<typeof seats>[number];

interface Answer {
    readonly status: number;
    readonly body: string;
}

const PARTICIPATION = '/participation/v1/channels';
const CREATED = 201;
const OK = 200;
const NOT_FOUND = 404;
const CALL_LIMIT_MS = 15_000;
const POLL_MS = 200;
const BOUNDARY = 'first-block-of-the-channel';

/** Has each of Fabric's orderers join by channel participation, and waits until they have elected a leader. */
export async function joinOrderers(topology: Topology, layout: Layout, options: JoinOptions): Promise<void> {
    const orderers = raftSeats(topology);
    if (orderers.length === 0) {
        return;
    }
    const genesis = readFileSync(layout.genesisBlock);
    const joined = await Promise.all(orderers.map((each) => joinOrderer(each, topology.channel, genesis, layout)));
    if (joined.some(Boolean)) {
        options.progress(`orderers of ${orderers.map(({ id }) => id).join(', ')} joined channel ${topology.channel}`);
    }
    while (!(await hasLeader(orderers))) {
        if (options.deadline.aborted) {
            throw new Error("Fabric's orderers have elected no leader within the limit");
        }
        await sleep(POLL_MS);
    }
}

/** @returns whether it was not in the channel yet. */
async function joinOrderer(seat: Seat, channel: string, genesis: Buffer, layout: Layout): Promise<boolean> {
    const known = await call(seat, layout, 'GET', `${PARTICIPATION}/${channel}`);
    if (known.status === OK) {
        return false;
    }
    if (known.status !== NOT_FOUND) {
        throw failure(seat, known);
    }
    const head =
        `--${BOUNDARY}\r\ncontent-disposition: form-data; name="config-block"; filename="config.block"\r\n` +
        'content-type: application/octet-stream\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), genesis, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
    const answer = await call(seat, layout, 'POST', PARTICIPATION, body);
    if (answer.status !== CREATED) {
        throw failure(seat, answer);
    }
    return true;
}

function failure({ id, orderingSeat }: Seat, { status, body }: Answer): Error {
    return new Error(
        `orderer of ${id} (${hostPort(ordererPorts(orderingSeat).admin)}), joining the channel: ${status} ${body}`,
    );
}

/** Over mutual TLS with the orderer's own certificate: whoever holds it administers the orderer. */
function call(seat: Seat, layout: Layout, method: string, path: string, body?: Buffer): Promise<Answer> {
    const { orderer, tlsCa } = layout.organisation(seat);
    const { host, port } = ordererPorts(seat.orderingSeat).admin;
    return new Promise((resolve, reject) => {
        const sent = request(
            {
                host,
                port,
                method,
                path,
                agent: false,
                ca: readFileSync(tlsCa.certificate),
                cert: readFileSync(orderer.tls.certificate),
                key: readFileSync(orderer.tls.key),
                signal: AbortSignal.timeout(CALL_LIMIT_MS),
                headers: body && {
                    'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
                    'content-length': body.length,
                },
            },
            (response) => {
                const chunks: Buffer[] = [];
                response.on('data', (chunk: Buffer) => chunks.push(chunk));
                response.on('end', () => {
                    resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
                });
                response.on('error', reject);
            },
        );
        sent.on('error', reject);
        sent.end(body);
    });
}

/** An orderer says in its metrics whether it leads. */
async function hasLeader(orderers: readonly Seat[]): Promise<boolean> {
    const leads = await Promise.all(
        orderers.map(async ({ orderingSeat }) => {
            const { host, port } = ordererPorts(orderingSeat).operations;
            const response = await fetch(`http://${host}:${port}/metrics`, {
                signal: AbortSignal.timeout(CALL_LIMIT_MS),
                headers: { connection: 'close' },
            });
            return /^consensus_etcdraft_is_leader\{[^}]*\} 1$/m.test(await response.text());
        }),
    );
    return leads.some(Boolean);
}
