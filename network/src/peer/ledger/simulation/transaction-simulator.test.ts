import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { signedBy } from '../../../fabric/policy';
import { decodeRwSet } from '../../../fabric/rwset';
import { ChannelUnderTest } from '../../../testing/channel-under-test';
import { digest, policyBytes, rwset } from '../../../testing/rwsets';
import { TestCommunity } from '../../../testing/test-community';
import { implicitCollectionName } from '../../lifecycle-state';
import type { Simulator } from '../api';

const OWN = implicitCollectionName('H1MSP');
const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString();
const POLICY = policyBytes(signedBy('H2MSP', 'peer'));
let community: TestCommunity;
let channel: ChannelUnderTest;
let simulator: Simulator;

beforeAll(async () => {
    community = await TestCommunity.create(3);
});

afterAll(() => {
    community.remove();
});

beforeEach(async () => {
    channel = await ChannelUnderTest.open(community);
    const writes = { a: '1', b: '2', c: '3', ä: '4', '\uFF5E': '5', '😀': '6' };
    await channel.commit(channel.transaction(rwset({ market: { writes, policies: { a: POLICY } } })));
    simulator = channel.channel.ledger.simulator('t1');
});

afterEach(async () => {
    await simulator.close();
    await channel.channel.close();
});

async function keys(startKey: string, endKey: string, pageSize = 0): Promise<string[]> {
    const range = simulator.getStateRange('market', startKey, endKey, pageSize);
    const found: string[] = [];
    for (let next = await range.next(); next !== undefined; next = await range.next()) {
        found.push(next.key);
    }
    return found;
}

describe('a simulation', () => {
    test('does not read what it wrote', async () => {
        simulator.putState('market', 'a', bytes('new'));
        simulator.deleteState('market', 'b');
        simulator.putState('market', 'aa', bytes('new'));
        expect(text(await simulator.getState('market', 'a'))).toBe('1');
        expect(text(await simulator.getState('market', 'b'))).toBe('2');
        expect(await keys('', 'c')).toEqual(['a', 'b']);
    });

    test('does not see blocks that were committed since', async () => {
        await channel.commit(channel.transaction(rwset({ market: { writes: { b: 'new', bb: 'new' } } })));
        expect(text(await simulator.getState('market', 'b'))).toBe('2');
        expect(await keys('b', 'd')).toEqual(['b', 'c']);
        expect(simulator.height).toBe(3);
    });

    test('collects what it read and wrote, the last write of a key', async () => {
        await simulator.getState('market', 'a');
        await simulator.getState('market', 'none');
        simulator.putState('market', 'x', bytes('1'));
        simulator.putState('market', 'x', bytes('2'));
        simulator.putState('market', 'empty', new Uint8Array());
        simulator.putStateMetadata('market', 'x', new Map([['VALIDATION_PARAMETER', POLICY]]));
        const { publicBytes, private: plaintext } = simulator.done();
        expect(plaintext).toBeUndefined();
        const [market] = decodeRwSet(publicBytes).namespaces;
        expect(market?.reads).toEqual([{ key: 'a', version: { block: 2, tx: 0 } }, { key: 'none' }]);
        expect(market?.writes.map(({ key, isDelete, value }) => [key, isDelete, text(value)])).toEqual([
            ['empty', true, ''],
            ['x', false, '2'],
        ]);
        expect(market?.metadataWrites.map(({ key }) => key)).toEqual(['x']);
        expect(() => simulator.done()).toThrow(/only be called once/);
    });

    test('keeps hashes on the channel and plaintext apart', async () => {
        simulator.putPrivateData('market', OWN, 'k', bytes('secret'));
        expect(await simulator.getPrivateDataHash('market', OWN, 'k')).toBeUndefined();
        const { publicBytes, private: plaintext } = simulator.done();
        expect(Buffer.from(publicBytes).includes('secret')).toBe(false);
        const [collection] = decodeRwSet(publicBytes).namespaces[0]?.collections ?? [];
        expect(collection?.hashedWrites).toEqual([
            {
                keyHash: new Uint8Array(digest('k')),
                isDelete: false,
                isPurge: false,
                valueHash: new Uint8Array(digest('secret')),
            },
        ]);
        expect(plaintext?.namespaces[0]?.collections[0]?.writes).toEqual([
            { key: 'k', isDelete: false, value: bytes('secret') },
        ]);
    });

    test('names the policies of the keys it writes, for whoever plans the endorsement', () => {
        simulator.putState('market', 'a', bytes('2'));
        simulator.putState('market', 'b', bytes('2'));
        expect(
            simulator.done().keyPolicies.map(({ namespace, collection, policy }) => [namespace, collection, policy]),
        ).toEqual([['market', '', Buffer.from(POLICY)]]);
    });

    test('reads ranges in the order of bytes, from the start key up to the end key', async () => {
        expect(await keys('', '')).toEqual(['a', 'b', 'c', 'ä', '\uFF5E', '😀']);
        expect(await keys('b', 'c')).toEqual(['b']);
        expect(await keys('ä', '')).toEqual(['ä', '\uFF5E', '😀']);
        expect(await keys('c', 'a')).toEqual([]);
        expect(await keys('b', 'b')).toEqual([]);
    });

    test('reads pages and says where the next one begins', async () => {
        const page = simulator.getStateRange('market', '', '', 2);
        expect([(await page.next())?.key, (await page.next())?.key, await page.next()]).toEqual(['a', 'b', undefined]);
        expect(await page.bookmark()).toBe('c');
        const rest = simulator.getStateRange('market', 'c', '', 10);
        while ((await rest.next()) !== undefined);
        expect(await rest.bookmark()).toBe('');
    });

    test('does not mix pages or private ranges with writes', async () => {
        simulator.getStateRange('market', '', '', 2);
        expect(() => {
            simulator.putState('market', 'x', bytes('1'));
        }).toThrow(
            'txid [t1]: unsuppored transaction. Transaction has already performed a paginated query. Writes are not allowed',
        );

        const second = channel.channel.ledger.simulator('t2');
        second.putState('market', 'x', bytes('1'));
        expect(() => second.getStateRange('market', '', '', 2)).toThrow(/Paginated queries are supported only/);
        expect(() => second.getPrivateDataRange('market', OWN, '', '')).toThrow(
            /Queries on pvt data is supported only/,
        );
        await second.close();

        const third = channel.channel.ledger.simulator('t3');
        await third.getPrivateDataRange('market', OWN, '', '').close();
        expect(() => {
            third.putPrivateData('market', OWN, 'k', bytes('1'));
        }).toThrow(/already performed queries on pvt data/);
        await third.close();
    });

    test('refuses collections that there are not, in Fabric’s words', async () => {
        const foreign = implicitCollectionName('H9MSP');
        expect(() => {
            simulator.putPrivateData('market', foreign, 'k', bytes('1'));
        }).toThrow(`collection [${foreign}] not defined in the collection config for chaincode [market]`);
        await expect(simulator.getPrivateData('nowhere', OWN, 'k')).rejects.toThrow(
            'collection config not defined for chaincode [nowhere], pass the collection configuration upon chaincode definition/instantiation',
        );
    });

    test('is of no use once it is closed', async () => {
        await simulator.close();
        await simulator.close();
        await expect(simulator.getState('market', 'a')).rejects.toThrow(/after calling Done/);
    });
});
