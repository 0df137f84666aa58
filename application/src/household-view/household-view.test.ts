import { describe, expect, it } from '@jest/globals';
import type { OrderRecord, ReadingRecord, RoundRecord } from '@commonwatt/chaincode/api/records';
import type { PlainSlot } from '../audit/plain-bill';
import { ByHeight } from './by-height';
import { flowOf } from './energy-flow';
import { meritOrderOf } from './merit-order';
import { energyMoney, slotShown } from './now-view';

const FIRST = 1_567_200;
const slotOf = (change: Partial<PlainSlot> = {}): PlainSlot => ({
    slot: FIRST,
    netWh: 0n,
    boughtWh: 0n,
    soldWh: 0n,
    paidNanos: 0n,
    earnedNanos: 0n,
    retail: 300_000n,
    feedIn: 80_000n,
    gridFee: 40_000n,
    communityFee: 30_000n,
    ...change,
});

describe('answers of a peer', () => {
    it('are asked for once at a height, however many ask', async () => {
        let height = 5;
        let loads = 0;
        const kept = new ByHeight(() => Promise.resolve(height));
        const load = () => Promise.resolve((loads += 1));
        expect(await Promise.all([kept.get('a', load), kept.get('a', load), kept.get('b', load)])).toEqual([1, 1, 2]);
        expect(await kept.get('a', load)).toBe(1);
        height = 6;
        expect(await kept.get('a', load)).toBe(3);
    });

    it('that no block can change are asked for once', async () => {
        let height = 5;
        let loads = 0;
        const kept = new ByHeight(() => Promise.resolve(height));
        const load = () => Promise.resolve((loads += 1));
        const isFinal = (value: number): boolean => value === 2;
        await kept.get('a', load, isFinal);
        height = 6;
        await kept.get('a', load, isFinal);
        height = 7;
        expect(await kept.get('a', load, isFinal)).toBe(2);
    });

    it('that failed are asked for again', async () => {
        const kept = new ByHeight(() => Promise.resolve(5));
        await expect(kept.get('a', () => Promise.reject(new Error('silent')))).rejects.toThrow('silent');
        expect(await kept.get('a', () => Promise.resolve(1))).toBe(1);
    });
});

describe('the energy of a slot', () => {
    const reading = (consumed: bigint, generated: bigint, kind: ReadingRecord['kind'] = 'register'): ReadingRecord => ({
        key: 'reading',
        version: 1,
        mspId: 'H1MSP',
        salt: '00'.repeat(32),
        signature: 'AA==',
        slot: FIRST,
        kind,
        netWh: generated - consumed,
        spans: [
            {
                meterId: 'main',
                fromSlot: FIRST,
                slots: 1,
                consumption: { startWh: 1_000n, endWh: 1_000n + consumed },
                generation: { startWh: 500n, endWh: 500n + generated },
                signature: 'AA==',
            },
        ],
    });

    it.each([
        { what: 'by night', consumed: 80n, generated: 0n, bought: 30n, sold: 0n },
        { what: 'at noon', consumed: 80n, generated: 900n, bought: 0n, sold: 600n },
        { what: 'where more was bought than is used', consumed: 20n, generated: 0n, bought: 30n, sold: 0n },
    ])('goes in as it goes out $what', ({ consumed, generated, bought, sold }) => {
        const slot = slotOf({ netWh: generated - consumed, boughtWh: bought, soldWh: sold });
        const flow = flowOf(slot, reading(consumed, generated));
        expect(flow).toMatchObject({ roofWh: generated, homeWh: consumed, boughtWh: bought, soldWh: sold });
        expect(flow.roofWh + flow.boughtWh + flow.importedWh).toBe(flow.homeWh + flow.soldWh + flow.exportedWh);
    });

    it('is only its difference where registers say nothing of the slot alone', () => {
        const flow = flowOf(slotOf({ netWh: -80n }), { ...reading(320n, 0n, 'gap'), netWh: -80n });
        expect(flow).toMatchObject({ roofWh: 0n, homeWh: 80n, importedWh: 80n, readingKind: 'gap' });
    });
});

describe('the money of slots', () => {
    it('is what is paid with fees, what is earned, and what the tariffs alone would have cost more', () => {
        const buys = slotOf({ netWh: -1_000n, boughtWh: 600n, paidNanos: 600n * 150_000n });
        const sells = slotOf({ netWh: 500n, soldWh: 200n, earnedNanos: 200n * 150_000n });
        expect(energyMoney([buys, sells])).toEqual({
            paidNanos: 600n * (150_000n + 70_000n) + 400n * 300_000n,
            earnedNanos: 200n * 150_000n + 300n * 80_000n,
            savedNanos: 600n * 80_000n + 200n * 70_000n,
        });
    });
});

describe('now', () => {
    const opened = { first: FIRST, count: 96, replay: true };
    const metered = (upTo: number): PlainSlot[] => [slotOf({ slot: upTo })];

    it.each([
        {
            what: 'the time of day of a replayed day',
            clock: FIRST + 96 * 4_000 + 40,
            slots: metered(FIRST + 95),
            shown: FIRST + 40,
        },
        {
            what: 'never later than what was metered',
            clock: FIRST + 96 + 40,
            slots: metered(FIRST + 10),
            shown: FIRST + 10,
        },
        {
            what: 'the same for a clock before that day',
            clock: FIRST - 96 + 40,
            slots: metered(FIRST + 95),
            shown: FIRST + 40,
        },
        { what: 'the first slot before anything happened', clock: FIRST + 40, slots: [], shown: FIRST },
    ])('is $what', ({ clock, slots, shown }) => {
        expect(slotShown({ opened, rounds: [], slots }, clock)).toBe(shown);
    });

    it('of a live day is the slot that runs, within the day', () => {
        const live = { opened: { ...opened, replay: false }, rounds: [], slots: [] };
        expect([FIRST - 5, FIRST + 7, FIRST + 200].map((clock) => slotShown(live, clock))).toEqual([
            FIRST,
            FIRST + 7,
            FIRST + 95,
        ]);
    });
});

describe('the merit order of a round', () => {
    const order = (home: string, side: OrderRecord['side'], energyWh: bigint, limit: bigint | null): OrderRecord => ({
        ...{ key: `order/${home}`, version: 1, mspId: `${home}MSP`, salt: '00'.repeat(32), signature: 'AA==' },
        ...{ slot: FIRST, id: 'o1', side, energyWh, limit },
    });
    const book = [
        order('H1', 'buy', 100n, 200n),
        order('H2', 'buy', 50n, 200n),
        order('H3', 'buy', 70n, null),
        order('H4', 'sell', 10n, 90n),
        order('H5', 'sell', 20n, 80n),
        order('H6', 'sell', 30n, 90n),
    ];
    const round = (orders: readonly OrderRecord[], status: RoundRecord['status'] = 'cleared'): RoundRecord => ({
        ...{ day: '2014-10-03', slot: FIRST, status, replay: true, charterVersion: 1, mechanism: 'uniform-price/1' },
        closed: orders.map(({ mspId }) => ({ order: `${mspId}/o1`, hash: '00'.repeat(32) })),
    });
    const own = book.slice(0, 1);
    const onlyOwn = { knows: 'own', bids: [{ limit: 200n, energyWh: 100n, ownWh: 100n }], asks: [] };

    it('shows sums by limit, best first and without names, where the own peer holds all of it', () => {
        expect(meritOrderOf(round(book), book, own, 'H1MSP')).toEqual({
            knows: 'whole',
            bids: [
                { limit: null, energyWh: 70n, ownWh: 0n },
                { limit: 200n, energyWh: 150n, ownWh: 100n },
            ],
            asks: [
                { limit: 80n, energyWh: 20n, ownWh: 0n },
                { limit: 90n, energyWh: 40n, ownWh: 0n },
            ],
        });
    });

    it.each([
        { what: 'an opening is missing', round: round(book), opened: book.slice(0, 5) },
        { what: 'fewer than three stand on a side', round: round(book.slice(0, 5)), opened: book.slice(0, 5) },
        { what: 'the round is not over', round: round(book, 'closed'), opened: book },
    ])("shows the household's own orders alone where $what", ({ round: of, opened }) => {
        expect(meritOrderOf(of, opened, own, 'H1MSP')).toEqual(onlyOwn);
    });
});
