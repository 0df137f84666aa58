import { describe, expect, test } from '@jest/globals';
import { networkAsked } from './network-asked';
import { embeddedPeers, fabricPeers, isMixed, ownServices, withNetwork } from './network-kind';
import { smallCommunity } from './small-community';

const community = smallCommunity(2, { portBase: 28_300 });
const ids = (each: readonly { readonly id: string }[]): string => each.map(({ id }) => id).join(' ');

describe('a kind of network', () => {
    test.each([
        { words: {}, ours: 'DSO H1 H2', fabric: '', own: '' },
        { words: { network: 'native' }, ours: '', fabric: 'DSO H1 H2', own: 'DSO H1 H2' },
        { words: { network: 'native', embedded: 'DSO' }, ours: 'DSO', fabric: 'H1 H2', own: 'H1 H2' },
        { words: { ownChaincode: 'H2' }, ours: 'DSO H1 H2', fabric: '', own: 'H2' },
        {
            words: { network: 'native', embedded: 'DSO', ownChaincode: 'DSO' },
            ours: 'DSO',
            fabric: 'H1 H2',
            own: 'DSO H1 H2',
        },
        { words: { network: 'docker' }, ours: '', fabric: 'DSO H1 H2', own: 'DSO H1 H2' },
        { words: { network: 'docker', peers: 'embedded' }, ours: 'DSO H1 H2', fabric: '', own: 'DSO H1 H2' },
        { words: { network: 'docker', embedded: 'H1,DSO' }, ours: 'DSO H1', fabric: 'H2', own: 'DSO H1 H2' },
    ])('$words', ({ words, ours, fabric, own }) => {
        const topology = withNetwork(community, networkAsked(words) ?? {});
        expect(ids(embeddedPeers(topology))).toBe(ours);
        expect(ids(fabricPeers(topology))).toBe(fabric);
        expect(ids(ownServices(topology))).toBe(own);
        expect(isMixed(topology)).toBe(ours !== '' && fabric !== '');
    });

    test.each([
        { words: { network: 'kubernetes' }, why: '--network is embedded or native or docker, not kubernetes' },
        { words: { network: 'docker', peers: 'own' }, why: '--peers is fabric or embedded, not own' },
        { words: { peers: 'embedded' }, why: "say '--network native' or '--network docker'" },
        { words: { network: 'docker', embedded: 'H1' }, why: 'a mixed channel needs an embedded peer of DSO' },
        { words: { network: 'docker', embedded: 'H9' }, why: 'no organisation H9' },
        { words: { ownChaincode: 'H9' }, why: 'no organisation H9' },
    ])('is refused: $why', ({ words, why }) => {
        expect(() => withNetwork(community, networkAsked(words) ?? {})).toThrow(why);
    });
});
