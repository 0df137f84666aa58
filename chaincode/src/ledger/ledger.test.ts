import { beforeEach, describe, expect, it } from '@jest/globals';
import { dayKey, roundKey, settlementKey } from '../api/keys';
import type { RoundRecord } from '../api/records';
import { compositeKey } from '../testing/memory-network';
import { emptySet, MemoryStub, placeOf } from '../testing/memory-stub';
import { WorldState } from '../testing/world-state';
import { Ledger } from './ledger';

const round = (slot: number): RoundRecord => ({
    day: '2014-10-03',
    slot,
    status: 'open',
    replay: true,
    charterVersion: 1,
    mechanism: 'm/v1',
});
const noCall = (): Promise<string> => Promise.reject(new Error('not here'));

let world: WorldState;
const stubOf = (): MemoryStub =>
    new MemoryStub(world, 'market', 'H1MSP', { txId: 'tx', time: 0, creator: 'H1MSP', transient: new Map() }, noCall);

async function save(...slots: number[]): Promise<void> {
    const stub = stubOf();
    for (const slot of slots) {
        await new Ledger(stub).save(roundKey('2014-10-03', slot), round(slot));
    }
    world.commit(stub.set, [], () => true);
}

beforeEach(() => {
    world = new WorldState();
});

describe('the ledger', () => {
    it('finds what was saved, as it was', async () => {
        await save(7);
        expect(await new Ledger(stubOf()).find(roundKey('2014-10-03', 7))).toEqual(round(7));
        expect(await new Ledger(stubOf()).find(roundKey('2014-10-03', 8))).toBeUndefined();
    });

    it('lists in the order of slots and only below the prefix', async () => {
        await save(1_000, 99, 7);
        expect((await new Ledger(stubOf()).list('round', '2014-10-03')).map(({ slot }) => slot)).toEqual([
            7, 99, 1_000,
        ]);
        expect(await new Ledger(stubOf()).list('round', '2014-10-0')).toEqual([]);
    });

    it('writes nothing that it could not read again', async () => {
        const stub = stubOf();
        const unreadable = { ...round(7), dropped: [{ order: 'no name', reason: 'FORGED' as const }] };
        await expect(new Ledger(stub).save(roundKey('2014-10-03', 7), unreadable)).rejects.toThrow(/read again/);
        const key = settlementKey('2014-10-03', 'H1MSP');
        await expect(new Ledger(stub).savePrivate(['H1MSP'], key, Buffer.from('{}'))).rejects.toThrow(/read again/);
        expect(stub.set).toEqual(emptySet());
    });

    it('does not read after it has written', async () => {
        const ledger = new Ledger(stubOf());
        await ledger.save(dayKey('2014-10-03'), {
            day: '2014-10-03',
            first: 1,
            count: 96,
            replay: true,
            charterVersion: 1,
        });
        await expect(ledger.find(dayKey('2014-10-03'))).rejects.toThrow(/reads before it writes/);
        await expect(ledger.list('round')).rejects.toThrow(/reads before it writes/);
        await expect(ledger.policyOf(dayKey('2014-10-03'))).rejects.toThrow(/reads before it writes/);
    });

    it.each(['no JSON', '{}', '{"day":"2014-10-03","slot":7}'])(
        'takes %s for corruption, never for nothing',
        async (text) => {
            const place = placeOf('market', compositeKey('round', ['2014-10-03', '0000000007']));
            world.commit({ ...emptySet(), writes: new Map([[place, Buffer.from(text)]]) }, [], () => true);
            await expect(new Ledger(stubOf()).find(roundKey('2014-10-03', 7))).rejects.toThrow('corrupt round record');
            await expect(new Ledger(stubOf()).list('round')).rejects.toThrow('corrupt round record');
        },
    );
});
