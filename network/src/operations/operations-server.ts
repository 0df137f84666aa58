import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { statfs } from 'node:fs/promises';

import { collectDefaultMetrics, Registry } from 'prom-client';

/** Less than this, and a ledger may not survive the next block. */
const LEAST_FREE_BYTES = 100 * 1024 * 1024;
const METHOD_NOT_ALLOWED = 405;

/** A part of a process and what is wrong with it; undefined while nothing is. */
export interface HealthCheck {
    readonly component: string;
    readonly problem: () => Promise<string | undefined>;
}

export interface Answer {
    readonly status: number;
    readonly body: unknown;
    readonly contentType?: string;
    readonly headers?: Readonly<Record<string, string>>;
}

/** Answers of a process's own beside the usual ones, by method and path; undefined where there is none. */
export type OwnAnswers = (request: IncomingMessage) => Promise<Answer | undefined>;

export interface OperationsOptions {
    readonly registry: Registry;
    readonly checks: readonly HealthCheck[];
    readonly own?: OwnAnswers;
    /** Default: any that is free. */
    readonly port?: number;
}

/** A registry with what every process tells of itself. */
export function processRegistry(): Registry {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    return registry;
}

/** Whether the disk under a directory still has room; the problem says what to do. */
export function diskCheck(directory: string, least = LEAST_FREE_BYTES): HealthCheck {
    return {
        component: 'disk',
        problem: async () => {
            const { bavail, bsize } = await statfs(directory);
            const free = bavail * bsize;
            if (free >= least) return undefined;
            const megabytes = Math.floor(free / (1024 * 1024));
            return `only ${megabytes} MB are free under ${directory}: make room, a ledger cannot be written without`;
        },
    };
}

/** As Fabric's operations service answers: 200 and OK, or 503 and the checks that failed. */
async function health(checks: readonly HealthCheck[]): Promise<Answer> {
    const found = await Promise.all(
        checks.map(async ({ component, problem }) => ({ component, reason: await problem().catch(String) })),
    );
    const failed = found.filter(({ reason }) => reason !== undefined);
    const time = new Date().toISOString();
    return failed.length === 0
        ? { status: 200, body: { status: 'OK', time } }
        : { status: 503, body: { status: 'Service Unavailable', time, failed_checks: failed } };
}

async function answer(request: IncomingMessage, { registry, checks, own }: OperationsOptions): Promise<Answer> {
    const special = await own?.(request);
    if (special) return special;
    if (request.url !== '/healthz' && request.url !== '/metrics') return { status: 404, body: { error: 'not found' } };
    if (request.method !== 'GET') {
        return { status: METHOD_NOT_ALLOWED, body: { error: `invalid request method: ${request.method ?? ''}` } };
    }
    return request.url === '/healthz'
        ? health(checks)
        : { status: 200, body: await registry.metrics(), contentType: registry.contentType };
}

function send(response: ServerResponse, { status, body, contentType, headers }: Answer): void {
    response.writeHead(status, { 'content-type': contentType ?? 'application/json', ...headers });
    if (body === undefined) response.end();
    else response.end(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body));
}

/** Sends what was made for a request, or that it failed. */
export function respond(request: IncomingMessage, response: ServerResponse, made: Promise<Answer>): void {
    const unread = (): void => {
        // What nobody reads must not keep the connection.
        request.resume();
    };
    made.then(unread, unread);
    made.then(
        (answered) => {
            send(response, answered);
        },
        (cause: unknown) => {
            send(response, { status: 500, body: { error: cause instanceof Error ? cause.message : String(cause) } });
        },
    );
}

/** Health and metrics of this process on the loopback, for whoever runs it on this machine. */
export class OperationsServer {
    private constructor(private readonly server: Server) {}

    static async start(options: OperationsOptions): Promise<OperationsServer> {
        const server = createServer((request, response) => {
            respond(request, response, answer(request, options));
        });
        await new Promise<void>((resolve, reject) => {
            server.once('error', reject);
            server.listen(options.port ?? 0, '127.0.0.1', resolve);
        });
        return new OperationsServer(server);
    }

    get port(): number {
        return (this.server.address() as AddressInfo).port;
    }

    stop(): void {
        this.server.close();
        this.server.closeAllConnections();
    }
}
