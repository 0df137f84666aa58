import { encode } from '@commonwatt/chaincode/api/wire';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Household } from '../household-view/household';
import type { LoggedIn, Sessions } from './guard/sessions';
import { loginNeeded } from './guard/failures';
import { openApiOf } from './openapi';
import { ROUTES, type OtherContent, type Route, type RouteName } from './schemas/routes';

export const API = '/api/v1';

type Spec<N extends RouteName> = (typeof ROUTES)[N];
type Parsed<N extends RouteName, Part extends string> =
    Spec<N> extends Readonly<Record<Part, infer S extends z.ZodType>> ? z.output<S> : undefined;

/** A file or another body that is no JSON. */
export interface Content {
    readonly body: string | Buffer;
    /** To be kept under this name instead of shown. */
    readonly fileName?: string;
}

type AnswerOf<N extends RouteName> =
    Spec<N> extends { readonly answers: infer A }
        ? A extends z.ZodType
            ? z.output<A>
            : // Of event streams the handler has taken the connection over.
              Content | undefined
        : undefined;

/** A request as a handler gets it: checked, and with the household of its session. There is no other household that it could name. */
export interface Asked<N extends RouteName> {
    readonly params: Parsed<N, 'params'>;
    readonly query: Parsed<N, 'query'>;
    readonly body: Parsed<N, 'body'>;
    readonly household: Spec<N>['access'] extends 'household' ? Household : undefined;
    readonly session: Spec<N>['access'] extends 'household' ? LoggedIn : undefined;
    readonly request: FastifyRequest;
    readonly reply: FastifyReply;
}

export type Handlers = {
    readonly [N in RouteName]: (asked: Asked<N>) => AnswerOf<N> | Promise<AnswerOf<N>>;
};

interface Parts {
    readonly sessions: Sessions;
    readonly household: (id: string) => Household | undefined;
    readonly handlers: Handlers;
}

/** A handler whose types are forgotten: the table's loop gives each what its own route says. */
type AnyHandler = (asked: Record<string, unknown>) => unknown;

/** Every route of the table, each with the same checks in the same order: session, token against forgery, what is asked. */
export function addApi(app: FastifyInstance, parts: Parts): void {
    for (const [name, route] of Object.entries(ROUTES) as [RouteName, Route][]) {
        const [method = 'GET', path = ''] = name.split(' ');
        const handle = parts.handlers[name] as unknown as AnyHandler;
        app.route({
            method,
            url: `${API}${path}`,
            schema: openApiOf(name, route),
            config: { access: route.access },
            handler: async (request, reply) => answer({ route, handle, parts, request, reply }),
        });
    }
}

interface Call {
    readonly route: Route;
    readonly handle: AnyHandler;
    readonly parts: Parts;
    readonly request: FastifyRequest;
    readonly reply: FastifyReply;
}

async function answer({ route, handle, parts, request, reply }: Call): Promise<FastifyReply> {
    const whose = route.access === 'household' ? whoAsks(parts, request) : undefined;
    const asked = {
        params: route.params?.parse(request.params),
        query: route.query?.parse(request.query),
        body: route.body?.parse(request.body),
    };
    const answered = await handle({ ...asked, ...whose, request, reply });
    return reply.sent ? reply : send(route, answered, reply);
}

/** @throws Refused where nobody is logged in, or a change does not come from a page of the session */
function whoAsks(
    { sessions, household: find }: Parts,
    request: FastifyRequest,
): Pick<Asked<'GET /now'>, 'session' | 'household'> {
    const session = sessions.require(request);
    if (request.method !== 'GET') {
        sessions.requireCsrf(request, session);
    }
    const household = find(session.household);
    if (household === undefined) {
        throw loginNeeded();
    }
    return { session, household };
}

function send({ answers }: Route, answered: unknown, reply: FastifyReply): FastifyReply {
    if (answers === undefined) {
        return reply.code(204).send();
    }
    if (isOther(answers)) {
        const { body, fileName } = answered as Content;
        if (fileName !== undefined) {
            void reply.header('content-disposition', `attachment; filename="${fileName}"`);
        }
        return reply.type(`${answers.contentType}; charset=utf-8`).send(body);
    }
    return reply.type('application/json; charset=utf-8').send(bodyOf(answers, answered));
}

const isOther = (answers: NonNullable<Route['answers']>): answers is OtherContent => 'contentType' in answers;

/** Answers that were made from one object are the same bytes: they are made once. */
const encoded = new WeakMap<object, string>();

/** Nothing leaves that the schema does not name. @throws ZodError where an answer is not what its schema says */
function bodyOf(schema: z.ZodType, answered: unknown): string {
    const known = typeof answered === 'object' && answered !== null ? encoded.get(answered) : undefined;
    if (known !== undefined) {
        return known;
    }
    const body = encode(answered);
    const checked = schema.safeParse(JSON.parse(body));
    if (!checked.success) {
        throw new Error(`an answer is not what its schema says: ${checked.error.message}`);
    }
    if (typeof answered === 'object' && answered !== null) {
        encoded.set(answered, body);
    }
    return body;
}
