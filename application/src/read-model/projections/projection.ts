import type { Changes } from './changes';

/** Where in the chain a write stands. */
export interface Place {
    readonly block: number;
    readonly position: number;
}

/**
 * What a record becomes. Undefined: it is no more.
 *
 * @throws Error where the record is not what its key says
 */
export type Projection = (parts: readonly string[], record: unknown, changes: Changes, place: Place) => void;

/** A record says of itself what its key says: keys that were made by a stranger may hold anything. */
export function assertNames(parts: readonly string[], ...said: readonly string[]): void {
    if (parts.length !== said.length || parts.some((part, i) => part !== said[i])) {
        throw new Error(`the record of ${parts.join('/')} says that it is ${said.join('/')}`);
    }
}

export const flag = (holds: boolean): number => (holds ? 1 : 0);
