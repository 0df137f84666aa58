import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { encode } from '@commonwatt/chaincode/api/wire';

/** Added to the file, a line for each; back only when they would survive a power cut. */
export function appendRecords(path: string, records: readonly object[]): void {
    const isNew = !existsSync(path);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(path, 'a', 0o600);
    try {
        writeSync(file, records.map((record) => `${encode(record)}\n`).join(''));
        fsyncSync(file);
    } finally {
        closeSync(file);
    }
    if (isNew) {
        syncFolder(dirname(path));
    }
}

/**
 * What was half written when the agent was killed had not been given to anybody: it is cut off, so that what follows can be read.
 *
 * @throws Error where a line is damaged, with `otherwise`: what is to be done then.
 */
export function readRecords<T>(path: string, schema: z.ZodType<T>, otherwise: string): T[] {
    if (!existsSync(path)) {
        return [];
    }
    const bytes = readFileSync(path);
    const end = bytes.lastIndexOf('\n') + 1;
    if (end < bytes.length) {
        truncateSync(path, end);
    }
    const lines = bytes.subarray(0, end).toString().split('\n').filter(Boolean);
    return lines.map((line, index) => {
        const parsed = schema.safeParse(jsonOf(line));
        if (!parsed.success) {
            throw new Error(`${path}, line ${index + 1}, ${otherwise}`);
        }
        return parsed.data;
    });
}

function jsonOf(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return undefined;
    }
}

/** A file that is new is there after a power cut only if its folder says so. */
function syncFolder(path: string): void {
    const folder = openSync(path, 'r');
    try {
        fsyncSync(folder);
    } finally {
        closeSync(folder);
    }
}
