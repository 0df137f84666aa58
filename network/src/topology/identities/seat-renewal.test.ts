import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
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
import { renewIdentities, revokeRetired } from './renewal';
import { prepareSeatRenewal, takeUpSeatRenewal } from './seat-renewal';

// Shared machines are slow at times.
jest.setTimeout(60_000);

const topology = smallCommunity(1, { portBase: 23_050 });
const household = organisation(topology, 'H1');
let layout: Layout;
let files: OrganisationLayout;

beforeAll(async () => {
    layout = layoutOf(mkdtempSync(join(tmpdir(), 'seat-renewal-')));
    await generateIdentities(topology, layout);
    files = layout.organisation(household);
});

afterAll(() => {
    rmSync(layout.home, { recursive: true });
});

const text = (file: string): string => readFileSync(file, 'utf8');
const inPlace = (): string[] =>
    [files.orderer, files.orderer.tls].flatMap(({ certificate, key }) => [text(certificate), text(key)]);
const judged = (pem: string): string => {
    const identity = new Msp(mspConfigOf(household, layout)).deserialize(serializeIdentity(household.mspId, pem));
    return identity.refusal ?? identity.role ?? 'no role';
};

describe('new certificates of a seat', () => {
    test('lie beside those in use, the same ones until they are taken up', async () => {
        const [before, engine] = [inPlace(), text(files.engine.validator)];
        const made = await prepareSeatRenewal(household, layout);
        expect(inPlace()).toEqual(before);
        expect(await prepareSeatRenewal(household, layout)).toEqual(made);
        expect([made.identityPem, made.tlsPem].map((pem) => before.includes(pem))).toEqual([false, false]);
        expect(judged(made.identityPem)).toBe('orderer');
        expect(statSync(files.nextOrderer.key).mode & 0o777).toBe(0o600);
        takeUpSeatRenewal(household, layout);
        const [identity, key, tls, tlsKey] = inPlace();
        expect([identity, tls]).toEqual([made.identityPem, made.tlsPem]);
        expect([key, tlsKey].map((each) => before.includes(each ?? ''))).toEqual([false, false]);
        expect(existsSync(files.nextOrderer.directory)).toBe(false);
        expect(text(files.engine.validator)).toBe(engine);
    });

    test('count when those before are revoked, and are not revoked with those of the peer', async () => {
        const before = text(files.orderer.certificate);
        await prepareSeatRenewal(household, layout);
        takeUpSeatRenewal(household, layout);
        expect(judged(before)).toBe('orderer');
        await revokeRetired(household, layout);
        expect(judged(before)).toMatch(/revoked/);
        await renewIdentities(household, layout);
        expect(judged(text(files.orderer.certificate))).toBe('orderer');
    });

    test('are never revoked themselves when taking them up broke off near its end', async () => {
        const { identityPem } = await prepareSeatRenewal(household, layout);
        const kept = join(layout.home, 'kept');
        cpSync(files.nextOrderer.directory, kept, { recursive: true });
        takeUpSeatRenewal(household, layout);
        cpSync(kept, files.nextOrderer.directory, { recursive: true });
        takeUpSeatRenewal(household, layout);
        await revokeRetired(household, layout);
        expect(text(files.orderer.certificate)).toBe(identityPem);
        expect(judged(identityPem)).toBe('orderer');
    });
});
