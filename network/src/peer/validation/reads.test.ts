import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import type { Simulator } from '../ledger/api';
import { ChannelUnderTest } from '../../testing/channel-under-test';
import { rwset } from '../../testing/rwsets';
import { TestCommunity } from '../../testing/test-community';
import type { MadeTransaction } from '../../testing/test-community';
import { CODE } from './codes';
import type { Code } from './codes';

const { VALID, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT } = CODE;
let community: TestCommunity;
let channel: ChannelUnderTest;

beforeAll(async () => {
    community = await TestCommunity.create(3);
});

afterAll(() => {
    community.remove();
});

beforeEach(async () => {
    channel = await ChannelUnderTest.open(community);
    await channel.commit(put({ b: '1', d: '1', f: '1' }));
});

afterEach(async () => {
    await channel.channel.close();
});

function put(writes: Record<string, string | null>): MadeTransaction {
    return channel.transaction(rwset({ market: { writes } }));
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Reads a range as far as it is told (all of it by default) and writes a key outside of it. */
async function scan(startKey: string, endKey: string, results = Infinity): Promise<MadeTransaction> {
    return channel.simulated(async (simulator) => {
        await read(simulator, startKey, endKey, results);
        simulator.putState('market', 'z', bytes('scanned'));
    });
}

async function read(simulator: Simulator, startKey: string, endKey: string, results = Infinity): Promise<string[]> {
    const range = simulator.getStateRange('market', startKey, endKey);
    const keys: string[] = [];
    while (keys.length < results) {
        const next = await range.next();
        if (next === undefined) {
            break;
        }
        keys.push(next.key);
    }
    await range.close();
    return keys;
}

describe('what was read', () => {
    const readAndWrite = (key: string): Promise<MadeTransaction> =>
        channel.simulated(async (simulator) => {
            await simulator.getState('market', key);
            simulator.putState('market', 'z', bytes('read'));
        });

    const changes: { how: string; change: Record<string, string | null>; code: Code }[] = [
        { how: 'and is as it was', change: { c: '1' }, code: VALID },
        { how: 'and has another value', change: { b: '2' }, code: MVCC_READ_CONFLICT },
        { how: 'and was written again', change: { b: '1' }, code: MVCC_READ_CONFLICT },
        { how: 'and is gone', change: { b: null }, code: MVCC_READ_CONFLICT },
    ];
    test.each(changes)('$how: the same in an earlier block and in the same one', async ({ change, code }) => {
        const later = await readAndWrite('b');
        const same = await readAndWrite('b');
        expect(await channel.commit(put(change), same)).toEqual([VALID, code]);
        expect(await channel.commit(later)).toEqual([code]);
    });

    test('of a key that was not there conflicts when it is made, and when it is deleted once more', async () => {
        const readers = [await readAndWrite('new'), await readAndWrite('new'), await readAndWrite('new')];
        const [first, second, third] = readers as [MadeTransaction, MadeTransaction, MadeTransaction];
        expect(await channel.commit(put({ new: null }), first)).toEqual([VALID, MVCC_READ_CONFLICT]);
        expect(await channel.commit(second)).toEqual([VALID]);
        expect(await channel.commit(put({ new: '1' }))).toEqual([VALID]);
        expect(await channel.commit(third)).toEqual([MVCC_READ_CONFLICT]);
    });

    test('is not disturbed by an invalid transaction', async () => {
        const reader = await readAndWrite('b');
        const invalid = channel.transaction(rwset({ market: { writes: { b: '2' } } }), ['H1']);
        expect(await channel.commit(invalid, reader)).toEqual([CODE.ENDORSEMENT_POLICY_FAILURE, VALID]);
    });

    test('in another namespace counts as well', async () => {
        await channel.define({ name: 'governance', policy: '/Channel/Application/Governance' });
        const reader = await channel.simulated(async (simulator) => {
            await simulator.getState('governance', 'charter');
            simulator.putState('market', 'z', bytes('read'));
        });
        const governance = rwset({ governance: { writes: { charter: '1' } } });
        const writer = channel.transaction(governance, ['DSO', 'H1', 'H2'], 'governance');
        expect(await channel.commit(writer, reader)).toEqual([VALID, MVCC_READ_CONFLICT]);
    });

    test('of a key whose policy alone changed conflicts too', async () => {
        const reader = await readAndWrite('b');
        const policy = channel.transaction(rwset({ market: { policies: { b: null } } }));
        expect(await channel.commit(policy)).toEqual([VALID]);
        expect(await channel.commit(reader)).toEqual([MVCC_READ_CONFLICT]);
    });
});

describe('a range', () => {
    const rows: {
        what: string;
        start: string;
        end: string;
        results?: number;
        change: Record<string, string | null>;
        code: Code;
    }[] = [
        { what: 'that is as it was', start: 'a', end: 'e', change: { e: '1', Z: '1' }, code: VALID },
        { what: 'with a key more', start: 'a', end: 'e', change: { c: '1' }, code: PHANTOM_READ_CONFLICT },
        { what: 'with a key more before all', start: 'a', end: 'e', change: { a: '1' }, code: PHANTOM_READ_CONFLICT },
        { what: 'with a key more behind all', start: 'a', end: 'e', change: { dd: '1' }, code: PHANTOM_READ_CONFLICT },
        { what: 'with a key less', start: 'a', end: 'e', change: { b: null }, code: PHANTOM_READ_CONFLICT },
        { what: 'without its last key', start: 'a', end: 'e', change: { d: null }, code: PHANTOM_READ_CONFLICT },
        { what: 'with a key written again', start: 'a', end: 'e', change: { d: '1' }, code: PHANTOM_READ_CONFLICT },
        {
            what: 'with a key deleted that was not there',
            start: 'a',
            end: 'e',
            change: { c: null },
            code: VALID,
        },
        { what: 'with its end key written', start: 'a', end: 'd', change: { d: '2' }, code: VALID },
        { what: 'with its start key written', start: 'b', end: 'd', change: { b: '2' }, code: PHANTOM_READ_CONFLICT },
        {
            what: 'with an open end and a key more',
            start: '',
            end: '',
            change: { ää: '1' },
            code: PHANTOM_READ_CONFLICT,
        },
        { what: 'that was empty and is not', start: 'g', end: 'h', change: { g: '1' }, code: PHANTOM_READ_CONFLICT },
        { what: 'that was empty and is so', start: 'g', end: 'h', change: { h: '1' }, code: VALID },
        {
            what: 'read in part, changed behind',
            start: 'a',
            end: 'z',
            results: 2,
            change: { e: '1', f: null },
            code: VALID,
        },
        {
            what: 'read in part, with a key more',
            start: 'a',
            end: 'z',
            results: 2,
            change: { c: '1' },
            code: PHANTOM_READ_CONFLICT,
        },
        {
            what: 'read in part, its last key seen written again',
            start: 'a',
            end: 'z',
            results: 2,
            change: { d: '1' },
            code: PHANTOM_READ_CONFLICT,
        },
        {
            what: 'read in part, its last key seen gone',
            start: 'a',
            end: 'z',
            results: 2,
            change: { d: null },
            code: PHANTOM_READ_CONFLICT,
        },
    ];
    test.each(rows)(
        '$what: the same in an earlier block and in the same one',
        async ({ start, end, results, change, code }) => {
            const same = await scan(start, end, results);
            const later = await scan(start, end, results);
            expect(await channel.commit(put(change), same)).toEqual([VALID, code]);
            expect(await channel.commit(later)).toEqual([code]);
        },
    );

    test('of more than fifty keys is kept as hashes, and conflicts in the same way', async () => {
        const many: Record<string, string> = {};
        for (let number = 0; number < 200; number += 1) {
            many[`m${String(number).padStart(3, '0')}`] = '1';
        }
        await channel.commit(put(many));
        const simulator = channel.channel.ledger.simulator('many');
        expect(await read(simulator, 'm', 'n')).toHaveLength(200);
        const [range] = simulator.done().publicSet.namespaces[0]?.rangeQueries ?? [];
        await simulator.close();
        expect(range?.reads).toEqual([]);
        expect(range?.merkle?.maxLevelHashes.length).toBeGreaterThan(0);

        const outside = await scan('m', 'n');
        const part = await scan('m', 'n', 60);
        const all = await scan('m', 'n');
        expect(await channel.commit(put({ n: '1' }), outside, put({ m199: null }), part, all)).toEqual([
            VALID,
            VALID,
            VALID,
            VALID,
            PHANTOM_READ_CONFLICT,
        ]);
    });
});
