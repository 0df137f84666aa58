import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Msp } from '../../fabric/msp';
import { serializeIdentity } from '../../fabric/signing';
import { layout as layoutOf, type Layout, type OrganisationLayout } from '../layout';
import { smallCommunity } from '../small-community';
import { organisation } from '../topology';
import { generateIdentities } from './generate';
import { mspConfigOf } from './msp-config';
import { renewIdentities } from './renewal';

// Shared machines are slow at times.
jest.setTimeout(60_000);

const topology = smallCommunity(1, { portBase: 23050 });
const household = organisation(topology, 'H1');
const KINDS = ['peer', 'admin', 'agent'] as const;
let layout: Layout;
let files: OrganisationLayout;

beforeAll(async () => {
    layout = layoutOf(mkdtempSync(join(tmpdir(), 'renewal-')));
    await generateIdentities(topology, layout);
    files = layout.organisation(household);
});

afterAll(() => {
    rmSync(layout.home, { recursive: true });
});

const certificates = (): string[] => KINDS.map((kind) => readFileSync(files[kind].certificate, 'utf8'));
const keys = (): string[] => KINDS.map((kind) => readFileSync(files[kind].key, 'utf8'));
const judged = (pem: string): string => {
    const identity = new Msp(mspConfigOf(household, layout)).deserialize(serializeIdentity(household.mspId, pem));
    return identity.refusal ?? identity.role ?? 'no role';
};

describe('renewed certificates', () => {
    test('count, and those before them do not: after each renewal', async () => {
        const old: string[] = [];
        for (let times = 0; times < 2; times += 1) {
            old.push(...certificates());
            await renewIdentities(household, layout);
            expect(certificates().map(judged)).toEqual(['peer', 'admin', 'client']);
            for (const pem of old) expect(judged(pem)).toMatch(/revoked/);
        }
    });

    test('have keys of their own, but for the agent, whose key governance has on file', async () => {
        const [peer, admin, agent] = keys();
        const tls = readFileSync(files.peer.tls.key, 'utf8');
        await renewIdentities(household, layout);
        const [newPeer, newAdmin, newAgent] = keys();
        expect(newPeer).not.toBe(peer);
        expect(newAdmin).not.toBe(admin);
        expect(newAgent).toBe(agent);
        expect(readFileSync(files.peer.tls.key, 'utf8')).not.toBe(tls);
    });

    test('do not touch the orderer, whom the configuration names', async () => {
        const before = readFileSync(files.orderer.certificate, 'utf8');
        await renewIdentities(household, layout);
        expect(readFileSync(files.orderer.certificate, 'utf8')).toBe(before);
        expect(judged(before)).toBe('orderer');
    });
});
