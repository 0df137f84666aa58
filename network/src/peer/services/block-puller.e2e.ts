import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { common } from '@hyperledger/fabric-protos';

import { blockHeader, encodeBlock, headerHash } from '../../fabric/blocks';
import { BlockResponses } from '../../ordering/service/block-responses';
import { BlockStore } from '../../ordering/service/block-store';
import { SeatServer } from '../../ordering/service/seat-server';
import { until } from '../../testing/peer-network';
import { definitionWrites } from '../../testing/rwsets';
import { TestCommunity } from '../../testing/test-community';
import { seats } from '../../topology/topology';
import { PeerChannel } from '../validation/peer-channel';
import { BlockPuller } from './block-puller';

const HOUSEHOLDS = 4;
/** Whoever lies is heard before anybody thinks that it withholds something. */
const TOLD_AT_ONCE_MS = 20_000;
const CONSENSUS = { start: () => Promise.resolve(), stop: () => Promise.resolve() };

let community: TestCommunity;
let good: common.Block;
let stores = 0;
const cleanUps: (() => Promise<unknown> | undefined)[] = [];

beforeAll(async () => {
    community = await TestCommunity.create(HOUSEHOLDS, 20_300);
    good = blockOn(community.genesis);
});

afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

afterAll(() => {
    community.remove();
});

function blockOn(previous: common.Block, signers?: readonly string[]): common.Block {
    const rwset = definitionWrites({ name: 'market', policy: '/Channel/Application/Market' });
    const endorsers = community.topology.organisations.map(({ id }) => id);
    const { envelope } = community.transaction({ chaincode: '_lifecycle', rwset, endorsers });
    return community.block(previous, [envelope], signers);
}

/** A seat with blocks of its own choice after the genesis block. */
async function seatWith(seat: ReturnType<typeof seats>[number], blocks: readonly common.Block[]): Promise<void> {
    stores += 1;
    const store = await BlockStore.open(join(community.layout.home, `seat-${stores}`));
    for (const [number, block] of [community.genesis, ...blocks].entries()) {
        await store.append(number, Buffer.from(encodeBlock(block)));
    }
    const { certificate, key } = community.layout.organisation(seat).orderer.tls;
    const server = await SeatServer.start(
        seat.orderingSeat,
        { certificate: readFileSync(certificate), key: readFileSync(key) },
        {
            engine: { ...CONSENSUS, submit: () => Promise.resolve({ kind: 'new' }) },
            signer: community.signer(seat.id, 'orderer'),
            store,
            responses: new BlockResponses(store),
            bundle: () => channel.bundle,
            now: () => new Date(),
            report: () => undefined,
        },
    );
    cleanUps.push(() => {
        server.stop();
        return store.close();
    });
}

let channel: PeerChannel;

/** Starts a peer that asks the seats in turn, the lying one first. Gives what it says. */
async function pulling(
    lies: readonly common.Block[],
    others: readonly common.Block[],
    patienceMs: number,
): Promise<string[]> {
    channel = await PeerChannel.open(community.peer('H1'), community.genesis);
    cleanUps.push(() => channel.close());
    const all = seats(community.topology);
    for (const [index, seat] of all.entries()) await seatWith(seat, index === 0 ? lies : others);
    const said: string[] = [];
    const firstPort = all[0]?.orderingSeat.port ?? 0;
    const offset = channel.bundle.ordererEndpoints.findIndex(({ port }) => port === firstPort);
    const puller = new BlockPuller({
        channel,
        reader: { identity: community.signer('H1', 'peer') },
        offset,
        patienceMs,
        log: { info: (message) => said.push(message), warn: (message) => said.push(message) },
        halted: (cause) => said.push(`halted: ${cause.message}`),
    });
    puller.start();
    cleanUps.push(() => puller.stop());
    return said;
}

const untilItIsThere = (): Promise<void> => until('the block is there', () => channel.ledger.height > 1);

function wrongPrevious(): common.Block {
    const block = good.cloneMessage();
    blockHeader(block).setPreviousHash(new Uint8Array(32));
    community.sign(
        block,
        seats(community.topology).map(({ id }) => id),
    ); // By all: what is wrong is the chain alone.
    return block;
}

function changedTransaction(): common.Block {
    const block = good.cloneMessage();
    block.setData(blockOn(community.genesis).getData());
    return block;
}

describe('a block of a lying orderer is refused, and the good one from another taken', () => {
    const seatsThat = (count: number): string[] =>
        seats(community.topology)
            .slice(0, count)
            .map(({ id }) => id);
    test.each([
        { what: 'one signature', block: () => blockOn(community.genesis, seatsThat(1)), says: 'lacks signatures' },
        {
            what: 'two of four signatures',
            block: () => blockOn(community.genesis, seatsThat(2)),
            says: 'lacks signatures',
        },
        { what: 'no signature', block: () => blockOn(community.genesis, []), says: 'lacks signatures' },
        { what: 'a wrong previous hash', block: wrongPrevious, says: 'does not follow ours' },
        { what: 'a changed transaction', block: changedTransaction, says: 'do not have the hash its header says' },
        { what: 'a later number', block: () => blockOn(good), says: 'expected block 1, got block 2' },
    ])('$what', async ({ block, says }) => {
        const said = await pulling([block()], [good], TOLD_AT_ONCE_MS);
        await untilItIsThere();
        expect(said.join('\n')).toContain(says);
        expect(said.join('\n')).not.toContain('halted');
        expect(Buffer.from(channel.ledger.lastBlockHash)).toEqual(Buffer.from(headerHash(blockHeader(good))));
    });
});

describe('an orderer that withholds blocks', () => {
    test('is left for one that can show there is a block', async () => {
        const said = await pulling([], [good], 100);
        await untilItIsThere();
        expect(said.join('\n')).toMatch(/withholds a block that 127\.0\.0\.1:\d+ has/);
    });

    test('is not left on a claim without enough signatures', async () => {
        const said = await pulling([], [blockOn(community.genesis, [])], 100);
        await sleep(1_500);
        expect(said).toEqual([]);
        expect(channel.ledger.height).toBe(1);
    });
});
