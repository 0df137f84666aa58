import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { encode } from '@commonwatt/chaincode/api/wire';

/** Fields of private records that say nothing private: names, times, what the round's or the tariffs' price was. */
const PUBLIC_FIELDS: ReadonlySet<string> = new Set([
    ...['key', 'version', 'mspId', 'slot', 'id', 'side', 'kind', 'day', 'from', 'to', 'slots', 'fromSlot', 'meterId'],
    ...['price', 'ppm', 'vatPpm', 'days', 'rounds', 'readingVersion', 'readingKind', 'element', 'layout', 'reason'],
]);
/** Shorter numbers occur by chance. */
const SHORTEST_NUMBER = 6;

/** Neither a record nor a list of records. */
const isPlain = (value: unknown): boolean =>
    Array.isArray(value) ? value.every(isPlain) : typeof value !== 'object' || value === null;

/** Every figure, salt and signature in private records, as their texts have them; numbers without their sign. */
export function secretsIn(...records: readonly object[]): Set<string> {
    const found = new Set<string>();
    const walk = (value: unknown, field: string): void => {
        if (Array.isArray(value)) {
            value.forEach((each) => {
                walk(each, field);
            });
        } else if (typeof value === 'object' && value !== null) {
            for (const [name, inner] of Object.entries(value)) {
                if (!(PUBLIC_FIELDS.has(name) && isPlain(inner))) {
                    walk(inner, name);
                }
            }
        } else if (typeof value === 'string') {
            const text = value.replace(/^-/, '');
            if (/^\d+$/.test(text) ? text.length >= SHORTEST_NUMBER : text.length >= 64) {
                found.add(text);
            }
        }
    };
    for (const record of records) {
        walk(JSON.parse(encode(record)), '');
    }
    return found;
}

/** Every figure, hash and signature in records that are public. */
export const figuresOf = (...records: readonly object[]): Set<string> => textsIn(Buffer.from(encode(records)));

/** Whatever in these bytes could be a figure, a salt or a signature: numbers between marks of JSON or words, hex, base64. */
export function textsIn(bytes: Buffer): Set<string> {
    const text = bytes.toString('latin1');
    const found = new Set<string>();
    for (const pattern of [/(?<![\w.+/-])-?(\d{6,})(?![\w+/])/g, /([0-9a-f]{64})/g, /([A-Za-z0-9+/]{86,}={0,2})/g]) {
        for (const [, token = ''] of text.matchAll(pattern)) {
            found.add(token);
        }
    }
    return found;
}

export const shared = (one: ReadonlySet<string>, other: ReadonlySet<string>): string[] =>
    [...one].filter((each) => other.has(each));

export const without = (all: ReadonlySet<string>, some: ReadonlySet<string>): Set<string> =>
    new Set([...all].filter((each) => !some.has(each)));

export const union = (...sets: readonly ReadonlySet<string>[]): Set<string> => new Set(sets.flatMap((set) => [...set]));

/** All keys and values of every database below a folder, which no process has open. */
export async function storedBelow(folder: string): Promise<Buffer> {
    const parts: Buffer[] = [];
    const databases = readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('CURRENT'))
        .map((path) => dirname(join(folder, path)));
    for (const path of databases) {
        const database = new ClassicLevel<Buffer, Buffer>(path, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
        for await (const [key, value] of database.iterator()) {
            parts.push(key, Buffer.from('\n'), value, Buffer.from('\n'));
        }
        await database.close();
    }
    return Buffer.concat(parts);
}
