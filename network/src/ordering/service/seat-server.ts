import { Server, ServerCredentials, type ServerInterceptor, type ServiceDefinition } from '@grpc/grpc-js';
import { orderer } from '@hyperledger/fabric-protos';
import { ClientAuthentication } from '../../transport/client-certificates';
import { serveBroadcast, type BroadcastContext, type BroadcastStream } from './broadcast';
import { serveDeliver, type DeliverContext, type DeliverStream } from './deliver';

export interface SeatAddress {
    readonly host: string;
    readonly port: number;
}

/** PEM. */
export interface SeatTls {
    readonly certificate: Buffer;
    readonly key: Buffer;
}

const LONGEST_MESSAGE = 100 * 1024 * 1024;
const bytes = (value: Buffer): Buffer => value;

/**
 * `AtomicBroadcast` as Fabric declares it, except that what is broadcast stays bytes (it is ordered as it came) and what
 * is delivered is encoded already.
 */
const atomicBroadcast = {
    broadcast: { ...orderer.AtomicBroadcastService.broadcast, requestDeserialize: bytes },
    deliver: { ...orderer.AtomicBroadcastService.deliver, responseSerialize: bytes },
} satisfies ServiceDefinition;

/** One seat's door to the ordering service: its own port and certificate. */
export class SeatServer {
    readonly #server: Server;
    readonly #authentication: ClientAuthentication | undefined;

    private constructor(server: Server, authentication: ClientAuthentication | undefined) {
        this.#server = server;
        this.#authentication = authentication;
    }

    /**
     * Serves once it resolves; rejects with the address when the port is taken.
     *
     * @param tls with `clientRoots`, only TLS certificates of these authorities are let in.
     */
    static async start(
        { host, port }: SeatAddress,
        tls: SeatTls & { readonly clientRoots?: Iterable<string> | undefined },
        context: BroadcastContext & DeliverContext,
        interceptors: ServerInterceptor[] = [],
    ): Promise<SeatServer> {
        const server = new Server({
            'grpc.max_receive_message_length': LONGEST_MESSAGE,
            'grpc.max_send_message_length': LONGEST_MESSAGE,
            interceptors,
        });
        server.addService(atomicBroadcast, {
            broadcast: (stream: BroadcastStream) => {
                settle(stream, serveBroadcast(stream, context), context);
            },
            deliver: (stream: DeliverStream) => {
                settle(stream, serveDeliver(stream, context), context);
            },
        });
        const authentication = tls.clientRoots && new ClientAuthentication(tls, tls.clientRoots);
        const credentials =
            authentication?.credentials ??
            ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.certificate }]);
        await new Promise<void>((resolve, reject) => {
            server.bindAsync(`${host}:${port}`, credentials, (failure) => {
                if (failure === null) {
                    resolve();
                } else {
                    reject(new Error(`the ordering service cannot listen on ${host}:${port}`, { cause: failure }));
                }
            });
        });
        return new SeatServer(server, authentication);
    }

    /** From now on these authorities' TLS certificates are let in, where any is asked for. */
    trust(clientRoots: Iterable<string>): void {
        this.#authentication?.trust(clientRoots);
    }

    /** Ends all streams at once: peers keep theirs open for ever, and connect again. */
    stop(): void {
        this.#server.forceShutdown();
    }
}

/** A stream that breaks off is the other side's business; anything else is told, and ends this stream only. */
function settle(stream: BroadcastStream | DeliverStream, served: Promise<void>, context: BroadcastContext): void {
    stream.on('error', () => undefined);
    served.catch((error: unknown) => {
        if (!stream.cancelled) {
            context.report({ status: 'INTERNAL', why: error instanceof Error ? error.message : String(error) });
            stream.destroy(error instanceof Error ? error : new Error(String(error)));
        }
    });
}
