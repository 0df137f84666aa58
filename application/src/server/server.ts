import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import fastify, { LogController, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { SecureServerOptions } from 'node:http2';
import type { Logger } from 'pino';
import type { Household } from '../household-view/household';
import type { AccessStore } from './access/access-store';
import { addApi } from './api';
import { Events } from './events';
import { failed, notFound, Refused } from './guard/failures';
import { addHeaders, checkHosts } from './guard/headers';
import { Sessions } from './guard/sessions';
import { addGauges, serverCounts, type ServerCounts } from './metrics';
import { OPENAPI } from './openapi';
import { agentHandlers } from './pages/agent-handlers';
import { communityHandlers } from './pages/community-handlers';
import { explorerHandlers } from './pages/explorer-handlers';
import { householdHandlers } from './pages/household-handlers';
import { sessionHandlers } from './pages/session-handlers';
import type { PublicData } from './public-data';
import { addStaticFiles } from './static-files';

/** How often somebody may ask. */
export interface Limits {
    /** By session, or by address where nobody is logged in. */
    readonly requestsPerMinute: number;
    /** Of one household, right or wrong, from wherever. */
    readonly loginsPerQuarterHour: number;
}

export const LIMITS: Limits = { requestsPerMinute: 1_200, loginsPerQuarterHour: 10 };

/** From one address, as many as this many households may. */
const ADDRESS_LOGINS = 5;
/** Of whom attempts are counted at the same time; who came longest ago is forgotten first. */
const COUNTED = 100_000;

/** Bodies are logins and preferences: small. */
const BODY_BYTES = 8 * 1024;
const REQUEST_MS = 30_000;
const PATH_CHARACTERS = 300;

export interface ServerParts {
    /** Whose keys are on this machine, and who may log in here. */
    readonly households: readonly Household[];
    readonly data: PublicData;
    readonly access: AccessStore;
    /** Names under which it answers, with ports: `127.0.0.1:8080`. */
    readonly hosts: readonly string[];
    /** What people call an organisation. */
    readonly nameOf: (mspId: string) => string;
    readonly logger: Logger;
    /** The folder of the pages; where there is none, the server says where they come from. */
    readonly pages?: string | undefined;
    readonly tls?: Pick<SecureServerOptions, 'cert' | 'key'> | undefined;
    readonly limits?: Limits;
    /** Unix seconds. */
    readonly now?: () => number;
}

/** The server of one machine's households. Listens to nothing before it is told to. */
export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
    const { households, data, access, tls, hosts, limits = LIMITS } = parts;
    const nowSeconds = parts.now ?? (() => Math.floor(Date.now() / 1000));
    const app = instance(parts);
    const byId = new Map(households.map((household) => [household.id, household]));
    const household = (id: string): Household | undefined => byId.get(id);
    const sessions = new Sessions(access, tls !== undefined, (id) => byId.has(id));
    const events = new Events(sessions, households);
    const counts = serverCounts();
    classify(app);
    checkHosts(app, hosts, tls !== undefined);
    count(app, counts);
    await addHeaders(app, tls !== undefined);
    await app.register(rateLimit, {
        max: limits.requestsPerMinute,
        timeWindow: '1 minute',
        cache: COUNTED,
        keyGenerator: (request) => sessions.tokenOf(request) ?? request.ip,
    });
    await app.register(swagger, { openapi: OPENAPI });
    const limitLogins = loginLimit(app, limits, counts);
    addApi(app, {
        sessions,
        household,
        handlers: {
            ...sessionHandlers({ access, sessions, events, counts, household, limitLogins }),
            ...householdHandlers(data, nowSeconds),
            ...communityHandlers(data, parts.nameOf, nowSeconds),
            ...explorerHandlers(data),
            ...agentHandlers(events),
        },
    });
    addOperations(app, parts, counts);
    await addStaticFiles(app, parts.pages);
    addGauges(counts, {
        clients: () => events.clients,
        heights: () => heightsOf(households),
        readModelHeight: () => data.height,
    });
    // What had happened before is no news to anybody, even if the read model only gets to it now.
    const seen = Math.max(0, ...(await heightsOf(households)).map(([, height]) => height));
    const endFacts = data.onFacts((facts) => {
        events.tell(facts.filter(({ block }) => block >= seen));
    });
    app.addHook('preClose', (done) => {
        endFacts();
        events.close();
        done();
    });
    return app;
}

function instance({ logger, tls }: Pick<ServerParts, 'logger' | 'tls'>): FastifyInstance {
    const app = fastify({
        ...(tls && { https: tls }),
        loggerInstance: logger,
        logController: new LogController({ disableRequestLogging: true }),
        bodyLimit: BODY_BYTES,
        requestTimeout: REQUEST_MS,
        routerOptions: { maxParamLength: PATH_CHARACTERS },
        exposeHeadRoutes: false,
        forceCloseConnections: true,
    }) as unknown as FastifyInstance;
    app.removeContentTypeParser('text/plain'); // A form of another site can send it without asking.
    app.setValidatorCompiler(() => () => true); // The zod schemas check, with the same words everywhere.
    app.setSerializerCompiler(() => JSON.stringify);
    app.setErrorHandler(failed);
    return app;
}

export interface RegisteredRoute {
    /** `GET /api/v1/now` */
    readonly name: string;
    readonly access: 'anybody' | 'household';
}

declare module 'fastify' {
    interface FastifyInstance {
        /** All that there are. */
        registered: readonly RegisteredRoute[];
    }
}

/** A route that does not say who may ask does not come into being. */
export function classify(app: FastifyInstance): void {
    const registered: RegisteredRoute[] = [];
    app.decorate('registered', registered);
    app.addHook('onRoute', ({ method, url, config }) => {
        const name = `${String(method)} ${url}`;
        if (config?.access === undefined) {
            throw new Error(`${name} does not say who may ask`);
        }
        registered.push({ name, access: config.access });
    });
}

/** By address as well: each guess costs the server a tenth of a second, whomever it is about, and what is counted of others may be forgotten. */
function loginLimit(app: FastifyInstance, limits: Limits, counts: ServerCounts) {
    const timeWindow = '15 minutes';
    const attempts = [
        app.createRateLimit({
            max: ADDRESS_LOGINS * limits.loginsPerQuarterHour,
            timeWindow,
            keyGenerator: ({ ip }: FastifyRequest) => `logins from ${ip}`,
        }),
        app.createRateLimit({
            max: limits.loginsPerQuarterHour,
            timeWindow,
            keyGenerator: (request: FastifyRequest) => `login ${householdNamed(request.body)}`,
        }),
    ];
    return async (request: FastifyRequest): Promise<void> => {
        for (const limit of attempts) {
            const attempt = await limit(request);
            if (!attempt.isAllowed && attempt.isExceeded) {
                counts.logins.inc({ outcome: 'limited' });
                throw new Refused(429, 'TOO_OFTEN', 'too many logins; wait a quarter of an hour');
            }
        }
    };
}

const householdNamed = (body: unknown): string => String((body as { readonly household?: unknown } | null)?.household);

/** By the route's pattern: what people ask for is in no label and in no log. */
function count(app: FastifyInstance, { requests }: ServerCounts): void {
    app.addHook('onResponse', async (request, reply) => {
        const route = request.routeOptions.url ?? 'none';
        const labels = { route, method: request.method, status: String(reply.statusCode) };
        requests.observe(labels, reply.elapsedTime / 1000);
        request.log.info({ ...labels, ms: Math.round(reply.elapsedTime) }, 'answered');
    });
}

/** For whoever runs the server. */
function addOperations(app: FastifyInstance, { households, data }: ServerParts, { registry }: ServerCounts): void {
    const config = { access: 'anybody' } as const;
    app.get('/healthz', { config, schema: { hide: true } }, async (_, reply) => {
        const heights = await heightsOf(households);
        const isWell = heights.length === households.length;
        const status = isWell ? 'up' : 'degraded';
        return reply.code(isWell ? 200 : 503).send({ status, peers: Object.fromEntries(heights), blocks: data.height });
    });
    app.get('/metrics', { config, schema: { hide: true } }, async (_, reply) =>
        reply.type(registry.contentType).send(await registry.metrics()),
    );
    app.get('/api/v1/openapi.json', { config, schema: { hide: true } }, () => app.swagger());
    app.setNotFoundHandler(() => {
        throw notFound('such page');
    });
}

/** Of the households whose peers answer. */
async function heightsOf(households: readonly Household[]): Promise<(readonly [string, number])[]> {
    const asked = await Promise.allSettled(
        households.map(async ({ id, ledger }) => [id, await ledger.tip.height()] as const),
    );
    return asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}
