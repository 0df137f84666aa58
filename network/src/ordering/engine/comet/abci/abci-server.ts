import { createServer, type Server, type Socket } from 'node:net';
import { Request, Response } from 'cosmjs-types/tendermint/abci/types';
import { FrameReader, framed } from './framing';

/** Answers one request; of one connection never two at a time. */
export type RequestHandler = (request: Request) => Promise<Response> | Response;

export interface AbciServerOptions {
    /** Path of the socket, which only this user can reach. */
    readonly path: string;
    readonly handle: RequestHandler;
    /** Told of a connection that was ended because of what came over it. The engine ends too then, and is started again. */
    readonly onBroken: (why: unknown) => void;
}

/**
 * The application's side of socket ABCI. The engine opens four connections (consensus, mempool, query, snapshots); answers on
 * each have the order of its requests. Requests of different connections are answered independently.
 */
export class AbciServer {
    readonly #server: Server;
    readonly #sockets = new Set<Socket>();

    private constructor({ handle, onBroken }: AbciServerOptions) {
        this.#server = createServer((socket) => {
            this.#sockets.add(socket);
            socket.once('close', () => this.#sockets.delete(socket));
            serve(socket, handle, onBroken);
        });
    }

    static async listen(options: AbciServerOptions): Promise<AbciServer> {
        const server = new AbciServer(options);
        await new Promise<void>((resolve, reject) => {
            server.#server.once('error', reject);
            server.#server.listen(options.path, resolve);
        });
        return server;
    }

    /** Ends the connections, and with them the engine. */
    async close(): Promise<void> {
        for (const socket of this.#sockets) {
            socket.destroy();
        }
        await new Promise<void>((resolve) => {
            this.#server.close(() => {
                resolve();
            });
        });
    }
}

function serve(socket: Socket, handle: RequestHandler, onBroken: (why: unknown) => void): void {
    const reader = new FrameReader();
    let answered = Promise.resolve();
    let broken = false;
    const end = (why: unknown): void => {
        if (!broken) {
            broken = true;
            socket.destroy();
            onBroken(why);
        }
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
        try {
            for (const frame of reader.push(Buffer.from(chunk))) {
                const request = Request.decode(frame);
                answered = answered.then(async () => {
                    if (!broken) {
                        socket.write(framed(Response.encode(await handle(request)).finish()));
                    }
                }, end);
            }
            answered = answered.catch(end);
        } catch (error) {
            end(error);
        }
    });
}
