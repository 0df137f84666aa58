import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ZodError } from 'zod';
import { NotDone } from '../../gateway/failures';
import { NotFounded } from '../../household-view/household-ledger';
import { TooBusy } from '../access/passwords';
import type { Failure } from '../schemas/routes';

/** An answer that is no success, said on purpose. */
export class Refused extends Error {
    override readonly name = 'Refused';

    constructor(
        readonly status: number,
        readonly code: string,
        message: string,
    ) {
        super(message);
    }
}

export const notFound = (what: string): Refused => new Refused(404, 'NOT_FOUND', `there is no ${what}`);
export const loginNeeded = (): Refused => new Refused(401, 'LOGIN_NEEDED', 'log in first');

/** What fastify itself refuses, by its status. */
const CODES: Readonly<Record<number, string>> = {
    400: 'MALFORMED',
    404: 'NOT_FOUND',
    405: 'NOT_FOUND',
    413: 'TOO_LARGE',
    414: 'TOO_LARGE',
    415: 'NOT_JSON',
    429: 'TOO_OFTEN',
};

interface Answer {
    readonly status: number;
    readonly failure: Failure;
}

function answerOf(error: unknown): Answer {
    if (error instanceof Refused) {
        return { status: error.status, failure: { code: error.code, message: error.message } };
    }
    if (error instanceof ZodError) {
        return { status: 400, failure: { code: 'MALFORMED', message: wordsOf(error) } };
    }
    if (error instanceof TooBusy) {
        return { status: 503, failure: { code: 'BUSY', message: 'too many logins at once; try again in a moment' } };
    }
    if (error instanceof NotFounded) {
        return { status: 503, failure: { code: 'NOT_FOUNDED', message: 'the community is not founded yet' } };
    }
    if (error instanceof NotDone) {
        return { status: 503, failure: { code: 'PEER_SILENT', message: "the household's peer does not answer" } };
    }
    const status = (error as Partial<FastifyError>).statusCode ?? 500;
    const code = CODES[status];
    return code === undefined
        ? { status: 500, failure: { code: 'FAILED', message: 'this did not work; the server has noted why' } }
        : { status, failure: { code, message: error instanceof Error ? error.message : code } };
}

/** Where it is wrong and how, without repeating what was sent. */
const wordsOf = ({ issues }: ZodError): string =>
    issues
        .slice(0, 5)
        .map(({ path, message }) => `${path.map(String).join('.') || 'it'}: ${message}`)
        .join('; ')
        .slice(0, 400);

/** Says what was refused, and of what failed no more than that it did: the log has the rest. */
export async function failed(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { status, failure } = answerOf(error);
    if (status >= 500) {
        request.log.error({ err: error }, 'request failed');
    }
    if (reply.raw.headersSent) {
        reply.raw.destroy();
        return;
    }
    await reply.code(status).type('application/json; charset=utf-8').header('cache-control', 'no-store').send(failure);
}
