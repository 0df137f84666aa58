import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attestationOf } from './attestation-file';

const folder = mkdtempSync(join(tmpdir(), 'attestation-'));
afterAll(() => {
    rmSync(folder, { recursive: true });
});

const path = join(folder, 'attestation.json');
const GOOD = { service: 'unix:meter.sock', transactions: ['metering:recordReadings'] };

function read(content: unknown, serves = 'H1MSP'): unknown {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    try {
        return attestationOf({ CHAINCODE_ATTESTATION_FILE: path, CHAINCODE_SERVES: serves });
    } catch (error) {
        return error instanceof Error ? error.message : error;
    }
}

describe('a file of attestation', () => {
    it('need not be there', () => {
        expect(attestationOf({ CHAINCODE_SERVES: 'H1MSP,H2MSP' })).toBeUndefined();
    });

    it('names a socket beside it, and has defaults that tell the service nothing private', () => {
        expect(read(GOOD)).toEqual({
            mspId: 'H1MSP',
            place: { kind: 'socket', path: join(folder, 'meter.sock') },
            transactions: new Set(['metering:recordReadings']),
            limitMs: 2_000,
            privateInputs: false,
        });
    });

    it.each([
        { service: 'http://127.0.0.1:9000/attest?of=H1', host: '127.0.0.1', path: '/attest?of=H1' },
        { service: 'http://127.8.0.1:9000', host: '127.8.0.1', path: '/' },
        { service: 'http://[::1]:9000/attest', host: '::1', path: '/attest' },
    ])('may name $service', ({ service, host, path: at }) => {
        expect(read({ ...GOOD, service })).toMatchObject({
            place: { kind: 'loopback', host, port: 9000, path: at },
        });
    });

    it.each([
        { what: 'a service elsewhere', content: { ...GOOD, service: 'http://10.0.0.1:80/x' }, says: 'on this machine' },
        {
            what: 'a name that is looked up',
            content: { ...GOOD, service: 'http://localhost:80/' },
            says: 'on this machine',
        },
        { what: 'another protocol', content: { ...GOOD, service: 'https://127.0.0.1:80/' }, says: 'on this machine' },
        { what: 'no port', content: { ...GOOD, service: 'http://127.0.0.1/' }, says: 'on this machine' },
        { what: 'no address', content: { ...GOOD, service: 'meter' }, says: 'on this machine' },
        {
            what: 'a transaction that is none',
            content: { ...GOOD, transactions: ['metering:x'] },
            says: 'cannot be attested',
        },
        {
            what: 'a transaction without a question',
            content: { ...GOOD, transactions: ['auction:submitOrders'] },
            says: 'cannot be',
        },
        { what: 'no transaction', content: { ...GOOD, transactions: [] }, says: 'transactions' },
        { what: 'a limit beyond the peers’ own', content: { ...GOOD, limitMs: 30_000 }, says: 'limitMs' },
        { what: 'a word too much', content: { ...GOOD, optional: true }, says: 'optional' },
        { what: 'no JSON', content: 'service: meter', says: 'JSON' },
    ])('is refused with its name where it names $what', ({ content, says }) => {
        expect(read(content)).toEqual(expect.stringContaining(says));
        expect(read(content)).toEqual(expect.stringContaining(path));
    });

    it.each([
        { serves: '', says: 'nobody in particular' },
        { serves: 'H1MSP,H2MSP', says: 'H1MSP, H2MSP' },
    ])('is refused where the process serves $says', ({ serves, says }) => {
        expect(read(GOOD, serves)).toMatch(`serves one organisation (CHAINCODE_SERVES), not ${says}`);
    });

    it('is not forgotten because it has gone', () => {
        const gone = { CHAINCODE_ATTESTATION_FILE: join(folder, 'none.json'), CHAINCODE_SERVES: 'H1MSP' };
        expect(() => attestationOf(gone)).toThrow(/none.json: .*ENOENT/);
    });
});
