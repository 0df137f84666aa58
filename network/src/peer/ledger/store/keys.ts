import { createHash } from 'node:crypto';

/**
 * Keys of a peer's database. Strings, because LevelDB orders UTF-8 as Fabric orders keys: by bytes. Names of chaincodes and
 * collections hold no zero byte, so one ends them; keys of the state come last and may hold anything.
 */
const END = '\u0000';
const AFTER_END = '\u0001';
const DIGITS = 12;

const number = (value: number): string => value.toString().padStart(DIGITS, '0');
const height = (block: number, tx: number): string => number(block) + number(tx);

export const KEY = {
    /** Where the chain stands: see LedgerStore. */
    tip: 'c',
    block: (block: number): string => `b${number(block)}`,
    blockOfHash: (hash: Uint8Array): string => `h${hex(hash)}`,
    transaction: (txId: string): string => `t${txId}`,
    state: (namespace: string, key: string): string => `s${namespace}${END}${key}`,
    hashed: (namespace: string, collection: string, keyHash: string): string =>
        `x${namespace}${END}${collection}${END}${keyHash}`,
    private: (namespace: string, collection: string, key: string): string =>
        `p${namespace}${END}${collection}${END}${key}`,
    /** Where a private key was written: what a purge has to find. */
    privateWrite: (namespace: string, collection: string, keyHash: string, block: number, tx: number): string =>
        `k${namespace}${END}${collection}${END}${keyHash}${END}${height(block, tx)}`,
    privateSet: (block: number, tx: number): string => `v${height(block, tx)}`,
    missing: (block: number, tx: number, namespace: string, collection: string): string =>
        `m${height(block, tx)}${namespace}${END}${collection}`,
    /** What expires with a block, by the block that wrote it. */
    expiry: (block: number, written: number, namespace: string, collection: string, keyHash: string): string =>
        `e${height(block, written)}${namespace}${END}${collection}${END}${keyHash}`,
    history: (namespace: string, key: string, block: number, tx: number): string =>
        `${historyPrefix(namespace, key)}${height(block, tx)}`,
    transient: (txId: string, position: number): string => `u${txId}${END}${number(position)}`,
} as const;

/** The key's length stands before it, or the history of `a` would hold that of a key that begins with `a`. */
function historyPrefix(namespace: string, key: string): string {
    return `y${namespace}${END}${key.length}${END}${key}${END}`;
}

/** Start inclusive, end exclusive. */
export interface KeyRange {
    readonly gte: string;
    readonly lt: string;
}

function within(prefix: string, startKey: string, endKey: string): KeyRange {
    return { gte: prefix + startKey, lt: endKey === '' ? prefix.slice(0, -1) + AFTER_END : prefix + endKey };
}

/** The character after the last one of a prefix ends its range. */
function all(prefix: string): KeyRange {
    const last = prefix.length - 1;
    return { gte: prefix, lt: prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1) };
}

export const RANGE = {
    state: (namespace: string, startKey: string, endKey: string): KeyRange =>
        within(`s${namespace}${END}`, startKey, endKey),
    private: (namespace: string, collection: string, startKey: string, endKey: string): KeyRange =>
        within(`p${namespace}${END}${collection}${END}`, startKey, endKey),
    privateWrites: (namespace: string, collection: string, keyHash: string): KeyRange =>
        all(`k${namespace}${END}${collection}${END}${keyHash}${END}`),
    privateSets: (block: number): KeyRange => all(`v${number(block)}`),
    expiries: (block: number): KeyRange => all(`e${number(block)}`),
    history: (namespace: string, key: string): KeyRange => all(historyPrefix(namespace, key)),
    allBlocks: all('b'),
    allState: all('s'),
    allHashed: all('x'),
    allExpiries: all('e'),
    allMissing: all('m'),
    allTransient: all('u'),
} as const;

export function isWithin({ gte, lt }: KeyRange, key: string): boolean {
    return key >= gte && key < lt;
}

/** Block and position at the end of a key. */
export function heightAtEnd(databaseKey: string): { block: number; tx: number } {
    const digits = databaseKey.slice(-2 * DIGITS);
    return { block: Number(digits.slice(0, DIGITS)), tx: Number(digits.slice(DIGITS)) };
}

/** Position, namespace and collection of a `missing` key. */
export function parseMissing(databaseKey: string): {
    block: number;
    tx: number;
    namespace: string;
    collection: string;
} {
    const [namespace = '', collection = ''] = databaseKey.slice(1 + 2 * DIGITS).split(END);
    return { ...heightAtEnd(databaseKey.slice(0, 1 + 2 * DIGITS)), namespace, collection };
}

/** What an `expiry` key says. */
export function parseExpiry(databaseKey: string): {
    written: number;
    namespace: string;
    collection: string;
    keyHash: string;
} {
    const names = 1 + 2 * DIGITS;
    const [namespace = '', collection = '', keyHash = ''] = databaseKey.slice(names).split(END);
    return { written: heightAtEnd(databaseKey.slice(0, names)).tx, namespace, collection, keyHash };
}

/** Transaction id and position of a `transient` key. */
export function parseTransient(databaseKey: string): { txId: string; position: number } {
    const end = databaseKey.lastIndexOf(END);
    return { txId: databaseKey.slice(1, end), position: Number(databaseKey.slice(end + 1)) };
}

export function hex(bytes: Uint8Array): string {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

export function sha256(data: Uint8Array | string): Buffer {
    return createHash('sha256').update(data).digest();
}
