import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { orderRecord, type OrderRecord } from '@commonwatt/chaincode/api/records';
import { encode } from '@commonwatt/chaincode/api/wire';

/**
 * The orders that an agent has committed itself to. Until they are revealed nobody else has them, and who cannot open an order forfeits
 * a deposit: so each is on the disk before its commitment leaves. One line for each order, added and never changed.
 */
export class KeptOrders {
    readonly #path: string;
    #orders: Map<number, OrderRecord> | undefined;

    /** Nothing is read or made before it is needed. */
    constructor(path: string) {
        this.#path = path;
    }

    /** By slot. */
    get all(): readonly OrderRecord[] {
        return [...this.#loaded().values()].sort((a, b) => a.slot - b.slot);
    }

    /** The order of a slot: the last that was kept. */
    find(slot: number): OrderRecord | undefined {
        return this.#loaded().get(slot);
    }

    /** Back only when they would survive a power cut. */
    keep(orders: readonly OrderRecord[]): void {
        if (orders.length === 0) {
            return;
        }
        const known = this.#loaded();
        const isNew = !existsSync(this.#path);
        mkdirSync(dirname(this.#path), { recursive: true });
        const file = openSync(this.#path, 'a', 0o600);
        try {
            writeSync(file, orders.map((order) => `${encode(order)}\n`).join(''));
            fsyncSync(file);
        } finally {
            closeSync(file);
        }
        if (isNew) {
            syncFolder(dirname(this.#path));
        }
        orders.forEach((order) => known.set(order.slot, order));
    }

    #loaded(): Map<number, OrderRecord> {
        this.#orders ??= new Map(readOrders(this.#path).map((order) => [order.slot, order]));
        return this.#orders;
    }
}

/** What was half written when the agent was killed had not been committed to: it is cut off, so that what follows can be read. */
function readOrders(path: string): OrderRecord[] {
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
        const parsed = orderRecord.safeParse(jsonOf(line));
        if (!parsed.success) {
            throw new Error(
                `${path}, line ${index + 1}, is no order: restore the file, or remove it if no round waits for it`,
            );
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
