import { beforeEach, describe, expect, it } from '@jest/globals';
import { coalition, policyBytes } from '../ledger/key-policy';
import { emptySet, MemoryStub, placeOf, type ReadWriteSet } from './memory-stub';
import { isSatisfied } from './signature-policy';
import { WorldState } from './world-state';

const anybody = (): boolean => true;
const nobody = (): boolean => false;
const noCall = (): Promise<string> => Promise.reject(new Error('not here'));
const value = Buffer.from('v');

let world: WorldState;
const stubAt = (endorser: string): MemoryStub =>
    new MemoryStub(world, 'market', endorser, { txId: 'tx', time: 0, creator: endorser, transient: new Map() }, noCall);
const writing = (...keys: string[]): ReadWriteSet => ({
    ...emptySet(),
    writes: new Map(keys.map((key) => [placeOf('market', key), value])),
});
const entries = async (iterable: AsyncIterable<{ key: string }>): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of iterable) {
        keys.push(key);
    }
    return keys;
};

beforeEach(() => {
    world = new WorldState();
});

describe('the ledger in memory', () => {
    it('does not show a transaction its own writes, as a peer does not', async () => {
        const stub = stubAt('A');
        await stub.putState('k', value);
        expect(await stub.getState('k')).toHaveLength(0);
        expect(world.commit(stub.set, [], anybody)).toBe('VALID');
        expect(await stubAt('A').getState('k')).toHaveLength(1);
    });

    it('refuses a read that somebody else changed in between, value or policy', async () => {
        const [first, second, third] = [stubAt('A'), stubAt('A'), stubAt('A')];
        for (const stub of [first, second, third]) {
            await stub.getState('k');
            await stub.putState('k', value);
        }
        expect(world.commit(first.set, [], anybody)).toBe('VALID');
        expect(world.commit(second.set, [], anybody)).toBe('MVCC_READ_CONFLICT');
        const reader = stubAt('A');
        await reader.getState('k');
        const policies = new Map([[placeOf('market', 'k'), policyBytes(coalition(['A']))]]);
        world.commit({ ...emptySet(), policies }, ['A'], anybody);
        expect(world.commit(reader.set, [], anybody)).toBe('MVCC_READ_CONFLICT');
    });

    it('refuses a range into which somebody else wrote', async () => {
        const stub = stubAt('A');
        const key = (id: string): string => stub.createCompositeKey('order', ['1', id]);
        world.commit(writing(key('a')), [], anybody);
        expect(await entries(stub.getStateByPartialCompositeKey('order', ['1']))).toHaveLength(1);
        await stub.putState('k', value);
        world.commit(writing(key('b')), [], anybody);
        expect(world.commit(stub.set, [], anybody)).toBe('PHANTOM_READ_CONFLICT');
    });

    it('asks the chaincode for keys without a policy, and the policy for the others', () => {
        const place = placeOf('market', 'k');
        const create = { ...writing('k'), policies: new Map([[place, policyBytes(coalition(['A', 'B']))]]) };
        expect(world.commit(create, ['A', 'B'], nobody)).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(world.commit(create, ['C'], anybody)).toBe('VALID');
        expect(world.commit(writing('k'), ['A', 'C'], anybody)).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(world.commit(writing('k'), ['A', 'B'], nobody)).toBe('VALID');
        expect(world.commit(writing('k', 'other'), ['A', 'B'], nobody)).toBe('ENDORSEMENT_POLICY_FAILURE');
    });

    it('keeps an implicit collection at its organisation, which endorses what is written there', async () => {
        const stub = stubAt('A');
        await stub.putPrivateData('_implicit_org_B', 'k', value);
        expect(world.commit(stub.set, ['A'], anybody)).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(world.commit(stub.set, ['A', 'B'], anybody)).toBe('VALID');
        expect(await stubAt('B').getPrivateData('_implicit_org_B', 'k')).toHaveLength(1);
        expect(() => stubAt('A').getPrivateData('_implicit_org_B', 'k')).toThrow(/does not hold/);
    });

    it('does not mix private ranges and writes', async () => {
        const reader = stubAt('A');
        await entries(reader.getPrivateDataByPartialCompositeKey('_implicit_org_A', 'order', []));
        expect(() => reader.putPrivateData('_implicit_org_A', 'k', value)).toThrow(/not allowed/);
        const writer = stubAt('A');
        await writer.putPrivateData('_implicit_org_A', 'k', value);
        expect(() => writer.getPrivateDataByPartialCompositeKey('_implicit_org_A', 'order', [])).toThrow(/not allowed/);
    });

    it('refuses empty parts of keys, and stops at a malformed policy', () => {
        expect(() => stubAt('A').createCompositeKey('order', [''])).toThrow(/non-zero length/);
        expect(() => isSatisfied(new Uint8Array(), ['A'])).toThrow(/malformed/);
    });

    it('spends an endorsement once', () => {
        expect(
            isSatisfied(policyBytes({ kind: 'outOf', n: 2, rules: [coalition(['A']), coalition(['A'])] }), ['A']),
        ).toBe(false);
    });
});
