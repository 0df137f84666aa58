import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Bundle } from '../../fabric/channel-config';
import { prepareSeatRenewal, takeUpSeatRenewal } from '../../topology/identities/seat-renewal';
import { organisation } from '../../topology/topology';
import { OrderingCommunity } from '../testing/community';
import { SeatKeys, type SeatCredential } from './seat-keys';

// Shared machines are slow at times.
jest.setTimeout(60_000);

let community: OrderingCommunity;
let first: SeatCredential;
let renewed: SeatCredential;
let before: Bundle;
let after: Bundle;

/** The channel as it is, and as it would be founded with the new certificates of H2's seat. */
beforeAll(async () => {
    community = await OrderingCommunity.create(4, 33_200, {}, { ordering: 'comet' });
    const member = organisation(community.topology, 'H2');
    before = Bundle.fromConfigBlock(community.genesis());
    const tls = { certificate: Buffer.from('before'), key: Buffer.from('') };
    first = { identity: community.orderer('H2'), tls };
    await prepareSeatRenewal(member, community.layout);
    takeUpSeatRenewal(member, community.layout);
    renewed = { identity: community.orderer('H2'), tls: { ...tls, certificate: Buffer.from('after') } };
    after = Bundle.fromConfigBlock(community.genesis());
});

afterAll(() => {
    community.remove();
});

describe('the keys of a seat', () => {
    test('are those that the configuration names, the one before to the last of its blocks', () => {
        let isThere = false;
        const keys = new SeatKeys(first, () => (isThere ? renewed : undefined));
        expect(keys.named(before)).toBe(first);
        expect(keys.named(after)).toBeUndefined();
        expect(keys.namedOrFirst(after)).toBe(first);
        isThere = true;
        expect(keys.named(after)).toBe(renewed);
        expect(keys.named(before)).toBe(first);
        isThere = false;
        expect(keys.named(after)).toBe(renewed);
        expect(keys.all()).toEqual([first, renewed]);
    });

    test('are none where the seat is another organisation, or has none', () => {
        const stranger = new SeatKeys({ ...first, identity: community.peer('DSO') });
        expect(stranger.named(before)).toBeUndefined();
    });
});
