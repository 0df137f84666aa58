import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import { failure, type OtherContent, type Route } from './schemas/routes';

/** What a route's schema says beside what fastify knows of. */
declare module 'fastify' {
    interface FastifyContextConfig {
        /** Who may ask. A route without one is not registered. */
        access?: 'anybody' | 'household';
    }
}

type JsonSchema = Readonly<Record<string, unknown>>;

/** As it is on the wire: whole numbers are text. */
function jsonSchema(schema: z.ZodType): JsonSchema {
    const { $schema, ...plain } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' });
    return $schema === undefined ? {} : plain;
}

const described = (schema: JsonSchema, description: string): JsonSchema => ({ ...schema, description });
const FAILURES: Readonly<Record<string, string>> = {
    400: 'malformed',
    401: 'nobody is logged in',
    403: 'not from a page of this server',
    404: 'not there',
    429: 'too often',
    503: "the household's peer does not answer",
};

/** A route for the description of the interface. Fastify checks nothing by it: the zod schemas do. */
export function openApiOf(name: string, route: Route): FastifySchema {
    const { does, access, params, query, body, answers } = route;
    const failures = Object.entries(FAILURES).map(([status, words]) => [status, described(jsonSchema(failure), words)]);
    return {
        summary: does,
        operationId: name,
        tags: [access],
        ...(access === 'household' && { security: [{ session: [] }] }),
        ...(params && { params: jsonSchema(params) }),
        ...(query && { querystring: jsonSchema(query) }),
        ...(body && { body: jsonSchema(body) }),
        response: { ...Object.fromEntries(failures), ...successOf(answers) },
    };
}

function successOf(answers: Route['answers']): Readonly<Record<string, unknown>> {
    if (answers === undefined) {
        return { 204: { description: 'done', type: 'null' } };
    }
    return 'contentType' in answers
        ? { 200: contentOf(answers) }
        : { 200: described(jsonSchema(answers), 'the answer') };
}

const contentOf = ({ contentType }: OtherContent): JsonSchema => ({
    description: 'the answer',
    content: { [contentType]: { schema: { type: 'string' } } },
});

/** What is said of the whole interface. */
export const OPENAPI = {
    openapi: '3.1.0',
    info: {
        title: 'Commonwatt',
        description:
            "A household's own view of its community. Whole numbers are decimal strings. Who is logged in sees its own household: no route takes another one.",
        version: '1',
    },
    components: { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'commonwatt' } } },
} as const;
