import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { decodeBlock, encodeBlock } from '../../../fabric/blocks';
import { or, signedBy } from '../../../fabric/policy';
import type { PvtRwSet } from '../../../fabric/rwset';
import { ChannelUnderTest } from '../../../testing/channel-under-test';
import { collection } from '../../../testing/rwsets';
import { TestCommunity } from '../../../testing/test-community';
import { PeerChannel } from '../../validation/peer-channel';
import { acceptPush, Disseminator } from './dissemination';

const MEMBERS = or(signedBy('H1MSP', 'member'), signedBy('H2MSP', 'member'));
const pushed = collection('pushed', MEMBERS);
pushed.setRequiredPeerCount(1);
pushed.setMaximumPeerCount(1);
const kept = collection('kept', MEMBERS);
const demanding = collection('demanding', MEMBERS);
demanding.setRequiredPeerCount(2);
demanding.setMaximumPeerCount(2);

let community: TestCommunity;
let endorsing: ChannelUnderTest;
let other: PeerChannel;

beforeAll(async () => {
    community = await TestCommunity.create(3);
});

afterAll(() => {
    community.remove();
});

beforeEach(async () => {
    endorsing = await ChannelUnderTest.open(community, 'H1', []);
    other = await PeerChannel.open(community.peer('H2'), community.genesis);
    const collections = [pushed, kept, demanding];
    await endorsing.define({ name: 'market', policy: '/Channel/Application/Market', collections });
    await other.commit(decodeBlock(encodeBlock(endorsing.last)));
});

afterEach(async () => {
    await endorsing.channel.close();
    await other.close();
});

const written = (name: string, value = 'v'): PvtRwSet => ({
    namespaces: [
        {
            name: 'market',
            collections: [
                {
                    name,
                    reads: [],
                    writes: [{ key: 'k', isDelete: false, value: Buffer.from(value) }],
                    metadataWrites: [],
                },
            ],
        },
    ],
});

/** H1's peer sends; the peers asked are noted. `from` signs, as if it were H1. */
async function disseminate(txId: string, set: PvtRwSet, { from = 'H1', isDown = false } = {}): Promise<string[]> {
    const asked: string[] = [];
    const disseminator = new Disseminator({
        channel: endorsing.channel,
        identity: from === 'H1' ? community.signer('H1', 'peer') : community.signer(from, 'agent'),
        push: (node, message) => {
            asked.push(node.mspId);
            return isDown ? Promise.reject(new Error('14 UNAVAILABLE')) : acceptPush(message, other, new Date());
        },
    });
    await disseminator.disseminate(txId, set);
    return asked;
}

describe('what an endorsement writes to an explicit collection', () => {
    test('is with another member before the transaction is ordered, and committed there with it', async () => {
        const simulator = endorsing.channel.ledger.simulator('t');
        simulator.putPrivateData('market', 'pushed', 'k', Buffer.from('v'));
        const { publicSet } = simulator.done();
        await simulator.close();
        const transaction = endorsing.transaction(publicSet);
        expect(await disseminate(transaction.txId, written('pushed'))).toEqual(['H2MSP']);
        await endorsing.commit(transaction);
        await other.commit(decodeBlock(encodeBlock(endorsing.last)));
        expect(Buffer.from((await other.ledger.privateState('market', 'pushed', 'k')) ?? []).toString()).toBe('v');
        expect(await other.ledger.missingPrivateData()).toEqual([]);
        // Afterwards nothing is kept for it any more.
        await disseminate(transaction.txId, written('pushed'));
        expect(other.ledger.transientTransactions).toBe(0);
    });

    test('goes to as many peers as the collection says, and to no implicit collection', async () => {
        expect(await disseminate('t', written('kept'))).toEqual([]);
        expect(await disseminate('t', written('_implicit_org_H2MSP'))).toEqual([]);
    });

    test('fails the endorsement where fewer have it than are required', async () => {
        const failed = 'failed to distribute private collection, txID t, channel community: ';
        await expect(disseminate('t', written('pushed'), { isDown: true })).rejects.toThrow(`${failed}14 UNAVAILABLE`);
        await expect(disseminate('t', written('demanding'))).rejects.toThrow(
            `${failed}required to disseminate to at least 2 peers, but know of only 1 eligible peers`,
        );
    });

    test('is taken from peers only', async () => {
        await expect(disseminate('t', written('pushed'), { from: 'H3' })).rejects.toThrow('are taken from H3MSP here');
        expect(other.ledger.transientTransactions).toBe(0);
    });
});
