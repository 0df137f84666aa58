import { describe, expect, it } from '@jest/globals';
import { halfEven, plainBill, type PlainSlot } from './plain-bill';

const PRICE = 150_000n;
const slot = ({ boughtWh = 0n, soldWh = 0n, ...given }: Partial<PlainSlot>): PlainSlot => ({
    slot: 1,
    netWh: 0n,
    boughtWh,
    soldWh,
    paidNanos: boughtWh * PRICE,
    earnedNanos: soldWh * PRICE,
    retail: 300_000n,
    feedIn: 80_000n,
    gridFee: 40_000n,
    communityFee: 30_000n,
    ...given,
});

describe('the plain bill', () => {
    it.each([
        { why: 'need from the grid alone', given: { netWh: -1000n }, nanos: 300_000_000n },
        { why: 'surplus to the grid alone', given: { netWh: 1000n }, nanos: -80_000_000n },
        { why: 'need bought locally', given: { netWh: -1000n, boughtWh: 1000n }, nanos: 220_000_000n },
        { why: 'surplus sold locally', given: { netWh: 1000n, soldWh: 1000n }, nanos: -150_000_000n },
        { why: 'half of the need bought', given: { netWh: -1000n, boughtWh: 500n }, nanos: 260_000_000n },
        { why: 'more bought than needed', given: { netWh: -500n, boughtWh: 1000n }, nanos: 180_000_000n },
        { why: 'more sold than there was', given: { netWh: 500n, soldWh: 1000n }, nanos: 0n },
    ])('of $why', ({ given, nanos }) => {
        expect(plainBill([slot(given)]).nanos).toBe(nanos);
    });

    it('says what was gained against the tariffs alone, on either side', () => {
        const bill = plainBill([slot({ netWh: -1000n, boughtWh: 800n }), slot({ netWh: 700n, soldWh: 600n })]);
        expect(bill.withoutMarketNanos - bill.nanos).toBe(bill.savedNanos + bill.sellersGainNanos);
        expect(bill).toMatchObject({ savedNanos: 64_000_000n, sellersGainNanos: 42_000_000n });
    });

    it('counts what a wrong forecast costs against the gain', () => {
        // 1000 Wh bought and 400 needed: 400 are 0.08 cheaper than retail, 600 are sold on at a loss of 0.14.
        const bill = plainBill([slot({ netWh: -400n, boughtWh: 1000n })]);
        expect(bill.savedNanos).toBe(400n * 80_000n - 600n * 140_000n);
        expect(bill.withoutMarketNanos - bill.nanos).toBe(bill.savedNanos);
    });

    it('refuses money for no energy', () => {
        expect(() => plainBill([slot({ earnedNanos: 1n })])).toThrow('but no energy');
    });

    it.each([
        [5n, 2n],
        [7n, 4n],
        [-5n, -2n],
        [-7n, -4n],
        [3n, 2n],
    ])('rounds %d halves to %d', (halves, whole) => {
        expect(halfEven(halves, 2n)).toBe(whole);
    });
});
