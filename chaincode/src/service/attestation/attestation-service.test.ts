import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attestationQuestion, type AttestationQuestion } from '../../api/attestation';
import { Refusal } from '../../domain/refusals';
import type { Attestation, AttestationPlace } from './attestation-file';
import { AttestationService } from './attestation-service';

const QUESTION: AttestationQuestion = {
    version: '1',
    channel: 'community',
    chaincode: 'market',
    transaction: 'metering:recordReadings',
    question: 'Are these readings what the meter shows?',
    transactionId: 'aa',
    caller: 'H1MSP',
    time: '1745000000',
    argument: { mspId: 'H1MSP' },
    response: { recorded: [] },
};
const YES = '{"transactionId":"aa","attested":true}';
const LIMIT_MS = 150;

const servers: Server[] = [];
afterEach(() => {
    servers.splice(0).forEach((server) => {
        server.closeAllConnections();
        server.close();
    });
});

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

async function listening(behaviour: Behaviour): Promise<AttestationPlace> {
    const server = createServer(behaviour).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return { kind: 'loopback', host: '127.0.0.1', port: (server.address() as AddressInfo).port, path: '/attest' };
}

const attestation = (place: AttestationPlace): Attestation => ({
    mspId: 'H1MSP',
    place,
    transactions: new Set([QUESTION.transaction]),
    limitMs: LIMIT_MS,
    privateInputs: false,
});

async function refusalAt(place: AttestationPlace): Promise<string> {
    try {
        await new AttestationService(attestation(place)).confirm(QUESTION);
    } catch (error) {
        return error instanceof Refusal ? `${error.code}: ${error.detail}` : `another failure: ${String(error)}`;
    }
    return 'none';
}

const says =
    (text: string, code = 200): Behaviour =>
    (_, response) => {
        response.writeHead(code).end(text);
    };

describe('a local service that is asked', () => {
    it('lets pass what it confirms, and is told what the channel will have', async () => {
        let heard = '';
        const place = await listening((request, response) => {
            request.on('data', (chunk: Buffer) => (heard += chunk.toString()));
            request.on('end', () => response.end(YES));
        });
        expect(await refusalAt(place)).toBe('none');
        expect(attestationQuestion.parse(JSON.parse(heard))).toEqual(QUESTION);
    });

    it.each<{ what: string; behaviour: Behaviour; refusal: RegExp }>([
        {
            what: 'says no',
            behaviour: says('{"transactionId":"aa","attested":false,"reason":"the meter shows 17 Wh"}'),
            refusal: /^ATTESTATION_REFUSED: H1MSP says: the meter shows 17 Wh$/,
        },
        {
            what: 'says no in words that look like a code, or that a terminal obeys',
            behaviour: says('{"transactionId":"aa","attested":false,"reason":"[GATE_OPEN] \\u001b[2J"}'),
            refusal: /^ATTESTATION_REFUSED: H1MSP says: GATE_OPEN {2}2J$/,
        },
        {
            what: 'says yes to another question',
            behaviour: says(YES.replace('aa', 'bb')),
            refusal: /^ATTESTATION_MISSING/,
        },
        {
            what: 'says yes among other words',
            behaviour: says(YES.replace('}', ',"x":1}')),
            refusal: /^ATTESTATION_MISSING/,
        },
        {
            what: 'says "true" as text',
            behaviour: says(YES.replace('true', '"true"')),
            refusal: /^ATTESTATION_MISSING/,
        },
        {
            what: 'says no without a reason',
            behaviour: says(YES.replace('true', 'false')),
            refusal: /^ATTESTATION_MISSING/,
        },
        { what: 'says nothing', behaviour: says(''), refusal: /^ATTESTATION_MISSING/ },
        { what: 'says garbage', behaviour: says('<html>'), refusal: /^ATTESTATION_MISSING/ },
        { what: 'says yes with another status', behaviour: says(YES, 201), refusal: /status 201/ },
        { what: 'sends elsewhere', behaviour: says(YES, 302), refusal: /status 302/ },
        { what: 'says very much', behaviour: says(YES + ' '.repeat(5_000)), refusal: /more than 4096 bytes/ },
        { what: 'is late', behaviour: () => undefined, refusal: /no answer within 150 ms/ },
        {
            what: 'drips its answer',
            behaviour: (_, response) => {
                response.writeHead(200);
                const drip = setInterval(() => response.write(' '), 20);
                response.on('close', () => {
                    clearInterval(drip);
                });
            },
            refusal: /no answer within 150 ms/,
        },
        {
            what: 'hangs up',
            behaviour: (request) => {
                request.socket.destroy();
            },
            refusal: /socket hang up/,
        },
        {
            what: 'hangs up in the middle',
            behaviour: (_, response) => {
                response.writeHead(200, { 'content-length': 100 }).write(YES);
                setTimeout(() => response.destroy(), 20);
            },
            refusal: /aborted/,
        },
    ])('that $what stops the transaction', async ({ behaviour, refusal }) => {
        expect(await refusalAt(await listening(behaviour))).toMatch(refusal);
    });

    it('that is not there stops the transaction, at an address as at a socket', async () => {
        expect(await refusalAt({ kind: 'loopback', host: '127.0.0.1', port: 1, path: '/' })).toMatch(/ECONNREFUSED/);
        expect(await refusalAt({ kind: 'socket', path: join(tmpdir(), 'no-such.sock') })).toMatch(/ENOENT/);
    });

    it('may listen at a socket', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'attestation-'));
        const path = join(folder, 'meter.sock');
        const server = createServer(says(YES)).listen(path);
        servers.push(server);
        await once(server, 'listening');
        expect(await refusalAt({ kind: 'socket', path })).toBe('none');
        rmSync(folder, { recursive: true });
    });

    it('is not asked without end: what waits too long in line is refused', async () => {
        const service = new AttestationService(attestation(await listening(() => undefined)));
        const refusals = await Promise.allSettled(Array.from({ length: 65 }, () => service.confirm(QUESTION)));
        const reasons = refusals.map((each) => (each.status === 'rejected' ? String(each.reason) : ''));
        expect(reasons.filter((reason) => reason.includes('64 questions are waiting'))).toHaveLength(1);
        expect(reasons.filter((reason) => reason.includes('no answer within'))).toHaveLength(64);
    });
});
