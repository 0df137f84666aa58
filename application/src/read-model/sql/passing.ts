import { SourceFailed } from '../pending-blocks';

/** PostgreSQL's classes of errors that pass: connection, resources, operator's intervention, and what met another transaction. */
const PASSING_CLASSES = /^(?:08|40|53|57)/;
const PASSING_CODES: readonly string[] = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'];

/** Whether a source of blocks or a database may answer another time. */
export function isPassing(error: unknown): boolean {
    if (error instanceof SourceFailed) {
        return true;
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const isConnection = error instanceof Error && /^Connection terminated/.test(error.message); // pg gives it no code.
    return isConnection || PASSING_CODES.includes(code) || PASSING_CLASSES.test(code);
}
