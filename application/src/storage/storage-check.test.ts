import { describe, expect, it } from '@jest/globals';
import type { AttestationQuestion } from '@commonwatt/chaincode/api/attestation';
import { encode } from '@commonwatt/chaincode/api/wire';
import { storageCheck } from './storage-check';

const lot = { prosumer: 'H1MSP', slot: 10, id: 'a1', energyWh: 400n, releasableWh: 361n };
const decide = storageCheck(() => [lot]);

const asked = (transaction: string, argument: unknown): AttestationQuestion => ({
    version: '1',
    channel: 'community',
    chaincode: 'market',
    transaction,
    question: '?',
    transactionId: 'aa',
    caller: 'H1MSP',
    time: '1745000000',
    argument: JSON.parse(encode(argument)) as unknown,
    response: {},
});
const attestation = (change: object = {}): object => ({
    key: 'attestation/2025-04-16/0000000010/a1',
    storage: 'H4MSP',
    prosumer: 'H1MSP',
    slot: 10,
    id: 'a1',
    energyWh: 400n,
    signature: 'AAAA',
    prosumerSignature: 'AAAA',
    ...change,
});
const offer = (change: object = {}): object => ({
    key: 'contract/2025-04-16/0000000010/a1',
    version: 1,
    seller: 'H1MSP',
    storage: 'H4MSP',
    energyWh: 361n,
    price: 1n,
    feeNanos: 0n,
    deliverySlot: 20,
    signature: 'AAAA',
    ...change,
});
const offering = (change: object, brought?: object): AttestationQuestion =>
    asked('contracts:offer', { slot: 10, id: 'a1', offer: offer(change), ...(brought && { attestation: brought }) });

describe("a storage system's own service", () => {
    it('confirms what the storage took in, and holds', () => {
        expect(decide(asked('contracts:attest', { day: '2025-04-16', attestations: [attestation()] }))).toBeUndefined();
        expect(decide(offering({}))).toBeUndefined();
        expect(decide(offering({}, attestation()))).toBeUndefined();
    });

    it.each([
        { what: 'another prosumer', change: { prosumer: 'H2MSP' } },
        { what: 'more energy', change: { energyWh: 401n } },
        { what: 'another slot', change: { slot: 11 } },
        { what: 'what it never took in', change: { id: 'b1' } },
    ])('does not confirm an attestation of $what', ({ change }) => {
        const attestations = [attestation(), attestation(change)];
        expect(decide(asked('contracts:attest', { attestations }))).toContain('did not take in');
        expect(decide(offering({}, attestation(change)))).toContain('did not take in');
    });

    it.each([
        { what: "another's energy", change: { seller: 'H2MSP' }, says: 'holds no a1' },
        { what: 'energy of nobody', change: { key: 'contract/2025-04-16/0000000011/a1' }, says: 'holds no a1' },
        { what: 'more than it can give out', change: { energyWh: 362n }, says: 'can give out 361 Wh' },
    ])('does not confirm an offer of $what', ({ change, says }) => {
        expect(decide(offering(change))).toContain(says);
    });

    it.each([
        { what: 'another matter', question: asked('metering:recordReadings', {}), says: 'knows nothing' },
        { what: 'what it cannot read', question: asked('contracts:attest', {}), says: 'can be read' },
        { what: 'an offer that it cannot read', question: asked('contracts:offer', {}), says: 'can be read' },
    ])('does not confirm $what', ({ question, says }) => {
        expect(decide(question)).toContain(says);
    });
});
