import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from '@commonwatt/chaincode/api/wire';
import type { AttestationQuestion } from '@commonwatt/chaincode/api/attestation';
import { netsOf, registersOf } from '../data/meter-day';
import { sampleDay } from '../data/sample';
import { meteredSlots } from '../household/records';
import { serveAttestation } from './attestation-server';
import { meterCheck } from './meter-check';

const metered = sampleDay([{ home: 'H1', consumes: true, generates: true, peakW: 3_000 }]);
const registers = registersOf(metered, 'H1');
const nets = netsOf(registers);
const folder = mkdtempSync(join(tmpdir(), 'meter-'));
afterAll(() => {
    rmSync(folder, { recursive: true });
});

interface Shown {
    netWh: bigint;
    slot: number;
    consumption: { startWh: bigint; endWh: bigint };
}

/** Readings of the first two slots, as a proposal has them on the wire; `change` falsifies the second. */
function question(change: (reading: Shown) => void = () => undefined, mspId = 'H1MSP'): AttestationQuestion {
    const readings = meteredSlots('H1MSP', metered.day, metered.firstSlot, registers)
        .slice(0, 2)
        .map(({ slot, consumption, generation }, i) => {
            const reading = { netWh: nets[i] ?? 0n, slot, consumption: { ...consumption } };
            if (i === 1) {
                change(reading);
            }
            const span = { meterId: 'main', fromSlot: reading.slot, slots: 1, generation, signature: 'AAAA' };
            return {
                key: `reading ${i}`,
                version: 1,
                mspId: 'H1MSP',
                slot: reading.slot,
                kind: 'register',
                netWh: reading.netWh,
                spans: [{ ...span, consumption: reading.consumption }],
                salt: '00'.repeat(32),
                signature: 'AAAA',
            };
        });
    return {
        version: '1',
        channel: 'community',
        chaincode: 'market',
        transaction: 'metering:recordReadings',
        question: 'Are these readings what the meter shows?',
        transactionId: 'aa',
        caller: 'H1MSP',
        time: '1745000000',
        argument: { mspId },
        response: {},
        privateInputs: JSON.parse(encode({ readings })) as Record<string, unknown>,
    };
}

const decide = meterCheck({ home: 'H1', mspId: 'H1MSP', metered });
const silent = (): AttestationQuestion => {
    const asked = question();
    delete asked.privateInputs;
    return asked;
};

describe("a meter's own service", () => {
    it('confirms what the meter shows', () => {
        expect(decide(question())).toBeUndefined();
    });

    it.each([
        { what: 'another energy', asked: question((each) => (each.netWh += 1n)), says: 'something else in slot' },
        {
            what: 'another register',
            asked: question((each) => (each.consumption.endWh += 1n)),
            says: 'something else in slot',
        },
        { what: 'another day', asked: question((each) => (each.slot += 96)), says: 'kept nothing of slot' },
        { what: "another's readings", asked: question(undefined, 'H2MSP'), says: 'the meter of H1MSP' },
        { what: 'readings that it is not shown', asked: silent(), says: "'privateInputs': true" },
        { what: 'another matter', asked: { ...question(), transaction: 'tariffs:schedule' }, says: 'knows nothing' },
    ])('does not confirm $what', ({ asked, says }) => {
        expect(decide(asked)).toContain(says);
    });

    it('answers at a socket of its own user, and says no to what is no question', async () => {
        const socket = join(folder, 'meter.sock');
        const server = await serveAttestation(socket, decide);
        const ask = (body: string): Promise<string> =>
            new Promise((resolve, reject) => {
                const asking = request({ socketPath: socket, path: '/attest', method: 'POST' }, (answer) => {
                    text(answer).then((said) => {
                        resolve(`${answer.statusCode ?? 0} ${said}`);
                    }, reject);
                });
                asking.on('error', reject).end(body);
            });
        expect(statSync(socket).mode & 0o777).toBe(0o600);
        expect(await ask(encode(question()))).toBe('200 {"transactionId":"aa","attested":true}');
        expect(await ask(encode(question((each) => (each.netWh += 1n))))).toMatch(
            /^200 .*"attested":false,"reason":"the meter/,
        );
        expect(await ask('{}')).toMatch(/^400 /);
        server.close();
    });
});
