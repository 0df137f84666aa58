import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clear } from '@commonwatt/chaincode/domain/auction/uniform-price';
import type { Order, RoundRules } from '@commonwatt/chaincode/domain/auction/order';
import { gridBounds, type MarketPrices } from '@commonwatt/chaincode/domain/market-prices';
import { cost, fraction, microsPerKwh, netEnergy, wattHours } from '@commonwatt/chaincode/domain/quantity';
import { slot } from '@commonwatt/chaincode/domain/slot';
import { settleDay } from '@commonwatt/chaincode/domain/settlement/settle';
import { issueBill } from '@commonwatt/chaincode/domain/billing/bill';
import { plainBill, type PlainSlot } from './plain-bill';
import { plainRound, type PlainOrder } from './plain-round';

const RUNS = { numRuns: 400, seed: 20_250_416 };
const TERMS = { retail: 12n, feedIn: 2n, gridFee: 1n, communityFee: 1n };

/** Few prices, energies, owners and salts, so that limits tie, remainders tie and members meet themselves. */
const orders = fc
    .array(
        fc.record({
            owner: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
            side: fc.constantFrom<'buy' | 'sell'>('buy', 'sell'),
            wh: fc.bigInt({ min: 1n, max: 7n }),
            limit: fc.bigInt({ min: 0n, max: 13n }),
            salt: fc.constantFrom('00'.repeat(32), '11'.repeat(32), 'ab'.repeat(32)),
        }),
        { maxLength: 14 },
    )
    .map((list) => list.map((order, index): PlainOrder => ({ ...order, name: `${order.owner}MSP/o${index}` })));

const prices: MarketPrices = {
    retail: microsPerKwh(TERMS.retail),
    feedIn: microsPerKwh(TERMS.feedIn),
    gridFee: microsPerKwh(TERMS.gridFee),
    communityFee: microsPerKwh(TERMS.communityFee),
};

function asDomain({ name, owner, side, wh, limit, salt }: PlainOrder): Order {
    return { id: name, member: owner, side, energy: wattHours(wh), limit: microsPerKwh(limit), salt };
}

describe('what is worked out twice agrees', () => {
    it.each([
        { numerator: 1n, denominator: 2n },
        { numerator: 0n, denominator: 1n },
        { numerator: 1n, denominator: 1n },
        { numerator: 1n, denominator: 3n },
    ])('auction: price, volume and every fill, at k = $numerator/$denominator', (k) => {
        const rules: RoundRules = { k: fraction(k.numerator, k.denominator), grid: gridBounds(prices) ?? 'shut' };
        fc.assert(
            fc.property(orders, (book) => {
                const plain = plainRound(book, { ...TERMS, k });
                const domain = clear(book.map(asDomain), rules);
                expect(plain.volume).toBe(domain.volume);
                expect(plain.price).toBe(domain.price);
                for (const { order, fill } of domain.outcomes) {
                    expect([order, plain.fills.get(order) ?? 0n]).toEqual([order, fill]);
                }
            }),
            RUNS,
        );
    });

    it('bill: what a household owes to the nano, and to the cent', () => {
        const position = fc.record({
            netWh: fc.bigInt({ min: -3000n, max: 3000n }),
            boughtWh: fc.bigInt({ min: 0n, max: 2000n }),
            soldWh: fc.bigInt({ min: 0n, max: 2000n }),
            price: fc.bigInt({ min: -50_000n, max: 230_000n }),
        });
        const tariffs = { retail: 300_001n, feedIn: 79_999n, gridFee: 40_000n, communityFee: 30_007n };
        fc.assert(
            fc.property(fc.array(position, { minLength: 96, maxLength: 96 }), (given) => {
                const plain = plainBill(
                    given.map(({ price, ...each }, index): PlainSlot => {
                        const money = { paidNanos: each.boughtWh * price, earnedNanos: each.soldWh * price };
                        return { ...each, ...money, ...tariffs, slot: 100 + index };
                    }),
                );
                const settlement = settleDay(
                    { day: '2025-04-16', first: slot(100), count: 96 },
                    'H1MSP',
                    given.map(({ netWh, boughtWh, soldWh, price }, index) => ({
                        slot: slot(100 + index),
                        prices: {
                            retail: microsPerKwh(tariffs.retail),
                            feedIn: microsPerKwh(tariffs.feedIn),
                            gridFee: microsPerKwh(tariffs.gridFee),
                            communityFee: microsPerKwh(tariffs.communityFee),
                        },
                        bought: wattHours(boughtWh),
                        sold: wattHours(soldWh),
                        paid: cost(wattHours(boughtWh), microsPerKwh(price)),
                        earned: cost(wattHours(soldWh), microsPerKwh(price)),
                        metered: netEnergy(netWh),
                        estimated: false,
                    })),
                );
                const bill = issueBill('H1MSP', [{ settlement, charges: [], vat: undefined, meters: 1 }], 10_000_000n);
                expect([0n - bill.balance, bill.due]).toEqual([plain.nanos, plain.minorUnits]);
            }),
            { ...RUNS, numRuns: 60 },
        );
    });
});
