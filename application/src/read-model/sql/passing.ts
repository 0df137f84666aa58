import { SourceFailed } from '../pending-blocks';

/** PostgreSQL's classes of errors that pass: connection, resources, operator's intervention, and what met another transaction. */
const PASSING_CLASSES = /^(?:08|40|53|57)/;
const PASSING_CODES: readonly string[] = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'];

/** Whether a source of blocks or a database may answer another time. */
export function isPassing(error: unknown): boolean {
    if (error instanceof SourceFailed) {
        return true;
    }
    const { code, message } = { code: undefined, message: undefined, ...described(error) };
    const isConnection = /^Connection terminated/.test(String(message)); // pg gives it no code.
    return isConnection || PASSING_CODES.includes(String(code)) || PASSING_CLASSES.test(String(code));
}

function described(error: unknown): { readonly code?: unknown; readonly message?: unknown } {
    if (typeof error !== 'object' || error === null) {
        return {};
    }
    return { code: 'code' in error ? error.code : undefined, message: 'message' in error ? error.message : undefined };
}
