import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes } from 'aedes';
import type { Broker } from '../meters/mqtt/broker';

export interface TestBroker {
    readonly broker: Broker;
    readonly aedes: Aedes;
    /** Ends with a subscription to exactly this topic. */
    subscribed(topic: string): Promise<void>;
    publish(topic: string, payload: string | Buffer, options?: { retain?: boolean; qos?: 0 | 1 }): Promise<void>;
    /** Cuts all connections, as when a broker is started again. */
    disconnect(): void;
    close(): Promise<void>;
}

export interface TestBrokerOptions {
    readonly credentials?: { readonly username: string; readonly password: string };
    /** PEM of a server certificate for 127.0.0.1, and of its key. */
    readonly tls?: { readonly cert: string; readonly key: string };
}

/** A real broker at a free port of this machine. */
export async function testBroker({ credentials, tls }: TestBrokerOptions = {}): Promise<TestBroker> {
    const aedes = await Aedes.createBroker();
    if (credentials !== undefined) {
        aedes.authenticate = (_client, username, password, done): void => {
            done(null, username === credentials.username && password?.toString() === credentials.password);
        };
    }
    const subscriptions: string[] = [];
    aedes.on('subscribe', (added) => {
        subscriptions.push(...added.map(({ topic }) => topic));
    });
    const server: Server =
        tls === undefined ? createServer(aedes.handle.bind(aedes)) : createTlsServer(tls, aedes.handle.bind(aedes));
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return {
        aedes,
        broker: { url: `${tls === undefined ? 'mqtt' : 'mqtts'}://127.0.0.1:${port}` },
        subscribed: async (topic) => {
            while (!subscriptions.includes(topic)) {
                await once(aedes, 'subscribe');
            }
            subscriptions.splice(subscriptions.indexOf(topic), 1);
        },
        publish: (topic, payload, { retain = false, qos = 1 } = {}) =>
            new Promise((resolve, reject) => {
                aedes.publish({ cmd: 'publish', topic, payload, retain, qos, dup: false }, (error) => {
                    if (error) {
                        reject(error);
                    } else {
                        resolve();
                    }
                });
            }),
        disconnect: () => {
            sockets.forEach((socket) => socket.destroy());
        },
        close: async () => {
            await new Promise<void>((resolve) => {
                aedes.close(resolve);
            });
            server.close();
        },
    };
}
