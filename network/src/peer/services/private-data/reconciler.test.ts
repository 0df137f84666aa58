import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { common, gossip } from '@hyperledger/fabric-protos';

import { decodeBlock, encodeBlock } from '../../../fabric/blocks';
import { signedEnvelope } from '../../../fabric/envelopes';
import { or, signedBy } from '../../../fabric/policy';
import { ChannelUnderTest } from '../../../testing/channel-under-test';
import { collection } from '../../../testing/rwsets';
import { TestCommunity } from '../../../testing/test-community';
import type { Simulator } from '../../ledger/api';
import { PeerChannel } from '../../validation/peer-channel';
import { answerFetch } from './exchange';
import { Reconciler } from './reconciler';

const SHARED = collection('shared', or(signedBy('H1MSP', 'member'), signedBy('H2MSP', 'member')));
const bytes = (text: string): Uint8Array => Buffer.from(text);

let community: TestCommunity;
/** H1's peer endorses; those of H2 and H3 see the blocks only. */
let endorsing: ChannelUnderTest;
let others: Map<string, PeerChannel>;
const asked: string[] = [];

beforeAll(async () => {
    community = await TestCommunity.create(3);
});

afterAll(() => {
    community.remove();
});

beforeEach(async () => {
    endorsing = await ChannelUnderTest.open(community, 'H1', []);
    others = new Map();
    for (const id of ['H2', 'H3']) others.set(id, await PeerChannel.open(community.peer(id), community.genesis));
    await endorsing.define({ name: 'market', policy: '/Channel/Application/Market', collections: [SHARED] });
    await follow();
    asked.length = 0;
});

afterEach(async () => {
    await endorsing.channel.close();
    for (const channel of others.values()) await channel.close();
});

/** The others get the block that was committed last. */
async function follow(): Promise<void> {
    for (const channel of others.values()) await channel.commit(decodeBlock(encodeBlock(endorsing.last)));
}

async function put(simulate: (simulator: Simulator) => void): Promise<void> {
    await endorsing.commit(await endorsing.simulated(simulate));
    await follow();
}

const write = (key: string, value: string): Promise<void> =>
    put((simulator) => {
        simulator.putPrivateData('market', 'shared', key, bytes(value));
    });

const channelOf = (id: string): PeerChannel => others.get(id) ?? endorsing.channel;

async function value(id: string, key: string): Promise<string | undefined> {
    const found = await channelOf(id).ledger.privateState('market', 'shared', key);
    return found && Buffer.from(found).toString();
}

/** One round of a peer's reconciliation; `change` may tamper with what H1's peer answers. */
async function reconcile(id: string, change: (payload: Uint8Array) => Uint8Array = (same) => same): Promise<number> {
    const reconciler = new Reconciler({
        channel: channelOf(id),
        identity: community.signer(id, 'peer'),
        fetch: async ({ mspId }, request) => {
            asked.push(mspId);
            const response = await answerFetch(request, channelOf(mspId.replace('MSP', '')), new Date());
            for (const element of response.getElementsList()) {
                element.setPayloadList(element.getPayloadList_asU8().map(change));
            }
            return response;
        },
        log: { info: () => undefined, warn: () => undefined },
    });
    return reconciler.reconcile();
}

function requestFor(block: number): Uint8Array {
    const wanted = new gossip.PvtDataDigest();
    wanted.setNamespace('market');
    wanted.setCollection('shared');
    wanted.setBlockSeq(block);
    const request = new gossip.RemotePvtDataRequest();
    request.setDigestsList([wanted]);
    return request.serializeBinary();
}

const signedAs = (id: string, data: Uint8Array): common.Envelope =>
    signedEnvelope(common.HeaderType.MESSAGE, community.topology.channel, data, community.signer(id, 'peer'));

describe('plaintext of an explicit collection', () => {
    test('comes to a member that did not endorse, and can then be read as its own', async () => {
        await write('a', '1');
        await write('b', '2');
        expect(await value('H2', 'a')).toBeUndefined();
        expect(await reconcile('H2')).toBe(0);
        expect([await value('H2', 'a'), await value('H2', 'b')]).toEqual(['1', '2']);
        expect(asked).toEqual(['H1MSP']);
        expect(await channelOf('H2').ledger.missingPrivateData()).toEqual([]);
        const reader = channelOf('H2').ledger.reader();
        expect(Buffer.from((await reader.getPrivateData('market', 'shared', 'b')) ?? [])).toEqual(Buffer.from('2'));
        await reader.close();
        const [stored] = await channelOf('H2').ledger.privateDataOfBlock(2);
        expect(stored?.rwset.namespaces[0]?.collections[0]?.writes.map(({ key }) => key)).toEqual(['a']);
    });

    test('that was overwritten, deleted or purged while the member was away does not come back', async () => {
        for (const key of ['over', 'deleted', 'purged', 'stays']) await write(key, '1');
        await write('over', '2');
        await put((simulator) => {
            simulator.deletePrivateData('market', 'shared', 'deleted');
        });
        await put((simulator) => {
            simulator.purgePrivateData('market', 'shared', 'purged');
        });
        await reconcile('H2');
        const keys = ['over', 'deleted', 'purged', 'stays'];
        expect(await Promise.all(keys.map((key) => value('H2', key)))).toEqual(['2', undefined, undefined, '1']);
        expect(await channelOf('H2').ledger.stateDigest()).toBe(await endorsing.channel.ledger.stateDigest());
    });

    test('is not taken where it is not what the block says', async () => {
        await write('a', '1');
        expect(await reconcile('H2', (payload) => Buffer.concat([payload, Buffer.from([0x40, 1])]))).toBe(1);
        expect(await value('H2', 'a')).toBeUndefined();
        expect(await reconcile('H2')).toBe(0);
        expect(await value('H2', 'a')).toBe('1');
    });

    test('is asked for by no other organisation, and given to none that asks', async () => {
        await write('secret', '1');
        expect(await channelOf('H3').ledger.missingPrivateData()).toEqual([]);
        const request = signedAs('H2', requestFor(2));
        const forMember = await answerFetch(request, endorsing.channel, new Date());
        expect(forMember.getElementsList()).toHaveLength(1);
        const stranger = signedAs('H3', requestFor(2));
        expect((await answerFetch(stranger, endorsing.channel, new Date())).getElementsList()).toEqual([]);
        stranger.setSignature(request.getSignature_asU8());
        await expect(answerFetch(stranger, endorsing.channel, new Date())).rejects.toThrow('not signed by who sent it');
        await expect(answerFetch(request, endorsing.channel, new Date(0))).rejects.toThrow('not of this time');
    });
});
