import { afterAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as record from '@commonwatt/chaincode/api/records';
import { ownerStatement, spanStatement } from '@commonwatt/chaincode/api/statements';
import { decode, encode } from '@commonwatt/chaincode/api/wire';
import { verifySignature } from '@commonwatt/chaincode/domain/digest';
import { MeterKey, OwnerKeys } from './keys';
import { meteredSlots, orderRecord, readingRecord, REGISTER_MODULUS_WH } from './records';

const directory = mkdtempSync(join(tmpdir(), 'commonwatt-keys-'));
afterAll(() => {
    rmSync(directory, { recursive: true });
});

function keyFile(name: string): string {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const path = join(directory, name);
    writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    return path;
}

const saltKeyPath = join(directory, 'salt.key');
writeFileSync(saltKeyPath, randomBytes(32));
const files = { keyPath: keyFile('owner.pem'), saltKeyPath };
const owner = new OwnerKeys(files);
const meter = new MeterKey(keyFile('meter.pem'));
const SELL = { side: 'sell' as const, energyWh: 250n, limit: 90_000n };

describe('an order', () => {
    it('is what the chaincode reads, signed by its owner', async () => {
        const order = await orderRecord(owner, 'H1MSP', 1_567_200, SELL);
        expect(decode(record.orderRecord, encode(order))).toEqual(order);
        expect(order.key).toBe('order/0001567200/H1MSP/o1');
        expect(verifySignature(owner.publicKey, ownerStatement(order), order.signature)).toBe(true);
    });

    it('is the same, byte for byte, when an agent that was killed makes it again', async () => {
        const [before, after] = [owner, new OwnerKeys(files)];
        const made = (keys: OwnerKeys) => orderRecord(keys, 'H1MSP', 1_567_200, SELL);
        expect(encode(await made(after))).toBe(encode(await made(before)));
    });

    it('has a salt of its own', async () => {
        const salts = [1_567_200, 1_567_201].map(async (slot) => (await orderRecord(owner, 'H1MSP', slot, SELL)).salt);
        expect(new Set(await Promise.all(salts)).size).toBe(2);
        expect(owner.saltFor('x', 1)).not.toBe(owner.saltFor('x', 2));
    });
});

describe('a reading', () => {
    const registers = {
        home: 'H1',
        consumed: [REGISTER_MODULUS_WH - 1n, REGISTER_MODULUS_WH + 4n, 1n],
        produced: [10n, 30n, 30n],
    };
    const [first] = meteredSlots('H1MSP', '2014-10-03', 1_567_100, registers);
    const reading = readingRecord(owner, meter, first ?? fail(), 15n);

    it('is what the chaincode reads, its registers signed by the meter and all of it by the owner', () => {
        expect(decode(record.readingRecord, encode(reading))).toEqual(reading);
        const [span] = reading.spans;
        expect(verifySignature(owner.publicKey, ownerStatement(reading), reading.signature)).toBe(true);
        const said = spanStatement('H1MSP', span ?? fail());
        expect(verifySignature(meter.publicKey, said, span?.signature ?? '')).toBe(true);
    });

    it('shows registers that have rolled over as the meter shows them', () => {
        expect(reading.spans[0]?.consumption).toEqual({ startWh: REGISTER_MODULUS_WH - 1n, endWh: 4n });
        expect(reading.spans[0]?.generation).toEqual({ startWh: 10n, endWh: 30n });
    });
});

function fail(): never {
    throw new Error('there is one');
}
