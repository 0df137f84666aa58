import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** How answers take, in seconds: most come from memory, some wait for the peer. */
const BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** What the server counts. Nothing in it is about anybody's energy, money or orders. */
export interface ServerCounts {
    readonly registry: Registry;
    readonly requests: Histogram<'route' | 'method' | 'status'>;
    readonly logins: Counter<'outcome'>;
}

/** Asked for when somebody looks. */
export interface ServerGauges {
    readonly clients: () => number;
    /** By household: how many blocks its peer has. */
    readonly heights: () => Promise<readonly (readonly [string, number])[]>;
    readonly readModelHeight: () => number;
}

export function serverCounts(): ServerCounts {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry, prefix: 'commonwatt_' });
    return {
        registry,
        requests: new Histogram({
            name: 'commonwatt_http_request_seconds',
            help: 'how long requests took, by route, method and status',
            labelNames: ['route', 'method', 'status'],
            buckets: BUCKETS,
            registers: [registry],
        }),
        logins: new Counter({
            name: 'commonwatt_logins_total',
            help: 'logins by what came of them: done, wrong or limited',
            labelNames: ['outcome'],
            registers: [registry],
        }),
    };
}

export function addGauges({ registry }: ServerCounts, gauges: ServerGauges): void {
    const clients = new Gauge({
        name: 'commonwatt_event_clients',
        help: 'pages that are told of events',
        registers: [registry],
        collect: () => {
            clients.set(gauges.clients());
        },
    });
    const heights = new Gauge({
        name: 'commonwatt_peer_blocks',
        help: "blocks at a household's own peer",
        labelNames: ['household'],
        registers: [registry],
        collect: async () => {
            heights.reset();
            for (const [household, height] of await gauges.heights()) {
                heights.set({ household }, height);
            }
        },
    });
    const readModel = new Gauge({
        name: 'commonwatt_read_model_blocks',
        help: 'blocks in the read model',
        registers: [registry],
        collect: () => {
            readModel.set(gauges.readModelHeight());
        },
    });
}
