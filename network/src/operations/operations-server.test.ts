import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { Authority } from '../topology/identities/authority';
import { certificateCheck } from './certificate-check';
import { diskCheck, OperationsServer, type HealthCheck } from './operations-server';
import { PeerMetrics } from './peer-metrics';

let server: OperationsServer | undefined;

afterEach(() => {
    server?.stop();
});

async function ask(path: string, checks: readonly HealthCheck[] = [], registry = new Registry()): Promise<Response> {
    server = await OperationsServer.start({ registry, checks });
    return fetch(`http://127.0.0.1:${server.port}${path}`);
}

describe('/healthz', () => {
    it('says OK while no check fails', async () => {
        const response = await ask('/healthz', [diskCheck(tmpdir(), 1)]);
        expect(response.status).toBe(200);
        expect(await response.json()).toMatchObject({ status: 'OK' });
    });

    it('names the checks that failed, with what to do', async () => {
        const response = await ask('/healthz', [
            diskCheck(tmpdir(), Number.MAX_SAFE_INTEGER),
            { component: 'fine', problem: () => Promise.resolve(undefined) },
            { component: 'broken', problem: () => Promise.reject(new Error('it broke')) },
        ]);
        expect(response.status).toBe(503);
        expect(await response.json()).toMatchObject({
            status: 'Service Unavailable',
            failed_checks: [
                { component: 'disk', reason: expect.stringMatching(/^only \d+ MB are free under .*: make room/) },
                { component: 'broken', reason: 'Error: it broke' },
            ],
        });
    });
});

describe('certificates', () => {
    const directory = mkdtempSync(join(tmpdir(), 'certificates-'));
    const file = join(directory, 'ca.pem');
    afterAll(() => {
        rmSync(directory, { recursive: true });
    });

    it('that have run out are named, with the command that renews them', async () => {
        const { certificatePem } = await Authority.create({ commonName: 'ca', organisation: 'h1' });
        writeFileSync(file, certificatePem);
        const watched = [{ of: 'H1', file }];
        expect(await certificateCheck(() => watched).problem()).toBeUndefined();
        const later = certificateCheck(
            () => watched,
            () => new Date('2999-01-01'),
        );
        expect(await later.problem()).toMatch(
            /^the certificate of H1 expired on .*`network\.sh renew H1` makes a new one$/,
        );
    });
});

describe('/metrics', () => {
    it("holds a peer's numbers under Fabric's names", async () => {
        const registry = new Registry();
        const observer = new PeerMetrics(registry).of('H1MSP');
        observer.opened('community', 3);
        observer.proposalReceived();
        observer.proposalEnded({ channel: 'community', chaincode: 'market', seconds: 0.02, isSuccess: true });
        const text = await (await ask('/metrics', [], registry)).text();
        expect(text).toContain('ledger_blockchain_height{channel="community",node="H1MSP"} 3');
        expect(text).toContain('endorser_proposals_received{node="H1MSP"} 1');
        expect(text).toContain('endorser_successful_proposals{node="H1MSP"} 1');
        expect(text).toMatch(/endorser_proposal_duration_bucket\{.*success="true".*\} 1/);
    });
});

it('answers nothing else', async () => {
    expect((await ask('/logspec')).status).toBe(404);
});
