import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expiredOf } from './certificates';
import { generateIdentities } from './identities/generate';
import { layout as layoutOf, type Layout } from './layout';
import { smallCommunity } from './small-community';

const topology = smallCommunity(1, { portBase: 23_060 });
let layout: Layout;

beforeAll(async () => {
    layout = layoutOf(mkdtempSync(join(tmpdir(), 'certificates-')));
    await generateIdentities(topology, layout);
});

afterAll(() => {
    rmSync(layout.home, { recursive: true });
});

test('certificates in date are not worth a word', async () => {
    expect(await expiredOf(topology, layout)).toEqual([]);
});

test('each that has run out is named with what to do', async () => {
    const said = await expiredOf(topology, layout, new Date('2100-01-01'));
    const { peer, agent, orderer } = layout.organisation({ domain: 'h1.small.example' });
    for (const file of [peer.certificate, peer.tls.certificate, agent.certificate]) {
        expect(said.find((line) => line.includes(file))).toMatch(
            /^the certificate of H1 expired on .*: `network.sh renew H1` makes a new one$/,
        );
    }
    expect(said.find((line) => line.includes(orderer.certificate))).toContain(
        '`network.sh renew-seat H1` makes a new one',
    );
});
