import { describe, expect, it } from '@jest/globals';
import { roundKey } from '../api/keys';
import { DAY, DSO, FIRST, household, order, readings, askedOf, commitment, TestCommunity } from '../testing/community';
import { MemoryStub } from '../testing/memory-stub';
import { WorldState } from '../testing/world-state';
import { BatchedState } from './batched-state';
import { Ledger } from './ledger';
import type { Batches, LedgerStub, Write } from './stub';

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** What reached the peer, message by message. */
class Recorded implements Batches {
    readonly messages: (readonly Write[])[] = [];
    readonly asked: (readonly string[])[] = [];
    constructor(
        readonly maxWrites: number,
        readonly maxReads: number,
    ) {}

    write(writes: readonly Write[]): Promise<void> {
        this.messages.push(writes);
        return Promise.resolve();
    }

    read(keys: readonly string[]): Promise<Uint8Array[]> {
        this.asked.push(keys);
        return Promise.resolve(keys.map((key) => bytes(`value of ${key}`)));
    }
}

function stubWith(batches?: Batches): { stub: LedgerStub; memory: MemoryStub } {
    const proposal = { txId: 'tx1', time: 0, creator: DSO, transient: new Map() };
    const memory = new MemoryStub(new WorldState(), 'market', DSO, proposal, () => Promise.reject(new Error('none')));
    return { stub: Object.assign(memory, { batches }), memory };
}

describe('writes of a transaction', () => {
    it('go to the peer one by one, and at once, where it takes no batches', async () => {
        const { stub, memory } = stubWith();
        const state = new BatchedState(stub);
        await state.put('a', bytes('1'));
        await state.setPolicy('a', bytes('policy'));
        await state.put('b', bytes('2'), '_implicit_org_H1MSP');
        expect([...memory.set.writes.keys()]).toEqual(['market|a']);
        expect([...memory.set.policies.keys()]).toEqual(['market|a']);
        expect([...memory.set.privateWrites.keys()]).toEqual(['market/_implicit_org_H1MSP|b']);
        await state.flush();
        expect(memory.set.writes.size).toBe(1);
    });

    it('wait for the end where it does, and leave in their order, once', async () => {
        const batches = new Recorded(100, 0);
        const state = new BatchedState(stubWith(batches).stub);
        await state.put('b', bytes('1'));
        await state.setPolicy('b', bytes('policy'));
        await state.put('a', bytes('2'), 'mine');
        await state.put('b', bytes('3'));
        expect(batches.messages).toEqual([]);
        await state.flush();
        await state.flush();
        expect(batches.messages).toEqual([
            [
                { kind: 'value', key: 'b', value: bytes('1') },
                { kind: 'policy', key: 'b', policy: bytes('policy') },
                { kind: 'value', key: 'a', value: bytes('2'), collection: 'mine' },
                { kind: 'value', key: 'b', value: bytes('3') },
            ],
        ]);
    });

    it.each([
        { writes: 0, size: 10, sizes: [] },
        { writes: 3, size: 10, sizes: [3] },
        { writes: 7, size: 10, sizes: [3, 3, 1] },
        { writes: 3, size: 4 * 1024 * 1024, sizes: [2, 1] },
        { writes: 2, size: 9 * 1024 * 1024, sizes: [1, 1] },
    ])('never exceed what the peer takes: $writes of $size bytes', async ({ writes, size, sizes }) => {
        const batches = new Recorded(3, 0);
        const state = new BatchedState(stubWith(batches).stub);
        for (let i = 0; i < writes; i += 1) {
            await state.put(`key${i}`, new Uint8Array(size));
        }
        await state.flush();
        expect(batches.messages.map(({ length }) => length)).toEqual(sizes);
        expect(batches.messages.flat().map(({ key }) => key)).toEqual([...Array(writes).keys()].map((i) => `key${i}`));
    });
});

describe('many keys', () => {
    const keys = [...Array(7).keys()].map((i) => `key${i}`);
    const found = keys.map((key) => bytes(`value of ${key}`));

    it.each([
        { maxReads: 3, asked: [3, 3, 1] },
        { maxReads: 7, asked: [7] },
        { maxReads: 1_000_000, asked: [7] },
    ])('are read $maxReads at a time', async ({ maxReads, asked }) => {
        const batches = new Recorded(0, maxReads);
        expect(await new BatchedState(stubWith(batches).stub).read(keys)).toEqual(found);
        expect(batches.asked.map(({ length }) => length)).toEqual(asked);
    });

    it('are read one by one where the peer takes no batches', async () => {
        const { stub, memory } = stubWith();
        expect(await new BatchedState(stub).read(keys)).toEqual(keys.map(() => new Uint8Array()));
        expect([...memory.set.reads.keys()]).toEqual(keys.map((key) => `market|${key}`));
    });

    it('are decoded as single ones are', async () => {
        const community = await TestCommunity.trading(3);
        const proposal = { txId: 'tx', time: 0, creator: DSO, transient: new Map<string, Uint8Array>() };
        for (const batchSize of [0, 2]) {
            const stub = new MemoryStub(
                community.network.world,
                'market',
                DSO,
                proposal,
                () => Promise.reject(new Error('none')),
                undefined,
                batchSize,
            );
            const slots = [FIRST, FIRST - 1, FIRST + 1, FIRST + 2];
            const rounds = await new Ledger(stub).findAll(slots.map((slot) => roundKey(DAY, slot)));
            expect(rounds.map((round) => round?.slot)).toEqual([FIRST, undefined, FIRST + 1, FIRST + 2]);
        }
    });
});

describe('a transaction of the market', () => {
    const H1 = household(1);
    const given = readings(H1, FIRST, [-500n, 300n, 0n]);
    const sealed = [commitment(order({ mspId: H1, slot: FIRST }))];

    it.each([
        {
            name: 'auction:submitOrders',
            args: { orders: sealed },
            transient: {},
            by: H1,
        },
        {
            name: 'metering:recordReadings',
            args: { mspId: H1, slots: askedOf(given) },
            transient: { readings: given },
            by: H1,
        },
        { name: 'auction:openDay', args: { day: '2014-10-04', replay: true }, transient: {}, by: DSO },
    ] as const)('$name writes the same in batches of any size', async ({ name, args, transient, by }) => {
        const community = await TestCommunity.trading(3);
        const sets = [];
        for (const batchSize of [0, 1, 5, 1000]) {
            community.network.batchSize = batchSize;
            const { set, response } = await community.endorse(name, args, { by, endorsers: [H1, DSO], transient });
            sets.push({ set, response });
        }
        const [plain, ...batched] = sets;
        expect(plain?.set.writes.size).toBeGreaterThan(0);
        for (const each of batched) {
            expect(each).toEqual(plain);
        }
    });

    it('that is refused has written nothing', async () => {
        const community = await TestCommunity.trading(3);
        community.network.batchSize = 10;
        expect(await community.refusal('auction:openDay', { day: DAY, replay: true })).toBe('DAY_EXISTS');
    });
});
