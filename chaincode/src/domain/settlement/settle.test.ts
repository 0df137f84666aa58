import { describe, expect, it } from '@jest/globals';
import { DEMONSTRATION, tradedAt } from '../../testing/market/day';
import { assertBalanced, Imbalance, summed } from '../postings';
import { nanos, netEnergy } from '../quantity';
import { slot } from '../slot';
import type { SlotPosition } from './position';
import { settleDay, settleSlot, slotBalance, slotPostings, withoutMarket } from './settle';

const SLOT = slot(1_569_264);
const position = (metered: bigint, bought = 0n, sold = 0n, price = 0n): SlotPosition => ({
    slot: SLOT,
    prices: DEMONSTRATION,
    ...tradedAt(price, bought, sold),
    metered: netEnergy(metered),
    estimated: false,
});

describe('the money of a slot', () => {
    // Retail 0.30, feed-in 0.08, grid fee 0.04, community fee 0.03; 1000 Wh at 0.30 are 300,000,000 nanos.
    it.each([
        { name: 'nothing', given: position(0n), deviation: 0n, local: 0n, fees: [0n, 0n], balancing: 0n },
        {
            name: 'short without a market: retail',
            given: position(-1000n),
            deviation: -1000n,
            local: 0n,
            fees: [0n, 0n],
            balancing: -300_000_000n,
        },
        {
            name: 'long without a market: feed-in',
            given: position(1000n),
            deviation: 1000n,
            local: 0n,
            fees: [0n, 0n],
            balancing: 80_000_000n,
        },
        {
            name: 'bought what was used',
            given: position(-1000n, 1000n, 0n, 150_000n),
            deviation: 0n,
            local: -150_000_000n,
            fees: [-40_000_000n, -30_000_000n],
            balancing: 0n,
        },
        {
            name: 'sold what was made',
            given: position(1000n, 0n, 1000n, 150_000n),
            deviation: 0n,
            local: 150_000_000n,
            fees: [0n, 0n],
            balancing: 0n,
        },
        {
            name: 'bought less than used: the rest at retail',
            given: position(-1000n, 400n, 0n, 150_000n),
            deviation: -600n,
            local: -60_000_000n,
            fees: [-16_000_000n, -12_000_000n],
            balancing: -180_000_000n,
        },
        {
            name: 'bought more than used: the rest at feed-in',
            given: position(-400n, 1000n, 0n, 150_000n),
            deviation: 600n,
            local: -150_000_000n,
            fees: [-40_000_000n, -30_000_000n],
            balancing: 48_000_000n,
        },
        {
            name: 'sold more than made: the rest at retail',
            given: position(400n, 0n, 1000n, 150_000n),
            deviation: -600n,
            local: 150_000_000n,
            fees: [0n, 0n],
            balancing: -180_000_000n,
        },
        {
            name: 'sold at a negative price',
            given: position(1000n, 0n, 1000n, -1n),
            deviation: 0n,
            local: -1000n,
            fees: [0n, 0n],
            balancing: 0n,
        },
    ])('$name', ({ given, deviation, local, fees, balancing }) => {
        const settled = settleSlot(given);
        expect(settled).toEqual({ ...given, deviation, local, gridFee: fees[0], communityFee: fees[1], balancing });
        expect(slotBalance(settled)).toBe(local + (fees[0] ?? 0n) + (fees[1] ?? 0n) + balancing);
    });

    it('has two sides', () => {
        expect(slotPostings('H1MSP', settleSlot(position(-1000n, 400n, 0n, 150_000n)))).toEqual([
            { account: 'household:H1MSP', amount: -268_000_000n },
            { account: 'clearing', amount: 60_000_000n },
            { account: 'grid', amount: 16_000_000n },
            { account: 'community', amount: 12_000_000n },
            { account: 'deviation', amount: 180_000_000n },
        ]);
    });

    it('cannot be told of money without energy', () => {
        expect(() => settleSlot({ ...position(-1000n), paid: nanos(1n) })).toThrow('money was moved in slot');
        expect(() => settleSlot({ ...position(1000n), earned: nanos(1n) })).toThrow('money was moved in slot');
    });

    it('is compared with retail and feed-in alone', () => {
        expect(withoutMarket(position(-1000n, 1000n, 0n, 150_000n))).toBe(-300_000_000n);
        expect(withoutMarket(position(1000n, 0n, 1000n, 150_000n))).toBe(80_000_000n);
    });
});

describe('settleDay', () => {
    const day = { day: '2014-10-03', first: SLOT, count: 2 } as const;
    const two = [position(-1000n, 400n, 0n, 150_000n), { ...position(500n), slot: slot(SLOT + 1) }];

    it('adds up the postings of its slots', () => {
        const settled = settleDay(day, 'H1MSP', two);
        expect(settled.postings).toEqual([
            { account: 'clearing', amount: 60_000_000n },
            { account: 'community', amount: 12_000_000n },
            { account: 'deviation', amount: 140_000_000n },
            { account: 'grid', amount: 16_000_000n },
            { account: 'household:H1MSP', amount: -228_000_000n },
        ]);
        expect(settled.provisional).toBe(false);
    });

    it('is provisional where one reading is an estimate', () => {
        expect(
            settleDay(
                day,
                'H1MSP',
                two.map((one, i) => ({ ...one, estimated: i === 1 })),
            ).provisional,
        ).toBe(true);
    });

    it.each([
        { why: 'a slot is missing', positions: two.slice(1) },
        { why: 'slots are out of order', positions: [...two].reverse() },
        { why: 'a slot comes twice', positions: [two[0], two[0]].filter((one) => one !== undefined) },
    ])('throws where $why', ({ positions }) => {
        expect(() => settleDay(day, 'H1MSP', positions)).toThrow('not the 2 slots of 2014-10-03');
    });
});

describe('postings', () => {
    it('must sum to zero', () => {
        const one = { account: 'grid', amount: nanos(1n) } as const;
        expect(() => assertBalanced([one], 'a test')).toThrow(
            new Imbalance('postings of a test sum to 1 nanos instead of 0'),
        );
    });

    it('of one account are one, and none where they cancel', () => {
        const on = (account: 'grid' | 'clearing', amount: bigint) => ({ account, amount: nanos(amount) });
        expect(summed([on('grid', 1n), on('clearing', 5n), on('grid', 2n), on('clearing', -5n)])).toEqual([
            on('grid', 3n),
        ]);
    });
});
