import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';

import { encodeBlock } from '../../fabric/blocks';
import {
    computeConfigUpdate,
    configEnvelope,
    configUpdateEnvelope,
    proposedConfig,
    signConfigUpdate,
} from '../../fabric/config-update';
import { definitionWrites, rwset } from '../../testing/rwsets';
import { TestCommunity } from '../../testing/test-community';
import { ChannelPolicies } from './channel-policies';
import { CODE } from './codes';
import { BlockRefused, ChannelHalted, PeerChannel } from './peer-channel';

const MAJORITY = ['DSO', 'H1', 'H2'];
let community: TestCommunity;
let channel: PeerChannel;
let options: ReturnType<TestCommunity['peer']>;
let last: common.Block;

/** Commits the next block with these envelopes and gives the codes. */
async function commit(...envelopes: Uint8Array[]): Promise<number[]> {
    last = community.block(last, envelopes);
    const event = await channel.commit(last);
    return event.transactions.map(({ code }) => code);
}

const market = (writes: Record<string, string | null>, endorsers = ['DSO', 'H1']) =>
    community.transaction({ chaincode: 'market', rwset: rwset({ market: { writes } }), endorsers });

beforeAll(async () => {
    community = await TestCommunity.create(3);
});

afterAll(() => {
    community.remove();
});

beforeEach(async () => {
    options = community.peer('H1');
    channel = await PeerChannel.open(options, community.genesis);
    last = community.genesis;
    const definition = definitionWrites({ name: 'market', policy: '/Channel/Application/Market' });
    const deployed = community.transaction({ chaincode: '_lifecycle', rwset: definition, endorsers: MAJORITY });
    expect(await commit(deployed.envelope)).toEqual([CODE.VALID]);
});

afterEach(async () => {
    await channel.close();
});

describe('a block', () => {
    test('that follows, is signed and holds what its header says is committed', async () => {
        const transaction = market({ a: '1' });
        expect(await commit(transaction.envelope)).toEqual([CODE.VALID]);
        expect(channel.ledger.height).toBe(3);
        expect(Buffer.from((await channel.ledger.state('market', 'a'))?.value ?? []).toString()).toBe('1');
        const found = await channel.ledger.transactionByTxId(transaction.txId);
        expect(found).toMatchObject({ code: CODE.VALID, blockNumber: 2 });
        expect(Buffer.from(found?.envelope ?? [])).toEqual(Buffer.from(transaction.envelope));
    });

    const refusals: { what: string; block: () => common.Block; why: RegExp }[] = [
        {
            what: 'that is not the next one',
            block: () => community.block(community.block(last, [market({ a: '1' }).envelope]), [market({}).envelope]),
            why: /expected block 2, got block 3/,
        },
        {
            what: 'that follows another chain',
            block: () => {
                const block = community.block(last, [market({ a: '1' }).envelope]);
                block.getHeader()?.setPreviousHash(Buffer.alloc(32, 7));
                community.sign(block, ['H1', 'H2', 'H3', 'DSO']);
                return block;
            },
            why: /previous hash/,
        },
        {
            what: 'whose data were exchanged',
            block: () => {
                const block = community.block(last, [market({ a: '1' }).envelope]);
                block.getData()?.setDataList([market({ a: '2' }).envelope]);
                return block;
            },
            why: /hash its header says/,
        },
        {
            what: 'without transactions',
            block: () => community.block(last, []),
            why: /is empty/,
        },
        {
            what: 'with an envelope that does not come out as it went in',
            block: () =>
                community.block(last, [Buffer.concat([market({ a: '1' }).envelope, Buffer.from([0x12, 0x01, 0x61])])]),
            why: /raw form/,
        },
        {
            what: 'with signatures of two thirds of the weight only',
            block: () => community.block(last, [market({ a: '1' }).envelope], ['H1', 'H2']),
            why: /BlockValidation/,
        },
        {
            what: 'without signatures',
            block: () => community.block(last, [market({ a: '1' }).envelope], []),
            why: /BlockValidation/,
        },
        {
            what: 'without metadata',
            block: () => {
                const block = community.block(last, [market({ a: '1' }).envelope]);
                block.clearMetadata();
                return block;
            },
            why: /metadata/,
        },
    ];
    test.each(refusals)('$what is refused and changes nothing', async ({ block, why }) => {
        const before = await channel.ledger.stateDigest();
        const refused = channel.commit(block());
        await expect(refused).rejects.toThrow(BlockRefused);
        await expect(refused).rejects.toThrow(why);
        expect(channel.ledger.height).toBe(2);
        expect(await channel.ledger.stateDigest()).toBe(before);
        expect(await commit(market({ a: '1' }).envelope)).toEqual([CODE.VALID]);
    });

    test('is announced after it is committed, in order', async () => {
        const heard: string[] = [];
        const stop = channel.ledger.onCommit(({ number, transactions }) => {
            heard.push(`${number} of ${channel.ledger.height}: ${transactions.map(({ code }) => code).join(' ')}`);
        });
        const first = community.block(last, [market({ a: '1' }).envelope]);
        const second = community.block(first, [market({ b: '1' }).envelope, market({ c: '1' }, ['H1']).envelope]);
        await Promise.all([channel.commit(first), channel.commit(second)]);
        stop();
        last = second;
        await commit(market({ d: '1' }).envelope);
        expect(heard).toEqual(['2 of 3: 0', `3 of 4: 0 ${CODE.ENDORSEMENT_POLICY_FAILURE}`]);
    });
});

describe('a ledger', () => {
    test('opened again stands where it stood, with everything it had', async () => {
        const second = community.peer('H2');
        const first = await PeerChannel.open(second, community.genesis);
        const next = community.block(community.genesis, [
            community.transaction({
                chaincode: '_lifecycle',
                rwset: definitionWrites({ name: 'market', policy: '/Channel/Application/Market' }),
                endorsers: MAJORITY,
            }).envelope,
        ]);
        await first.commit(next);
        const before = [await first.ledger.stateDigest(), Buffer.from(first.ledger.commitHash).toString('hex')];
        await first.close();

        const again = await PeerChannel.open(second);
        expect(again.ledger.height).toBe(2);
        expect(again.definition('market')?.sequence).toBe(1);
        expect([await again.ledger.stateDigest(), Buffer.from(again.ledger.commitHash).toString('hex')]).toEqual(
            before,
        );
        await expect(again.commit(next)).rejects.toThrow(/expected block 2, got block 1/);
        const third = community.block(next, [market({ a: '1' }).envelope]);
        expect((await again.commit(third)).transactions.map(({ code }) => code)).toEqual([CODE.VALID]);
        await again.close();
    });

    test('does not begin without a genesis block, nor go on with another one', async () => {
        const fresh = community.peer('H2');
        await expect(PeerChannel.open(fresh)).rejects.toThrow(/no genesis block/);
        await (await PeerChannel.open(fresh, community.genesis)).close();
        const other = common.Block.deserializeBinary(encodeBlock(community.genesis));
        other.getHeader()?.setDataHash(Buffer.alloc(32));
        await expect(PeerChannel.open(fresh, other)).rejects.toThrow(/another genesis block/);
    });

    test('of another organisation is the same after the same blocks, whatever it knows in private', async () => {
        const other = await PeerChannel.open(community.peer('DSO'), community.genesis);
        for (let number = 1; number < channel.ledger.height; number += 1) {
            await other.commit((await channel.ledger.blockByNumber(number)) ?? new common.Block());
        }
        for (const writes of [{ a: '1', b: '2' }, { a: null }, { b: '3', 'ä€😀': '4' }]) {
            const envelopes = [market(writes).envelope, market(writes, ['H1']).envelope];
            await commit(...envelopes);
            await other.commit(last);
        }
        expect(await other.ledger.stateDigest()).toBe(await channel.ledger.stateDigest());
        expect(await other.ledger.codesDigest()).toBe(await channel.ledger.codesDigest());
        expect(Buffer.from(other.ledger.commitHash)).toEqual(Buffer.from(channel.ledger.commitHash));
        await other.close();
    });

    test('finds blocks by number, by hash and by transaction, and says when there is none', async () => {
        const { txId, envelope } = market({ a: '1' });
        await commit(envelope);
        const { ledger } = channel;
        const block = await ledger.blockByHash(ledger.lastBlockHash);
        expect(block?.getHeader()?.getNumber()).toBe(2);
        expect((await ledger.blockByTxId(txId))?.getHeader()?.getNumber()).toBe(2);
        expect(await ledger.blockByNumber(3)).toBeUndefined();
        expect(await ledger.blockByNumber(-1)).toBeUndefined();
        expect(await ledger.blockByHash(Buffer.alloc(32))).toBeUndefined();
        expect(await ledger.transactionByTxId('none')).toBeUndefined();
        expect(ledger.hasTransaction(txId)).toBe(true);
    });

    test('tells the history of a key, newest first', async () => {
        const made = [market({ a: '1' }), market({ a: null }), market({ a: '3' }, ['H1']), market({ a: '4', ab: 'x' })];
        for (const { envelope } of made) {
            await commit(envelope);
        }
        const history = [];
        for await (const { txId, value, isDelete } of channel.ledger.history('market', 'a')) {
            history.push([txId, Buffer.from(value).toString(), isDelete]);
        }
        expect(history).toEqual([
            [made[3]?.txId, '4', false],
            [made[1]?.txId, '', true],
            [made[0]?.txId, '1', false],
        ]);
    });
});

const GOVERNORS = ['DSO', 'H1', 'H2'];

/** What an orderer makes of an update that takes H3 out, signed by these administrators. */
function configuration(
    signers: readonly string[] = GOVERNORS,
    change: (config: common.Config) => void = () => undefined,
): Uint8Array {
    const present = channel.bundle.config.getChannelGroup() ?? new common.ConfigGroup();
    const edited = common.ConfigGroup.deserializeBinary(present.serializeBinary());
    edited.getGroupsMap().get('Application')?.getGroupsMap().del('H3MSP');
    const { channelId } = channel.bundle;
    const update = computeConfigUpdate(channelId, present, edited).serializeBinary();
    const signaturesOf = (ids: readonly string[]): common.ConfigSignature[] =>
        ids.map((id) => signConfigUpdate(update, community.signer(id, 'admin')));
    const submitter = community.signer('H1', 'admin');
    const envelope = (ids: readonly string[]): common.Envelope =>
        configUpdateEnvelope(channelId, update, signaturesOf(ids), submitter);
    const { config } = proposedConfig(channel.bundle, envelope(GOVERNORS).serializeBinary());
    change(config);
    const orderer = community.signer('H1', 'orderer');
    return configEnvelope(channelId, config, envelope(signers), orderer).serializeBinary();
}

describe('a configuration block', () => {
    test('whose update is authorised replaces the present configuration, also after a restart', async () => {
        const events: boolean[] = [];
        channel.ledger.onCommit(({ isConfig }) => events.push(isConfig));
        expect(await commit(configuration())).toEqual([CODE.VALID]);
        expect(await commit(market({ a: '1' }).envelope)).toEqual([CODE.VALID]);
        expect(events).toEqual([true, false]);
        expect([channel.bundle.sequence, channel.ledger.configBlock]).toEqual([1, 2]);
        await channel.close();
        channel = await PeerChannel.open(options);
        expect(channel.bundle.sequence).toBe(1);
        expect(channel.bundle.applicationOrgs.has('H3MSP')).toBe(false);
    });

    test('counts from the next block on', async () => {
        const byH3 = (): Uint8Array =>
            community.transaction({
                chaincode: 'market',
                client: 'H3',
                rwset: rwset({ market: { writes: { a: '1' } } }),
                endorsers: ['DSO', 'H3'],
            }).envelope;
        expect(await commit(byH3())).toEqual([CODE.VALID]);
        await commit(configuration());
        // H3 keeps its ordering seat, so its members are known; its peer is none of the households' any more.
        expect(await commit(market({ b: '1' }, ['DSO', 'H1']).envelope)).toEqual([CODE.VALID]);
        const implicit = ChannelPolicies.of(channel.bundle).implicitCollection('H3MSP');
        expect(implicit).toBeUndefined();
    });

    const rows: { what: string; envelopes: () => Uint8Array[] }[] = [
        {
            what: 'that leaves a configuration out',
            envelopes: () => [
                configuration(GOVERNORS, (config) => {
                    config.setSequence(2);
                }),
            ],
        },
        {
            what: 'with another configuration than its update leads to',
            envelopes: () => [
                configuration(GOVERNORS, (config) => {
                    config.getChannelGroup()?.getGroupsMap().get('Application')?.getGroupsMap().del('H2MSP');
                }),
            ],
        },
        { what: 'that too few have signed', envelopes: () => [configuration(['DSO', 'H1'])] },
        { what: 'with other transactions', envelopes: () => [configuration(), market({ a: '1' }).envelope] },
    ];
    test.each(rows)('$what halts the channel', async ({ envelopes }) => {
        await expect(commit(...envelopes())).rejects.toThrow(ChannelHalted);
        expect([channel.ledger.height, channel.bundle.sequence]).toEqual([2, 0]);
    });

    test('that halted the channel is forgotten after a restart, and a good one at its height heals it', async () => {
        const before = last;
        await expect(commit(configuration(['DSO', 'H1']))).rejects.toThrow(ChannelHalted);
        await channel.close();
        channel = await PeerChannel.open(options);
        last = before;
        expect(await commit(configuration())).toEqual([CODE.VALID]);
    });
});

describe('a channel halts', () => {
    test('at a key policy that no peer can read, and stays halted', async () => {
        const poisoned = community.transaction({
            chaincode: 'market',
            rwset: rwset({ market: { writes: { a: '1' }, policies: { a: Buffer.from('no policy') } } }),
            endorsers: ['DSO', 'H1'],
        });
        expect(await commit(poisoned.envelope)).toEqual([CODE.VALID]);
        await expect(commit(market({ a: '2' }).envelope)).rejects.toThrow(ChannelHalted);
        expect(channel.ledger.height).toBe(3);
        await expect(commit(market({ b: '2' }).envelope)).rejects.toThrow(ChannelHalted);
    });

    test('at a definition with a validation plugin that is not there', async () => {
        const definition = definitionWrites({ name: 'other', policy: '/Channel/Application/Market', plugin: 'mine' });
        const deployed = community.transaction({ chaincode: '_lifecycle', rwset: definition, endorsers: MAJORITY });
        expect(await commit(deployed.envelope)).toEqual([CODE.VALID]);
        const used = community.transaction({
            chaincode: 'other',
            rwset: rwset({ other: { writes: { a: '1' } } }),
            endorsers: ['DSO', 'H1'],
        });
        await expect(commit(used.envelope)).rejects.toThrow(/plugin with name mine/);
    });
});
