import { credentials, Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from '@jest/globals';
import { common, orderer } from '@hyperledger/fabric-protos';

import { BroadcastStreams } from './broadcast-streams';

type Call = ServerDuplexStream<common.Envelope, orderer.BroadcastResponse>;

/** An orderer that takes what does not say otherwise, and ends a stream after a refusal as Fabric's do. */
class Orderer {
    opened = 0;
    #server: Server | undefined;
    port = 0;

    async start(): Promise<void> {
        const server = new Server();
        server.addService(orderer.AtomicBroadcastService, {
            broadcast: (call: Call) => {
                this.opened += 1;
                call.on('error', () => undefined);
                call.on('data', (envelope: common.Envelope) => {
                    const what = Buffer.from(envelope.getPayload_asU8()).toString();
                    if (what === 'silence') return;
                    const answer = new orderer.BroadcastResponse();
                    answer.setStatus(what === 'bad' ? common.Status.BAD_REQUEST : common.Status.SUCCESS);
                    answer.setInfo(what);
                    call.write(answer);
                    if (what === 'bad') call.end();
                });
                call.on('end', () => {
                    call.end();
                });
            },
        });
        this.port = await new Promise<number>((resolve, reject) => {
            server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (failure, port) => {
                if (failure) reject(failure);
                else resolve(port);
            });
        });
        this.#server = server;
    }

    stop(): void {
        this.#server?.forceShutdown();
    }
}

function envelope(what: string): common.Envelope {
    const made = new common.Envelope();
    made.setPayload(Buffer.from(what));
    return made;
}

const soon = (ms = 5_000): Date => new Date(Date.now() + ms);
const there: { close(): void }[] = [];

async function started(): Promise<{ node: Orderer; send: (what: string, deadline?: Date) => Promise<string> }> {
    const node = new Orderer();
    await node.start();
    const client = new orderer.AtomicBroadcastClient(`127.0.0.1:${node.port}`, credentials.createInsecure(), {
        'grpc.initial_reconnect_backoff_ms': 100,
    });
    const streams = new BroadcastStreams(client);
    there.push({
        close: () => {
            streams.close();
            client.close();
            node.stop();
        },
    });
    const send = async (what: string, deadline = soon()): Promise<string> => {
        const answer = await streams.send(envelope(what), deadline);
        return `${answer.getStatus()} ${answer.getInfo()}`;
    };
    return { node, send };
}

afterEach(() => {
    there.splice(0).forEach((each) => {
        each.close();
    });
});

describe('streams to an orderer', () => {
    test('carry envelope after envelope, and each gets its own answer', async () => {
        const { node, send } = await started();
        expect(await send('a')).toBe('200 a');
        expect(await send('b')).toBe('200 b');
        expect(node.opened).toBe(1);
    });

    test('are as many as envelopes are under way, and are all used again', async () => {
        const { node, send } = await started();
        const names = ['a', 'b', 'c', 'd'];
        expect(await Promise.all(names.map((name) => send(name)))).toEqual(names.map((name) => `200 ${name}`));
        await Promise.all(names.map((name) => send(name)));
        expect(node.opened).toBe(4);
    });

    test('end with a refusal, which is that of one envelope alone', async () => {
        const { node, send } = await started();
        await send('a');
        expect(await send('bad')).toBe('400 bad');
        expect(await send('b')).toBe('200 b');
        expect(node.opened).toBe(2);
    });

    test('that an orderer has left are opened anew when it is there again', async () => {
        const { node, send } = await started();
        await send('a');
        node.stop();
        await node.start();
        expect(await send('b')).toBe('200 b');
        expect(node.opened).toBe(2);
    });

    test('fail at the deadline, as a call does', async () => {
        const { send } = await started();
        await expect(send('silence', soon(50))).rejects.toMatchObject({ code: 4, details: 'Deadline exceeded' });
        expect(await send('a')).toBe('200 a');
    });
});
