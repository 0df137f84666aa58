import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { common } from '@hyperledger/fabric-protos';

import { decodeBlock, encodeBlock } from '../../fabric/blocks';
import { and, or, signaturePolicyEnvelope, signedBy } from '../../fabric/policy';
import { definitionWrites } from '../../testing/rwsets';
import { TestCommunity } from '../../testing/test-community';
import { implicitCollectionName } from '../lifecycle-state';
import { CODE } from './codes';
import { PeerChannel } from './peer-channel';

/**
 * How long a peer takes for a transaction like the market's: one marker with a key policy, its private record at two
 * organisations, a document of another chaincode read. `PEERS=21 BLOCKS=20 PER_BLOCK=50` prints figures worth comparing.
 */
const PEERS = Number(process.env['PEERS'] ?? 3);
const BLOCKS = Number(process.env['BLOCKS'] ?? 3);
const PER_BLOCK = Number(process.env['PER_BLOCK'] ?? 5);
const RECORD_BYTES = 600;

let community: TestCommunity;
let channels: PeerChannel[];

beforeAll(async () => {
    community = await TestCommunity.create(PEERS - 1);
    channels = await Promise.all(
        community.topology.organisations.map(({ id }) => PeerChannel.open(community.peer(id), community.genesis)),
    );
}, 60_000);

afterAll(async () => {
    await Promise.all(channels.map((channel) => channel.close()));
    community.remove();
});

function channelOf(mspId: string): PeerChannel {
    const position = community.topology.organisations.findIndex((one) => one.mspId === mspId);
    const channel = channels[position];
    if (channel === undefined) {
        throw new Error(`no channel of ${mspId}`);
    }
    return channel;
}

/** Every peer reads its own copy of the bytes, as if they had come over a connection. */
async function commitEverywhere(block: common.Block): Promise<number[]> {
    const bytes = encodeBlock(block);
    const events = await Promise.all(channels.map((channel) => channel.commit(decodeBlock(bytes))));
    return events[0]?.transactions.map(({ code }) => code) ?? [];
}

async function order(number: number): Promise<Uint8Array> {
    const homes = community.topology.organisations.filter(({ kind }) => kind === 'household');
    const home = homes[number % homes.length] ?? { id: 'H1', mspId: 'H1MSP' };
    const simulator = channelOf('DSOMSP').ledger.simulator(`${number}`);
    await simulator.getState('governance', 'charter');
    await simulator.getState('market', `round${number}`);
    await simulator.getState('market', `order${number}`);
    simulator.putState('market', `order${number}`, Buffer.alloc(120, `${number}`));
    const parties = and(signedBy('DSOMSP', 'peer'), signedBy(home.mspId, 'peer'));
    const late = and(signedBy('DSOMSP', 'peer'), or(...homes.slice(0, 7).map(({ mspId }) => signedBy(mspId, 'peer'))));
    const policy = signaturePolicy(or(parties, late));
    simulator.putStateMetadata('market', `order${number}`, new Map([['VALIDATION_PARAMETER', policy]]));
    for (const mspId of ['DSOMSP', home.mspId]) {
        const record = Buffer.alloc(RECORD_BYTES, `${number}`);
        simulator.putPrivateData('market', implicitCollectionName(mspId), `order${number}`, record);
    }
    const { publicSet, private: plaintext } = simulator.done();
    await simulator.close();
    const { txId, envelope } = community.transaction({
        chaincode: 'market',
        rwset: publicSet,
        endorsers: ['DSO', home.id],
        client: home.id,
        args: ['auction:submitOrder', JSON.stringify({ number })],
    });
    if (plaintext !== undefined) {
        await channelOf('DSOMSP').ledger.persistTransient(txId, plaintext);
        await channelOf(home.mspId).ledger.persistTransient(txId, plaintext);
    }
    return envelope;
}

function signaturePolicy(rule: Parameters<typeof signaturePolicyEnvelope>[0]): Uint8Array {
    return signaturePolicyEnvelope(rule).serializeBinary();
}

test('all peers of a process reach the same state, fast enough', async () => {
    const deployed = community.transaction({
        chaincode: '_lifecycle',
        rwset: definitionWrites({ name: 'market', policy: '/Channel/Application/Market' }),
        endorsers: community.topology.organisations.map(({ id }) => id),
    });
    let block = community.block(community.genesis, [deployed.envelope]);
    expect(await commitEverywhere(block)).toEqual([CODE.VALID]);

    let milliseconds = 0;
    let processorMicroseconds = 0;
    let bytes = 0;
    for (let number = 0; number < BLOCKS; number += 1) {
        const envelopes: Uint8Array[] = [];
        for (let position = 0; position < PER_BLOCK; position += 1) {
            envelopes.push(await order(number * PER_BLOCK + position));
        }
        block = community.block(block, envelopes);
        bytes += encodeBlock(block).length;
        const start = performance.now();
        const before = process.cpuUsage();
        const codes = await commitEverywhere(block);
        milliseconds += performance.now() - start;
        const { user, system } = process.cpuUsage(before);
        processorMicroseconds += user + system;
        expect(codes).toEqual(envelopes.map(() => CODE.VALID));
    }
    const digests = await Promise.all(channels.map(({ ledger }) => ledger.stateDigest()));
    expect(new Set(digests).size).toBe(1);
    const missing = await Promise.all(channels.map(({ ledger }) => ledger.missingPrivateData()));
    expect(missing.flat()).toEqual([]);
    if (process.env['PEERS'] !== undefined) {
        const transactions = BLOCKS * PER_BLOCK;
        process.stdout.write(
            `${PEERS} peers, ${BLOCKS} blocks of ${PER_BLOCK}: ${(milliseconds / BLOCKS).toFixed(1)} ms per block, ` +
                `${(milliseconds / transactions / PEERS).toFixed(3)} ms per transaction and peer ` +
                `(processor ${(processorMicroseconds / 1000 / transactions / PEERS).toFixed(3)} ms), ` +
                `${(bytes / transactions / 1024).toFixed(1)} KiB per transaction\n`,
        );
    }
}, 120_000);
