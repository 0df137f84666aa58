import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as arbitrary from '../../testing/market/arbitraries';
import { billed, played, tradedAt, type HomeSlot } from '../../testing/market/day';
import { holds } from '../../testing/property';
import { gridBounds, type MarketPrices } from '../market-prices';
import { householdAccount } from '../postings';
import { microsPerKwh, netEnergy, wattHours } from '../quantity';
import { slot } from '../slot';
import { closeDay } from './close-day';
import { issueBill } from '../billing/bill';
import { settleSlot, slotBalance, withoutMarket } from './settle';

const SLOTS = 3;
const NAMES = ['H1', 'H2', 'H3', 'H4', 'H5'];
const price = (least: bigint, most: bigint) => fc.bigInt({ min: least, max: most }).map(microsPerKwh);
/** Feed-in may be above retail less fees: then rounds stay shut. */
const prices: fc.Arbitrary<MarketPrices> = fc.record({
    retail: price(4n, 12n),
    feedIn: price(0n, 5n),
    gridFee: price(0n, 2n),
    communityFee: price(0n, 2n),
});
const energy = fc.bigInt({ min: -6n, max: 6n });
const limit = fc.bigInt({ min: 0n, max: 10n });
const days = (home: fc.Arbitrary<HomeSlot>) =>
    fc
        .array(fc.array(home, { minLength: SLOTS, maxLength: SLOTS }), { minLength: 1, maxLength: NAMES.length })
        .map((homes) => Object.fromEntries(homes.map((slots, i) => [NAMES[i] ?? '', slots])));

describe('a day of any orders, readings and prices', () => {
    const any = days(fc.record({ metered: energy, ordered: energy, limit }));

    it('closes: all sums that can be had in two ways agree', () => {
        holds(
            fc.property(any, prices, arbitrary.k, (homes, at, k) => {
                const day = played(homes, at, k);
                const totals = closeDay(day);
                expect(totals.postings.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
                const metered = Object.values(homes)
                    .flat()
                    .reduce((sum, one) => sum + one.metered, 0n);
                expect(totals.exported - totals.imported).toBe(metered);
                expect(totals.postings.map(({ account }) => account)).not.toContain('clearing');
                expect(totals.postings.map(({ account }) => account)).not.toContain('deviation');
            }),
        );
    });

    it('closes where zones of the grid have fees of their own: the grid gets what each buyer pays', () => {
        holds(
            fc.property(any, prices, price(0n, 4n), (homes, at, fee) => {
                const day = played(homes, at, undefined, { H1: fee, H3: fee });
                const bought = (mspId: string): bigint =>
                    day.settlements
                        .filter((one) => one.mspId === mspId)
                        .flatMap(({ slots }) => slots)
                        .reduce((sum, one) => sum + one.bought, 0n);
                const owed = NAMES.map((name) => bought(name) * (['H1', 'H3'].includes(name) ? fee : at.gridFee));
                const got = closeDay(day).postings.find(({ account }) => account === 'grid')?.amount ?? 0n;
                expect(got).toBe(owed.reduce((sum, each) => sum + each, 0n));
            }),
        );
    });

    it('has bills that sum to what households pay, and miss it by half a cent at most', () => {
        holds(
            fc.property(any, prices, fc.bigInt({ min: 1n, max: 9n }), (homes, at, cent) => {
                for (const settlement of played(homes, at).settlements) {
                    const { balance, due, lines } = issueBill(settlement.mspId, [billed(settlement)], cent);
                    const posted = settlement.postings.find(
                        ({ account }) => account === householdAccount(settlement.mspId),
                    );
                    expect(balance).toBe(posted?.amount ?? 0n);
                    expect(lines.reduce((sum, { amount }) => sum + amount, 0n)).toBe(balance);
                    const off = 2n * (due * cent + balance);
                    expect(off <= cent && off >= -cent).toBe(true);
                }
            }),
        );
    });
});

describe('a household whose orders meet its metered net', () => {
    it('is never worse off than under retail and feed-in alone, whatever the others do', () => {
        const honest = fc
            .record({ metered: energy, limit })
            .map(({ metered, limit: worst }) => ({ metered, ordered: metered, limit: worst }));
        holds(
            fc.property(days(honest), prices, arbitrary.k, (homes, at, k) => {
                for (const { slots } of played(homes, at, k).settlements) {
                    for (const one of slots) {
                        expect(slotBalance(one) >= withoutMarket(one)).toBe(true);
                    }
                }
            }),
        );
    });

    it('is never worse off at any price inside the bounds, filled in part or in full', () => {
        const inside = prices
            .filter((at) => gridBounds(at) !== undefined)
            .chain((at) => {
                const { lowest, highest } = gridBounds(at) ?? { lowest: at.feedIn, highest: at.feedIn };
                return fc.tuple(fc.constant(at), price(lowest, highest));
            });
        holds(
            fc.property(inside, energy, fc.bigInt({ min: 0n, max: 6n }), ([at, paid], metered, part) => {
                const magnitude = metered < 0n ? -metered : metered;
                const fill = wattHours(part < magnitude ? part : magnitude);
                const settled = settleSlot({
                    slot: slot(1),
                    prices: at,
                    ...tradedAt(paid, metered < 0n ? fill : 0n, metered < 0n ? 0n : fill),
                    metered: netEnergy(metered),
                    estimated: false,
                });
                expect(slotBalance(settled) >= withoutMarket(settled)).toBe(true);
            }),
        );
    });
});
