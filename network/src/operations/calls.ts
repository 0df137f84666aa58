import { status, type ServerInterceptor, ServerInterceptingCall } from '@grpc/grpc-js';
import { Counter, Histogram, type Registry } from 'prom-client';

const CALL = ['service', 'method', 'node'] as const;
const ENDED = [...CALL, 'code'] as const;
const SECONDS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** What one kind of call (unary or stream) is counted by. */
class CallCounters {
    private readonly received: Counter<(typeof CALL)[number]>;
    private readonly completed: Counter<(typeof ENDED)[number]>;
    private readonly duration: Histogram<(typeof ENDED)[number]>;

    constructor(kind: 'unary' | 'stream', registers: Registry[]) {
        const named = `grpc_server_${kind}`;
        this.received = new Counter({
            name: `${named}_requests_received`,
            help: `The number of ${kind} requests received.`,
            labelNames: CALL,
            registers,
        });
        this.completed = new Counter({
            name: `${named}_requests_completed`,
            help: `The number of ${kind} requests completed.`,
            labelNames: ENDED,
            registers,
        });
        this.duration = new Histogram({
            name: `${named}_request_duration`,
            help: `The time to complete a ${kind} request.`,
            labelNames: ENDED,
            buckets: SECONDS,
            registers,
        });
    }

    begin(
        labels: Record<(typeof CALL)[number], string>,
    ): (ended: { readonly code?: status | null | undefined }) => void {
        this.received.inc(labels);
        const stop = this.duration.startTimer(labels);
        return ({ code }) => {
            const named = { code: goName(code ?? status.UNKNOWN) };
            this.completed.inc({ ...labels, ...named });
            stop(named);
        };
    }
}

/** Codes as Go's gRPC spells them: `InvalidArgument`. */
function goName(code: status): string {
    if (code === status.OK) return 'OK';
    const words = status[code].toLowerCase().split('_');
    return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** Counts calls of gRPC servers under Fabric's names, by the node that serves. */
export class GrpcMetrics {
    private readonly unary: CallCounters;
    private readonly stream: CallCounters;

    constructor(registry: Registry) {
        this.unary = new CallCounters('unary', [registry]);
        this.stream = new CallCounters('stream', [registry]);
    }

    interceptor(node: string): ServerInterceptor {
        return ({ path, requestStream, responseStream }, call) => {
            const [, service = '', method = ''] = path.split('/');
            const counters = requestStream || responseStream ? this.stream : this.unary;
            // As go-grpc-prometheus does: protos_Endorser.
            const end = counters.begin({ service: service.replaceAll('.', '_'), method, node });
            return new ServerInterceptingCall(call, {
                sendStatus: (ended, next) => {
                    end(ended);
                    next(ended);
                },
            });
        };
    }
}
