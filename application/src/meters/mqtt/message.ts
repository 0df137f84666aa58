/** A message as a broker hands it on. */
export interface Message {
    readonly topic: string;
    readonly payload: Uint8Array;
    /** The broker kept it: nobody knows since when, unless it says so itself. */
    readonly isRetained: boolean;
    /** It was sent before and not acknowledged: it may be as old. */
    readonly isRepeated: boolean;
    /** Unix seconds. */
    readonly arrivedAt: number;
}

/** What a device sends is a few hundred bytes; more is a mistake or an attempt. */
export const MOST_BYTES = 16_384;
const MOST_DEPTH = 8;

/** JSON of bounded size and depth, or why it is none. */
export function jsonOf({ payload }: Message): { readonly json: unknown } | { readonly flaw: string } {
    if (payload.length > MOST_BYTES) {
        return { flaw: `${payload.length} bytes are more than ${MOST_BYTES}` };
    }
    try {
        const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
        return depth(json) > MOST_DEPTH ? { flaw: `it is nested more than ${MOST_DEPTH} deep` } : { json };
    } catch {
        return { flaw: 'it is no JSON' };
    }
}

function depth(json: unknown, level = 0): number {
    if (typeof json !== 'object' || json === null || level > MOST_DEPTH) {
        return level;
    }
    return Math.max(level, ...Object.values(json).map((value) => depth(value, level + 1)));
}

/** What stands at `ENERGY.Total`; only what the message itself has, so that no name reaches into what every object has. */
export function valueAt(json: unknown, path: readonly string[]): unknown {
    let value = json;
    for (const name of path) {
        if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
            return undefined;
        }
        value = (value as Readonly<Record<string, unknown>>)[name];
    }
    return value;
}
