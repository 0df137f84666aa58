import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { and, or, signedBy } from '../../fabric/policy';
import type { Rule } from '../../fabric/policy';
import type { CollectionHashedRwSet } from '../../fabric/rwset';
import { ChannelUnderTest } from '../../testing/channel-under-test';
import { collection, digest, policyBytes, rwset } from '../../testing/rwsets';
import { TestCommunity } from '../../testing/test-community';
import type { MadeTransaction } from '../../testing/test-community';
import { decodeMetadata } from '../ledger/store/entries';
import { implicitCollectionName } from '../lifecycle-state';
import { CODE } from './codes';

const { VALID, ENDORSEMENT_POLICY_FAILURE: FAILURE } = CODE;
const peerOf = (id: string): Rule => signedBy(`${id}MSP`, 'peer');
const HOME = and(peerOf('H1'), peerOf('DSO'));
let community: TestCommunity;
let channel: ChannelUnderTest;

beforeAll(async () => {
    community = await TestCommunity.create(3);
});

afterAll(() => {
    community.remove();
});

beforeEach(async () => {
    channel = await ChannelUnderTest.open(community, 'H1', [
        {
            name: 'market',
            policy: '/Channel/Application/Market',
            collections: [
                collection('shared', or(peerOf('H1'), peerOf('H2')), and(peerOf('H1'), peerOf('H2'))),
                collection('plain', or(peerOf('H3'))),
            ],
        },
    ]);
});

afterEach(async () => {
    await channel.channel.close();
});

const put = (key: string, value: string | null, ...endorsers: string[]): MadeTransaction =>
    channel.transaction(rwset({ market: { writes: { [key]: value } } }), endorsers);

const protect = (key: string, policy: Rule | null, ...endorsers: string[]): MadeTransaction =>
    channel.transaction(rwset({ market: { policies: { [key]: policy } } }), endorsers);

describe('a key policy', () => {
    test('set with the key needs the chaincode policy, and rules the key alone from the next block on', async () => {
        const created = channel.transaction(rwset({ market: { writes: { a: '1' }, policies: { a: peerOf('H2') } } }));
        expect(await channel.commit(created)).toEqual([VALID]);
        expect(await channel.commit(put('a', '2', 'DSO', 'H1'), put('a', '3', 'H2'))).toEqual([FAILURE, VALID]);
        expect(await channel.value('a')).toBe('3');
        expect(await channel.commit(protect('a', null, 'DSO', 'H1'), protect('a', HOME, 'H2'))).toEqual([
            FAILURE,
            VALID,
        ]);
        expect(await channel.commit(put('a', '4', 'H2'), put('a', '5', 'DSO', 'H1'))).toEqual([FAILURE, VALID]);
        expect(await channel.commit(protect('a', null, 'DSO', 'H1'))).toEqual([VALID]);
        expect(await channel.commit(put('a', '6', 'DSO', 'H3'))).toEqual([VALID]);
    });

    test('that changes within a block makes the key unusable for the rest of it', async () => {
        const created = channel.transaction(rwset({ market: { writes: { a: '1', b: '1' }, policies: { a: HOME } } }));
        expect(await channel.commit(created, put('a', '2', 'DSO', 'H1'), put('b', '2', 'DSO', 'H1'))).toEqual([
            VALID,
            FAILURE,
            VALID,
        ]);
        const all = ['DSO', 'H1', 'H2', 'H3'];
        expect(
            await channel.commit(protect('a', null, ...all), put('a', '3', ...all), protect('a', HOME, ...all)),
        ).toEqual([VALID, FAILURE, FAILURE]);
        expect(await channel.commit(protect('a', HOME, 'H2'), put('a', '4', 'DSO', 'H1'))).toEqual([FAILURE, VALID]);
    });

    test('of one key does not excuse another key of the same transaction', async () => {
        await channel.commit(
            channel.transaction(rwset({ market: { writes: { a: '1' }, policies: { a: peerOf('H2') } } })),
        );
        const both = rwset({ market: { writes: { a: '2', b: '2' } } });
        expect(
            await channel.commit(channel.transaction(both, ['H2']), channel.transaction(both, ['DSO', 'H2'])),
        ).toEqual([FAILURE, VALID]);
    });

    test('goes with its key, and is kept when only the value is written', async () => {
        await channel.commit(
            channel.transaction(rwset({ market: { writes: { a: '1' }, policies: { a: peerOf('H2') } } })),
        );
        await channel.commit(put('a', '2', 'H2'));
        const entry = channel.channel.ledger.committed.state('market', 'a');
        expect(decodeMetadata(entry?.metadata).get('VALIDATION_PARAMETER')).toEqual(policyBytes(peerOf('H2')));
        expect(await channel.commit(put('a', null, 'H2'))).toEqual([VALID]);
        expect(await channel.commit(put('a', '3', 'DSO', 'H1'))).toEqual([VALID]);
        expect(await channel.commit(put('a', '4', 'DSO', 'H1'))).toEqual([VALID]);
    });

    test('alone raises the version of its key, and makes none where there is no key', async () => {
        await channel.commit(put('a', '1', 'DSO', 'H1'));
        expect(await channel.version('a')).toEqual({ block: 2, tx: 0 });
        await channel.commit(
            put('b', '1', 'DSO', 'H1'),
            protect('a', HOME, 'DSO', 'H1'),
            protect('c', HOME, 'DSO', 'H1'),
        );
        expect(await channel.version('a')).toEqual({ block: 3, tx: 1 });
        expect(await channel.value('a')).toBe('1');
        expect(await channel.channel.ledger.state('market', 'c')).toBeUndefined();
    });

    test('for a role that endorsers do not have is satisfied by nobody', async () => {
        const rule = signedBy('H1MSP', 'client');
        await channel.commit(channel.transaction(rwset({ market: { writes: { a: '1' }, policies: { a: rule } } })));
        expect(await channel.commit(put('a', '2', 'DSO', 'H1', 'H2', 'H3'))).toEqual([FAILURE]);
    });
});

/** Hashes of one private write, as they stand in a transaction; no plaintext goes with them. */
function hashes(name: string, key: string, policy?: Rule | null): CollectionHashedRwSet {
    const keyHash = digest(key);
    return {
        name,
        hashedReads: [],
        hashedWrites:
            policy === undefined ? [{ keyHash, isDelete: false, valueHash: digest('v'), isPurge: false }] : [],
        hashedMetadataWrites:
            policy === undefined
                ? []
                : [
                      {
                          keyHash,
                          entries:
                              policy === null ? [] : [{ name: 'VALIDATION_PARAMETER', value: policyBytes(policy) }],
                      },
                  ],
        pvtRwSetHash: digest('plaintext'),
    };
}

const hidden = (set: CollectionHashedRwSet, ...endorsers: string[]): MadeTransaction =>
    channel.transaction(rwset({ market: { collections: [set] } }), endorsers);

describe('a collection', () => {
    const H2 = implicitCollectionName('H2MSP');
    const rows: { what: string; name: string; endorsers: string[]; code: number }[] = [
        { what: 'an organisation’s own, endorsed by it', name: H2, endorsers: ['H2'], code: VALID },
        { what: 'an organisation’s own, endorsed by others', name: H2, endorsers: ['DSO', 'H1', 'H3'], code: FAILURE },
        {
            what: 'of an organisation that is not on the channel',
            name: implicitCollectionName('H9MSP'),
            endorsers: ['DSO', 'H1', 'H2', 'H3'],
            code: FAILURE,
        },
        { what: 'with a policy of its own, satisfied', name: 'shared', endorsers: ['H1', 'H2'], code: VALID },
        { what: 'with a policy of its own, not satisfied', name: 'shared', endorsers: ['DSO', 'H1'], code: FAILURE },
        { what: 'without a policy, by the chaincode’s', name: 'plain', endorsers: ['DSO', 'H1'], code: VALID },
        { what: 'without a policy, by its member alone', name: 'plain', endorsers: ['H3'], code: FAILURE },
        { what: 'that is not defined', name: 'other', endorsers: ['DSO', 'H1', 'H2', 'H3'], code: FAILURE },
    ];
    test.each(rows)('$what', async ({ name, endorsers, code }) => {
        expect(await channel.commit(hidden(hashes(name, 'k'), ...endorsers))).toEqual([code]);
    });

    test('brings its own policy to a transaction that writes to the channel as well', async () => {
        const set = rwset({ market: { writes: { a: '1' }, collections: [hashes(H2, 'k')] } });
        expect(
            await channel.commit(
                channel.transaction(set, ['DSO', 'H1']),
                channel.transaction(set, ['H2']),
                channel.transaction(set, ['DSO', 'H2']),
            ),
        ).toEqual([FAILURE, FAILURE, VALID]);
    });

    test('has keys with policies of their own, by their hashes', async () => {
        await channel.commit(hidden(hashes(H2, 'k'), 'H2'));
        expect(await channel.commit(hidden(hashes(H2, 'k', HOME), 'H2'), hidden(hashes(H2, 'k'), 'H2'))).toEqual([
            VALID,
            FAILURE,
        ]);
        const { ledger } = channel.channel;
        expect((await ledger.privateHash('market', H2, digest('k')))?.version).toEqual({ block: 3, tx: 0 });
        expect(await channel.commit(hidden(hashes(H2, 'k'), 'H2'), hidden(hashes(H2, 'other'), 'H2'))).toEqual([
            FAILURE,
            VALID,
        ]);
        expect(await channel.commit(hidden(hashes(H2, 'k'), 'DSO', 'H1'))).toEqual([VALID]);
        const entry = await ledger.privateHash('market', H2, digest('k'));
        expect(entry?.metadata.get('VALIDATION_PARAMETER')).toEqual(policyBytes(HOME));
    });
});

test('a new definition counts from the next block', async () => {
    const set = rwset({ market: { writes: { a: '1' } } });
    await channel.define({ name: 'market', policy: peerOf('H3'), sequence: 2 });
    expect(channel.channel.definition('market')?.sequence).toBe(2);
    expect(await channel.commit(channel.transaction(set), channel.transaction(set, ['H3']))).toEqual([FAILURE, VALID]);
});
