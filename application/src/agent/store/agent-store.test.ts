import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAgentStore, type AgentStore } from './agent-store';

const PREFERENCES = {
    buyUpTo: 210_000n,
    sellFrom: -5n,
    sources: ['green', 'local', 'grid'] as ('green' | 'local' | 'grid')[],
    batteryReservePercent: 20,
    forecast: 'yesterday' as const,
};

let folder: string;
let store: AgentStore;
let clock = 0;
const open = (): AgentStore => openAgentStore(join(folder, 'H1', 'agent.sqlite'), () => ++clock);

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'commonwatt-agent-store-'));
    clock = 0;
    store = open();
});
afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
});

it('is readable for its owner alone, with the files beside it', () => {
    store.journal.note({ kind: 'settled', facts: { day: '2025-04-17' } });
    for (const name of ['agent.sqlite', 'agent.sqlite-wal', 'agent.sqlite-shm']) {
        expect(statSync(join(folder, 'H1', name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(join(folder, 'H1')).mode & 0o777).toBe(0o700);
});

it('the journal keeps facts with their types, in order, across a restart', () => {
    const ordered = {
        day: '2025-04-17',
        side: 'buy',
        energyWh: 300n,
        limit: 210_000n,
        expectedWh: -300n,
        batteryWh: 0n,
    };
    store.journal.noteAll([
        { kind: 'started', facts: { organisation: 'H1' } },
        { kind: 'ordered', slot: 7, facts: { ...ordered, side: 'buy' } },
    ]);
    store.close();
    store = open();
    expect(store.journal.after(0)).toEqual([
        { sequence: 1, at: 1, kind: 'started', facts: { organisation: 'H1' } },
        { sequence: 2, at: 2, slot: 7, kind: 'ordered', facts: ordered },
    ]);
    expect(store.journal.after(1)).toHaveLength(1);
    expect(store.journal.newest(1).map(({ sequence }) => sequence)).toEqual([2]);
    expect(store.journal.newest(5, 2).map(({ sequence }) => sequence)).toEqual([1]);
});

it('what happens once is noted once, by each kind for itself', () => {
    const facts = { day: '2025-04-17' };
    store.journal.note({ kind: 'settled', facts, once: '2025-04-17' });
    store.journal.note({ kind: 'settled', facts, once: '2025-04-17' });
    store.journal.note({ kind: 'dayClosed', facts, once: '2025-04-17' });
    expect(store.journal.after(0).map(({ kind }) => kind)).toEqual(['settled', 'dayClosed']);
});

it('notes that cannot all be kept are not kept in part', () => {
    const wrong = { kind: 'settled' as const, facts: { day: '2025-04-17' }, slot: 0.5 };
    const { journal } = store;
    expect(() => {
        journal.noteAll([{ kind: 'started', facts: { organisation: 'H1' } }, wrong]);
    }).toThrow();
    expect(journal.after(0)).toEqual([]);
});

it('preferences are what was stated last, seen by whoever has the file open', () => {
    expect(store.preferences.read()).toBeUndefined();
    const other = open();
    other.preferences.write({ ...PREFERENCES, buyUpTo: 1n });
    other.preferences.write(PREFERENCES);
    other.close();
    expect(store.preferences.read()).toEqual(PREFERENCES);
});

it('a day goes by what was stated when it began, whatever is stated later', () => {
    expect(store.preferences.ofDay('2025-04-17', PREFERENCES)).toEqual(PREFERENCES);
    store.close();
    store = open();
    const changed = { ...PREFERENCES, buyUpTo: 1n };
    expect(store.preferences.ofDay('2025-04-17', changed)).toEqual(PREFERENCES);
    expect(store.preferences.ofDay('2025-04-18', changed)).toEqual(changed);
});

it('the outbox has what was sent until it is known what became of it', () => {
    const sent = { transactionId: 'a1', request: 'r', transaction: 'auction:submitOrders', bytes: Uint8Array.of(1, 2) };
    store.outbox.keep(sent);
    store.outbox.keep({ ...sent, transactionId: 'b2' });
    store.outbox.settled('a1');
    store.close();
    store = open();
    expect(store.outbox.pending).toEqual([{ ...sent, transactionId: 'b2' }]);
});
