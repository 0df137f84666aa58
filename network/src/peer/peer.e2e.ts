import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { PeerNetwork } from '../testing/peer-network';

let network: PeerNetwork;

beforeAll(async () => {
    network = await PeerNetwork.start(2, 24000);
    await network.deploy();
}, 60_000);

afterAll(async () => {
    await network.stop();
});

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('a network of embedded peers', () => {
    test('endorses, orders and commits what an unmodified client submits', async () => {
        const kv = network.client('H1').contract('kv');
        await kv.submit('put', { arguments: ['a', '1'], endorsingOrganizations: ['H1MSP', 'DSOMSP'] });
        expect(text(await kv.evaluate('get', { arguments: ['a'] }))).toBe('1');
        await network.settled();
        expect(
            text(
                await network
                    .client('H2')
                    .contract('kv')
                    .evaluate('get', { arguments: ['a'] }),
            ),
        ).toBe('1');
    });
});
