import { compareStrings } from './quantity';

/**
 * JSON with sorted keys, no white space and bigints as decimal strings: equal records have equal bytes on every peer, so that
 * their hashes and signatures can be compared. Properties that are undefined are left out. What has no single form (a number
 * that is not a safe integer, a function, an undefined element) is a fault of the caller and throws a TypeError.
 */
export function canonicalJson(value: unknown): string {
    switch (typeof value) {
        case 'string':
        case 'boolean':
            return JSON.stringify(value);
        case 'bigint':
            return `"${value.toString()}"`;
        case 'number':
            return canonicalNumber(value);
        case 'object':
            return value === null ? 'null' : canonicalStructure(value);
        default:
            throw new TypeError(`no canonical JSON for a value of type ${typeof value}`);
    }
}

function canonicalNumber(value: number): string {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
        throw new TypeError(`no canonical JSON for the number ${value}`);
    }
    return value.toString();
}

function canonicalStructure(value: object): string {
    if (Array.isArray(value)) {
        return `[${value.map(canonicalJson).join(',')}]`;
    }
    if (value instanceof Uint8Array || value instanceof Map || value instanceof Set) {
        throw new TypeError('no canonical JSON for bytes, maps and sets: write them as text, objects or lists');
    }
    const members = Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .sort(([a], [b]) => compareStrings(a, b))
        .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
}
