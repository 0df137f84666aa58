import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEMONSTRATION } from '../../testing/market/day';
import { holds } from '../../testing/property';
import { balanceOf, householdAccount } from '../postings';
import { microsPerKwh, netEnergy, total } from '../quantity';
import { slot } from '../slot';
import { compareFeeder, lossPostings, LOSS_PAYERS, type FeederSlot, type LossTerms } from './comparison';

const TERMS: LossTerms = { constantWh: 5n, lossPpm: 20_000n, tolerancePpm: 10_000n, payer: 'community' };
const at = (i: number, feeder: bigint, metered: bigint): FeederSlot => ({
    slot: slot(100 + i),
    feeder: netEnergy(feeder),
    metered: netEnergy(metered),
});

describe('the feeder’s meter beside the sum of the meters', () => {
    it.each([
        // Import: more left the feeder than the meters counted. 1,000 Wh: 5 + 20 expected, 10 tolerated.
        { feeder: -1000n, metered: -975n, lost: 25n, expected: 25n, fits: true },
        { feeder: -1000n, metered: -965n, lost: 35n, expected: 25n, fits: true },
        { feeder: -1000n, metered: -964n, lost: 36n, expected: 25n, fits: false },
        // Export: less arrived at the feeder than the meters counted.
        { feeder: 1000n, metered: 1025n, lost: 25n, expected: 25n, fits: true },
        { feeder: 1000n, metered: 1015n, lost: 15n, expected: 25n, fits: true },
        // More arrived than was sent: a meter counts too much.
        { feeder: 1000n, metered: 900n, lost: -100n, expected: 25n, fits: false },
        // Nothing passes the feeder: the constant, and a watt-hour of tolerance.
        { feeder: 0n, metered: 5n, lost: 5n, expected: 5n, fits: true },
        { feeder: 0n, metered: 6n, lost: 6n, expected: 5n, fits: true },
        { feeder: 0n, metered: 7n, lost: 7n, expected: 5n, fits: false },
        // Parts of a watt-hour are left out.
        { feeder: -49n, metered: -44n, lost: 5n, expected: 5n, fits: true },
        { feeder: -50n, metered: -44n, lost: 6n, expected: 6n, fits: true },
    ])('$feeder against $metered: $lost lost, $expected expected', ({ feeder, metered, ...expected }) => {
        const { slots } = compareFeeder([at(0, feeder, metered)], TERMS);
        expect(slots[0]).toMatchObject({ ...expected, residual: expected.lost - expected.expected });
    });

    it('may have slots that do not fit in a day that does', () => {
        const day = compareFeeder([at(0, -1000n, -964n), at(1, -1000n, -986n)], TERMS);
        expect(day.slots.map(({ fits }) => fits)).toEqual([false, false]);
        expect(day).toMatchObject({ lost: 50n, expected: 50n, residual: 0n, fits: true });
    });

    it('says of a day with a meter that counts half that it does not fit', () => {
        const day = compareFeeder([at(0, -1000n, -700n), at(1, -1000n, -700n)], TERMS);
        expect(day).toMatchObject({ residual: 550n, fits: false });
    });
});

const MEMBERS = [
    { mspId: 'H1MSP', importLimitW: 3000n },
    { mspId: 'H2MSP', importLimitW: 6000n },
    { mspId: 'H3MSP', importLimitW: 1000n },
];

describe('the money of losses', () => {
    it.each([
        // 25 Wh that the supplier delivered and no meter counted: at retail.
        { payer: 'community' as const, account: 'community' as const, amount: -7_500_000n },
        { payer: 'grid' as const, account: 'grid' as const, amount: -7_500_000n },
        { payer: 'members' as const, account: householdAccount('H2MSP'), amount: -4_500_000n },
    ])('is paid by $payer', ({ payer, account, amount }) => {
        const { cost, postings } = lossPostings([at(0, -1000n, -975n)], [DEMONSTRATION], payer, MEMBERS);
        expect(cost).toBe(7_500_000n);
        expect(balanceOf('supplier', postings)).toBe(7_500_000n);
        expect(balanceOf(account, postings)).toBe(amount);
    });

    it('is at feed-in where the community exports, and at both where it only seems to', () => {
        const prices = [DEMONSTRATION, DEMONSTRATION];
        const { cost } = lossPostings([at(0, 1000n, 1025n), at(1, -10n, 10n)], prices, 'grid', MEMBERS);
        expect(cost).toBe(25n * 80_000n + (10n * 80_000n + 10n * 300_000n));
    });

    it('is divided by what connections carry, or evenly where they carry nothing', () => {
        const none = MEMBERS.map(({ mspId }) => ({ mspId, importLimitW: 0n }));
        const free = { ...DEMONSTRATION, retail: microsPerKwh(1n), feedIn: microsPerKwh(0n) };
        const { postings } = lossPostings([at(0, -10n, 0n)], [free], 'members', none);
        expect(postings.filter(({ account }) => account !== 'supplier').map(({ amount }) => amount)).toEqual([
            -4n,
            -3n,
            -3n,
        ]);
    });

    it('comes to zero whoever pays, and the supplier gets what the feeder’s meter saw', () => {
        const wh = fc.bigInt({ min: -30n, max: 30n });
        const law = fc.property(
            fc.array(fc.tuple(wh, wh), { minLength: 1, maxLength: 6 }),
            fc.constantFrom(...LOSS_PAYERS),
            fc.bigInt({ min: 0n, max: 3n }),
            fc.bigInt({ min: 0n, max: 3n }),
            (pairs, payer, feedIn, spread) => {
                const prices = {
                    ...DEMONSTRATION,
                    feedIn: microsPerKwh(feedIn),
                    retail: microsPerKwh(feedIn + spread),
                };
                const slots = pairs.map(([feeder, metered], i) => at(i, feeder, metered));
                const { cost, postings } = lossPostings(
                    slots,
                    slots.map(() => prices),
                    payer,
                    MEMBERS,
                );
                expect(total(postings.map(({ amount }) => amount))).toBe(0n);
                expect(balanceOf('losses', postings)).toBe(0n);
                const atMeter = (net: bigint): bigint => (net < 0n ? net * prices.retail : net * prices.feedIn);
                const paid = (of: (each: FeederSlot) => bigint): bigint =>
                    slots.reduce((sum, each) => sum - atMeter(of(each)), 0n);
                expect(paid(({ metered }) => metered) + cost).toBe(paid(({ feeder }) => feeder));
            },
        );
        holds(law);
    });
});
