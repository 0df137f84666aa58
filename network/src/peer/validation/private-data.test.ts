import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { or, signedBy } from '../../fabric/policy';
import type { PvtRwSet } from '../../fabric/rwset';
import { ChannelUnderTest } from '../../testing/channel-under-test';
import { collection, digest } from '../../testing/rwsets';
import { TestCommunity } from '../../testing/test-community';
import type { Simulator } from '../ledger/api';
import { implicitCollectionName } from '../lifecycle-state';
import { CODE } from './codes';

const { VALID } = CODE;
const OWN = implicitCollectionName('H1MSP');
const DSO = implicitCollectionName('DSOMSP');
const bytes = (text: string): Uint8Array => Buffer.from(text);
const members = or(signedBy('H1MSP', 'member'), signedBy('H2MSP', 'member'));
const shortLived = collection('short', members);
shortLived.setBlockToLive(2);
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
            collections: [collection('shared', members), shortLived],
        },
    ]);
});

afterEach(async () => {
    await channel.channel.close();
});

const ledger = (): ChannelUnderTest['channel']['ledger'] => channel.channel.ledger;

async function plaintext(key: string, name = OWN): Promise<string | undefined> {
    const value = await ledger().privateState('market', name, key);
    return value && Buffer.from(value).toString();
}

const hashOf = (key: string, name = OWN) => ledger().privateHash('market', name, digest(key));

/** Simulated here, committed at once. */
async function commit(simulate: (simulator: Simulator) => void, endorsers = ['DSO', 'H1']): Promise<number[]> {
    return channel.commit(await channel.simulated(simulate, endorsers));
}

const putOwn = (key: string, value: string): Promise<number[]> =>
    commit((simulator) => {
        simulator.putPrivateData('market', OWN, key, bytes(value));
    });

describe('private data', () => {
    test('are kept by members, and by their hashes by everybody', async () => {
        const transaction = await channel.simulated((simulator) => {
            simulator.putPrivateData('market', OWN, 'k', bytes('mine'));
            simulator.putPrivateData('market', DSO, 'k', bytes('theirs'));
            simulator.putPrivateData('market', 'shared', 'k', bytes('ours'));
            simulator.putState('market', 'marker', digest('mine'));
        });
        expect(await channel.commit(transaction)).toEqual([VALID]);
        expect([await plaintext('k'), await plaintext('k', DSO), await plaintext('k', 'shared')]).toEqual([
            'mine',
            undefined,
            'ours',
        ]);
        expect((await hashOf('k', DSO))?.valueHash).toEqual(digest('theirs'));
        expect(await ledger().missingPrivateData()).toEqual([]);
        const [stored] = await ledger().privateDataOfBlock(2);
        expect(stored?.tx).toBe(0);
        expect(stored?.rwset.namespaces[0]?.collections.map(({ name }) => name)).toEqual([OWN, 'shared']);
    });

    test('that a member has not got are noted as missing, and the channel goes on', async () => {
        const simulator = ledger().simulator('elsewhere');
        simulator.putPrivateData('market', OWN, 'k', bytes('v'));
        const { publicSet } = simulator.done();
        await simulator.close();
        expect(await channel.commit(channel.transaction(publicSet))).toEqual([VALID]);
        expect(await ledger().missingPrivateData()).toEqual([
            { block: 2, tx: 0, namespace: 'market', collection: OWN },
        ]);
        const reader = ledger().reader();
        expect(await reader.getPrivateDataHash('market', OWN, 'k')).toEqual(digest('v'));
        await expect(reader.getPrivateData('market', OWN, 'k')).rejects.toThrow(
            'private data matching public hash version is not available. ' +
                'Public hash version = {BlockNum: 2, TxNum: 0}, Private data version = <nil>',
        );
        await reader.close();
    });

    test('that are not what the hash says are missing', async () => {
        const transaction = await channel.simulated((simulator) => {
            simulator.putPrivateData('market', OWN, 'k', bytes('v'));
        });
        const other: PvtRwSet = {
            namespaces: [
                {
                    name: 'market',
                    collections: [
                        {
                            name: OWN,
                            reads: [],
                            writes: [{ key: 'k', isDelete: false, value: bytes('forged') }],
                            metadataWrites: [],
                        },
                    ],
                },
            ],
        };
        await ledger().persistTransient(transaction.txId, other);
        const simulator = ledger().simulator('elsewhere');
        simulator.putPrivateData('market', OWN, 'forged', bytes('v'));
        const forged = channel.transaction(simulator.done().publicSet);
        await simulator.close();
        await ledger().persistTransient(forged.txId, other);
        expect(await channel.commit(transaction, forged)).toEqual([VALID, VALID]);
        expect(await plaintext('k')).toBe('v');
        expect(await ledger().missingPrivateData()).toEqual([
            { block: 2, tx: 1, namespace: 'market', collection: OWN },
        ]);
    });

    test('of an invalid transaction are kept by nobody', async () => {
        const refused = await channel.simulated(
            (simulator) => {
                simulator.putPrivateData('market', OWN, 'k', bytes('v'));
            },
            ['DSO'],
        );
        expect(await channel.commit(refused)).toEqual([CODE.ENDORSEMENT_POLICY_FAILURE]);
        expect([await plaintext('k'), await hashOf('k')]).toEqual([undefined, undefined]);
        expect(await ledger().missingPrivateData()).toEqual([]);
        expect(ledger().transientTransactions).toBe(0);
    });

    test('conflict like any other when their hash has changed since it was read', async () => {
        await putOwn('k', '1');
        const readers = [];
        for (let count = 0; count < 2; count += 1) {
            readers.push(
                await channel.simulated(async (simulator) => {
                    await simulator.getPrivateDataHash('market', OWN, 'k');
                    simulator.putState('market', 'a', bytes('1'));
                }),
            );
        }
        const writer = await channel.simulated((simulator) => {
            simulator.putPrivateData('market', OWN, 'k', bytes('1'));
        });
        const [first, second] = readers;
        expect(await channel.commit(writer, first ?? writer)).toEqual([VALID, CODE.MVCC_READ_CONFLICT]);
        expect(await channel.commit(second ?? writer)).toEqual([CODE.MVCC_READ_CONFLICT]);
    });

    test('deleted are gone here and on the channel, and stay in the block that wrote them', async () => {
        await putOwn('k', '1');
        await commit((simulator) => {
            simulator.deletePrivateData('market', OWN, 'k');
        });
        expect([await plaintext('k'), await hashOf('k')]).toEqual([undefined, undefined]);
        const [stored] = await ledger().privateDataOfBlock(2);
        expect(stored?.rwset.namespaces[0]?.collections[0]?.writes.map(({ key }) => key)).toEqual(['k']);
    });

    test('purged are gone from the blocks too', async () => {
        await putOwn('k', '1');
        await putOwn('k', '2');
        await commit((simulator) => {
            simulator.putPrivateData('market', OWN, 'other', bytes('stays'));
        });
        const rewrittenAfterwards = await channel.simulated((simulator) => {
            simulator.putPrivateData('market', OWN, 'k', bytes('3'));
        });
        const purge = await channel.simulated((simulator) => {
            simulator.purgePrivateData('market', OWN, 'k');
        });
        expect(await channel.commit(purge)).toEqual([VALID]);
        expect([await plaintext('k'), await hashOf('k'), await plaintext('other')]).toEqual([
            undefined,
            undefined,
            'stays',
        ]);
        for (const block of [2, 3, 5]) {
            const [stored] = await ledger().privateDataOfBlock(block);
            expect(stored?.rwset.namespaces[0]?.collections[0]?.writes).toEqual([]);
        }
        expect(await channel.commit(rewrittenAfterwards)).toEqual([VALID]);
        expect(await plaintext('k')).toBe('3');
    });

    test('purged and written again in one block stay written', async () => {
        await putOwn('k', '1');
        const purge = await channel.simulated((simulator) => {
            simulator.purgePrivateData('market', OWN, 'k');
        });
        const again = await channel.simulated((simulator) => {
            simulator.putPrivateData('market', OWN, 'k', bytes('2'));
        });
        expect(await channel.commit(purge, again)).toEqual([VALID, VALID]);
        expect(await plaintext('k')).toBe('2');
        const stored = await ledger().privateDataOfBlock(3);
        expect(stored.map(({ rwset: set }) => set.namespaces[0]?.collections[0]?.writes.length)).toEqual([0, 1]);
    });

    test('keep up with their hash when only its policy changes', async () => {
        await putOwn('k', '1');
        const policy = new Map([['VALIDATION_PARAMETER', new Uint8Array()]]);
        await commit((simulator) => {
            simulator.putPrivateDataMetadata('market', OWN, 'k', policy);
        });
        expect((await hashOf('k'))?.version).toEqual({ block: 3, tx: 0 });
        const reader = ledger().reader();
        expect(Buffer.from((await reader.getPrivateData('market', OWN, 'k')) ?? []).toString()).toBe('1');
        await reader.close();
    });
});

describe('private data of a collection that says how long they live', () => {
    const put = (key: string, value: string): Promise<number[]> =>
        commit((simulator) => {
            simulator.putPrivateData('market', 'short', key, bytes(value));
        });

    test('expire that many blocks and one after they were written, unless they were written again', async () => {
        const written = await channel.simulated((simulator) => {
            simulator.putPrivateData('market', 'short', 'old', bytes('1'));
            simulator.putPrivateData('market', 'short', 'renewed', bytes('1'));
            simulator.putPrivateData('market', OWN, 'k', bytes('stays'));
        });
        expect(await channel.commit(written)).toEqual([VALID]);
        await put('renewed', '2');
        await put('other', '1');
        expect(await plaintext('old', 'short')).toBe('1');
        const codes = await commit((simulator) => {
            simulator.putState('market', 'a', bytes('1'));
        });
        expect([codes, channel.channel.ledger.height]).toEqual([[VALID], 6]);
        expect([await plaintext('old', 'short'), await hashOf('old', 'short')]).toEqual([undefined, undefined]);
        expect([await plaintext('renewed', 'short'), await plaintext('k')]).toEqual(['2', 'stays']);
        expect((await hashOf('renewed', 'short'))?.valueHash).toEqual(digest('2'));
        const [stored] = await ledger().privateDataOfBlock(2);
        expect(stored?.rwset.namespaces[0]?.collections.map(({ name }) => name)).toEqual([OWN]);
        await commit((simulator) => {
            simulator.putState('market', 'a', bytes('2'));
        });
        expect(await plaintext('renewed', 'short')).toBeUndefined();
    });
});

describe('the transient store', () => {
    test('is emptied of what is committed, and survives a restart', async () => {
        const waiting = await channel.simulated((simulator) => {
            simulator.putPrivateData('market', OWN, 'k', bytes('later'));
        });
        await putOwn('other', '1');
        expect(ledger().transientTransactions).toBe(1);
        await channel.reopen();
        expect(ledger().transientTransactions).toBe(1);
        expect(await channel.commit(waiting)).toEqual([VALID]);
        expect(await plaintext('k')).toBe('later');
        expect(ledger().transientTransactions).toBe(0);
        await channel.reopen();
        expect(ledger().transientTransactions).toBe(0);
    });
});
