import { once } from 'node:events';

import {
    Server,
    ServerCredentials,
    status,
    type sendUnaryData,
    type ServerInterceptor,
    type ServiceDefinition,
    type ServerUnaryCall,
    type ServerWritableStream,
    type UntypedHandleCall,
} from '@grpc/grpc-js';
import { common, gateway, gossip, peer } from '@hyperledger/fabric-protos';

import { ClientAuthentication, type TlsKeyPair } from '../../transport/client-certificates';
import { MAX_MESSAGE_BYTES, type ClientCertificate } from '../secure-channel';
import { ConcurrencyLimit } from './concurrency-limit';
import { serveDeliver, type DeliverContext, type DeliverStream } from './deliver/deliver';
import type { DeliverKind } from './deliver/responses';
import type { Endorser } from './endorser';
import { GatewayFailure } from './gateway/gateway-error';
import type { Gateway } from './gateway/gateway';
import { acceptPush } from './private-data/dissemination';
import { answerFetch, FETCH_PATH, PUSH_PATH } from './private-data/exchange';
import { errorText } from './proposal-checks';

/** How many requests each service takes at a time; Fabric's defaults are 2,500 and 500. */
export interface ServiceLimits {
    readonly endorser: number;
    readonly deliver: number;
    readonly gateway: number;
}

export interface PeerServerOptions {
    readonly host: string;
    readonly port: number;
    readonly certificate: ClientCertificate;
    /** PEM of the authorities whose TLS certificates are let in; without them nobody is asked for one. */
    readonly clientRoots?: Iterable<string> | undefined;
    readonly endorser: Endorser;
    readonly gateway: Gateway;
    readonly deliver: DeliverContext;
    readonly limits: ServiceLimits;
    readonly interceptors?: readonly ServerInterceptor[];
}

const STOP_GRACE_MS = 500;
/** Made once: a signal that is aborted without a reason makes one with a stack each time, and calls that ended are cancelled too. */
const CLIENT_GONE = new Error('context canceled');

interface Failure {
    readonly code: status;
    readonly details: string;
    readonly metadata?: GatewayFailure['metadata'];
}

function failure(cause: unknown): Failure {
    if (cause instanceof GatewayFailure) return { code: cause.code, details: cause.message, metadata: cause.metadata };
    return { code: status.UNKNOWN, details: errorText(cause) };
}

type UnaryHandler<Q, A> = (request: Q, signal: AbortSignal) => Promise<A | undefined>;

/** A unary method under a limit; no answer at all means that the client is gone. */
function unary<Q, A>(limit: ConcurrencyLimit, handle: UnaryHandler<Q, A>): UntypedHandleCall {
    return (call: ServerUnaryCall<Q, A>, callback: sendUnaryData<A>) => {
        const cancelled = new AbortController();
        call.on('cancelled', () => {
            cancelled.abort(CLIENT_GONE);
        });
        limit
            .run(() => handle(call.request, cancelled.signal))
            .then(
                (answer) => {
                    if (answer === undefined) callback({ code: status.CANCELLED, details: 'context canceled' });
                    else callback(null, answer);
                },
                (cause: unknown) => {
                    callback(failure(cause));
                },
            );
    };
}

type EventsCall = ServerWritableStream<gateway.SignedChaincodeEventsRequest, gateway.ChaincodeEventsResponse>;

async function streamEvents(call: EventsCall, service: Gateway): Promise<void> {
    const cancelled = new AbortController();
    call.on('cancelled', () => {
        cancelled.abort();
    });
    const { signal } = cancelled;
    for await (const response of service.chaincodeEvents(call.request, signal)) {
        if (!call.write(response) && !signal.aborted) await once(call, 'drain', { signal }).catch(() => undefined);
    }
}

function gatewayService(service: Gateway, limit: ConcurrencyLimit): Record<string, UntypedHandleCall> {
    return {
        evaluate: unary(limit, (request: gateway.EvaluateRequest) => service.evaluate(request)),
        endorse: unary(limit, (request: gateway.EndorseRequest) => service.endorse(request)),
        submit: unary(limit, (request: gateway.SubmitRequest) => service.submit(request)),
        commitStatus: unary(limit, (request: gateway.SignedCommitStatusRequest, signal) =>
            service.commitStatus(request, signal),
        ),
        chaincodeEvents: (call: EventsCall) => {
            limit
                .run(() => streamEvents(call, service))
                .then(
                    () => {
                        call.end();
                    },
                    (cause: unknown) => {
                        call.emit('error', failure(cause));
                    },
                );
        },
    };
}

function deliverService(context: DeliverContext, limit: ConcurrencyLimit): Record<string, UntypedHandleCall> {
    const method = (kind: DeliverKind) => (stream: DeliverStream) => {
        limit
            .run(() => serveDeliver(kind, stream, context))
            .catch((cause: unknown) => {
                stream.emit('error', failure(cause));
            });
    };
    return {
        deliver: method('block'),
        deliverFiltered: method('filtered'),
        deliverWithPrivateData: method('private'),
    };
}

const fromSigned = {
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: common.Envelope) => Buffer.from(message.serializeBinary()),
    requestDeserialize: (bytes: Buffer) => common.Envelope.deserializeBinary(bytes),
} as const;

const privateDataService = {
    fetch: {
        ...fromSigned,
        path: FETCH_PATH,
        responseSerialize: (message: gossip.RemotePvtDataResponse) => Buffer.from(message.serializeBinary()),
        responseDeserialize: (bytes: Buffer) => gossip.RemotePvtDataResponse.deserializeBinary(bytes),
    },
    push: {
        ...fromSigned,
        path: PUSH_PATH,
        responseSerialize: (message: gossip.Empty) => Buffer.from(message.serializeBinary()),
        responseDeserialize: (bytes: Buffer) => gossip.Empty.deserializeBinary(bytes),
    },
} satisfies ServiceDefinition;

/** All of a peer's services on its one TLS port. */
export class PeerServer {
    private constructor(
        private readonly server: Server,
        private readonly authentication: ClientAuthentication | undefined,
    ) {}

    /** Throws when the port is taken. */
    static async start(options: PeerServerOptions): Promise<PeerServer> {
        const server = new Server({
            'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
            'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
            interceptors: [...(options.interceptors ?? [])],
        });
        const { limits, endorser } = options;
        const endorserLimit = new ConcurrencyLimit('/protos.Endorser', limits.endorser);
        server.addService(peer.EndorserService, {
            processProposal: unary(endorserLimit, (signed: peer.SignedProposal) => endorser.process(signed)),
        });
        const gatewayLimit = new ConcurrencyLimit('/gateway.Gateway', limits.gateway);
        server.addService(gateway.GatewayService, gatewayService(options.gateway, gatewayLimit));
        const deliverLimit = new ConcurrencyLimit('/protos.Deliver', limits.deliver);
        server.addService(peer.DeliverService, deliverService(options.deliver, deliverLimit));
        server.addService(privateDataService, {
            fetch: unary(endorserLimit, (request: common.Envelope) =>
                answerFetch(request, options.deliver.channel, options.deliver.clock()),
            ),
            push: unary(endorserLimit, async (message: common.Envelope) => {
                await acceptPush(message, options.deliver.channel, options.deliver.clock());
                return new gossip.Empty();
            }),
        });
        const own = keyPair(options.certificate);
        const authentication = options.clientRoots && new ClientAuthentication(own, options.clientRoots);
        await bind(server, options, authentication?.credentials ?? withoutClientCertificates(own));
        return new PeerServer(server, authentication);
    }

    /** From now on these authorities' TLS certificates are let in, where any is asked for. */
    trust(clientRoots: Iterable<string>): void {
        this.authentication?.trust(clientRoots);
    }

    /** Lets running calls end for a moment, then ends them. */
    async stop(): Promise<void> {
        await new Promise<void>((resolve) => {
            const timer = setTimeout(() => {
                this.server.forceShutdown();
                resolve();
            }, STOP_GRACE_MS);
            this.server.tryShutdown(() => {
                clearTimeout(timer);
                resolve();
            });
        });
    }
}

function keyPair({ certificatePem, keyPem }: ClientCertificate): TlsKeyPair {
    return { certificate: Buffer.from(certificatePem), key: Buffer.from(keyPem) };
}

function withoutClientCertificates({ certificate, key }: TlsKeyPair): ServerCredentials {
    // Naming any root keeps the machine's whole list of authorities from being loaded.
    return ServerCredentials.createSsl(certificate, [{ private_key: key, cert_chain: certificate }], false);
}

function bind(server: Server, { host, port }: PeerServerOptions, secure: ServerCredentials): Promise<void> {
    return new Promise((resolve, reject) => {
        server.bindAsync(`${host}:${port}`, secure, (cause) => {
            if (cause) reject(new Error(`cannot listen on ${host}:${port}: ${cause.message}`, { cause }));
            else resolve();
        });
    });
}
