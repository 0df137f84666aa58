import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrderRecord } from '@commonwatt/chaincode/api/records';
import { encode } from '@commonwatt/chaincode/api/wire';
import { KeptOrders } from './kept-orders';

const directory = mkdtempSync(join(tmpdir(), 'commonwatt-kept-'));
afterAll(() => {
    rmSync(directory, { recursive: true });
});

const order = (slot: number, energyWh = 500n): OrderRecord => ({
    key: `order/${slot.toString().padStart(10, '0')}/H1MSP/o1`,
    version: 1,
    mspId: 'H1MSP',
    slot,
    id: 'o1',
    side: 'buy',
    energyWh,
    limit: null,
    salt: 'ab'.repeat(32),
    signature: 'bm9uZQ==',
});

let files = 0;
let path: string;
beforeEach(() => {
    files += 1;
    path = join(directory, `agent-${files}`, 'orders.jsonl');
});

describe('orders that an agent keeps', () => {
    it('are there for whoever opens the file after it, by slot', () => {
        new KeptOrders(path).keep([order(7), order(5)]);
        const again = new KeptOrders(path);
        again.keep([order(6)]);
        expect(new KeptOrders(path).all).toEqual([order(5), order(6), order(7)]);
        expect(again.find(6)).toEqual(order(6));
        expect(again.find(8)).toBeUndefined();
        expect(statSync(path).mode & 0o077).toBe(0);
    });

    it('make no file before there is an order', () => {
        const kept = new KeptOrders(path);
        expect([kept.all, kept.find(1)]).toEqual([[], undefined]);
        kept.keep([]);
        expect(existsSync(path)).toBe(false);
    });

    it.each([1, 20, encode(order(6)).length])('lose what was half written when the agent was killed: %d bytes', (n) => {
        new KeptOrders(path).keep([order(5)]);
        appendFileSync(path, encode(order(6)).slice(0, n));
        const again = new KeptOrders(path);
        expect(again.all).toEqual([order(5)]);
        again.keep([order(6, 1n)]);
        expect(new KeptOrders(path).all).toEqual([order(5), order(6, 1n)]);
        expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
    });

    it('are not passed over in silence where the file is damaged', () => {
        new KeptOrders(path).keep([order(5), order(6)]);
        writeFileSync(path, readFileSync(path, 'utf8').replace('"500"', '"5x0"'));
        expect(() => new KeptOrders(path).find(6)).toThrow(/line 1, is no order/);
    });
});
