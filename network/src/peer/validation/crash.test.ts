import { cpSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { ChannelUnderTest } from '../../testing/channel-under-test';
import { rwset } from '../../testing/rwsets';
import { TestCommunity } from '../../testing/test-community';
import type { MadeTransaction } from '../../testing/test-community';
import { CODE } from './codes';
import { PeerChannel } from './peer-channel';

let community: TestCommunity;

beforeAll(async () => {
    community = await TestCommunity.create(3);
});

afterAll(() => {
    community.remove();
});

/** The file that LevelDB appends batches to. */
function logFile(directory: string): string {
    const logs = readdirSync(directory).filter((name) => name.endsWith('.log'));
    return join(directory, logs.sort().at(-1) ?? 'none');
}

test('a peer that died while it wrote a block has all of it or nothing, and takes it again', async () => {
    const channel = await ChannelUnderTest.open(community);
    const put = (key: string): MadeTransaction =>
        channel.transaction(rwset({ market: { writes: { [key]: 'v'.repeat(500) } } }));
    const digests: string[] = [];
    const lengths: number[] = [];
    for (const key of ['a', 'b', 'c']) {
        await channel.commit(put(key));
        digests.push(await channel.channel.ledger.stateDigest());
        lengths.push(statSync(logFile(channel.options.directory)).size);
    }
    const [before = 0, whole = 0] = lengths.slice(1);
    const cuts = [whole, whole - 1, Math.floor((before + whole) / 2), before + 1, before];
    for (const [index, cut] of cuts.entries()) {
        const directory = join(community.layout.home, `crashed-${index}`);
        cpSync(channel.options.directory, directory, { recursive: true, filter: (file) => !file.endsWith('LOCK') });
        truncateSync(logFile(directory), cut);
        const survivor = await PeerChannel.open({ ...channel.options, directory });
        const height = cut === whole ? 5 : 4;
        expect(survivor.ledger.height).toBe(height);
        expect(await survivor.ledger.stateDigest()).toBe(digests[height - 3]);
        if (height === 4) {
            const event = await survivor.commit(channel.last);
            expect(event.transactions.map(({ code }) => code)).toEqual([CODE.VALID]);
            expect(await survivor.ledger.stateDigest()).toBe(digests[2]);
            expect(survivor.ledger.commitHash).toEqual(channel.channel.ledger.commitHash);
        }
        await survivor.close();
    }
    await channel.channel.close();
});
