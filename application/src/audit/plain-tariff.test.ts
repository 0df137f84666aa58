import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Terms } from '@commonwatt/chaincode/api/records';
import { issueBill } from '@commonwatt/chaincode/domain/billing/bill';
import { billCorrections } from '@commonwatt/chaincode/domain/billing/corrected';
import { cost, microsPerKwh, netEnergy, wattHours } from '@commonwatt/chaincode/domain/quantity';
import { settleDay } from '@commonwatt/chaincode/domain/settlement/settle';
import { dayFrom, daysSinceEpoch } from '@commonwatt/chaincode/domain/calendar';
import { dayOf, localDay, slot as slotNumber } from '@commonwatt/chaincode/domain/slot';
import { pricesAt, roundPricesAt } from '@commonwatt/chaincode/domain/tariff/bands';
import {
    plainCorrected,
    plainDue,
    plainPrices,
    plainRoundPrices,
    type PlainCorrectedDay,
    type PlainDay,
} from './plain-tariff';

const RUNS = { numRuns: 200, seed: 20_250_416 };
/** Clocks go forward on 2025-03-30. */
const CLOCK = [
    { fromSlot: 0, offsetMinutes: 60 },
    { fromSlot: 1_743_296_400 / 900, offsetMinutes: 120 },
];
const clock = CLOCK.map(({ fromSlot, offsetMinutes }) => ({ fromSlot: slotNumber(fromSlot), offsetMinutes }));
const OWN = { retail: 300_001n, feedIn: 79_999n, gridFee: 40_000n, communityFee: 30_007n };

const terms = fc
    .record({
        bands: fc.array(
            fc.record({
                name: fc.constantFrom('a', 'b', 'c'),
                days: fc.constantFrom('all' as const, 'workdays' as const, 'weekend' as const),
                fromQuarter: fc.integer({ min: 0, max: 95 }),
                toQuarter: fc.integer({ min: 1, max: 96 }),
                retail: fc.bigInt({ min: 200_000n, max: 400_000n }),
                feedIn: fc.constant(50_000n),
                gridFee: fc.bigInt({ min: 20_000n, max: 50_000n }),
                communityFee: fc.constant(10_000n),
            }),
            { maxLength: 3 },
        ),
        zoneFees: fc.array(
            fc.record({
                from: fc.constantFrom('pool', 'hill'),
                to: fc.constantFrom('hill', 'valley'),
                differencePerKwh: fc.bigInt({ min: -20_000n, max: 20_000n }),
            }),
            { maxLength: 2 },
        ),
        charges: fc.array(
            fc.oneof(
                fc.record({
                    kind: fc.constant('fixed' as const),
                    id: fc.constantFrom('f', 'g'),
                    payee: fc.constantFrom('supplier' as const, 'grid' as const),
                    every: fc.constantFrom('month' as const, 'year' as const),
                    perMeter: fc.boolean(),
                    amountNanos: fc.bigInt({ min: 0n, max: 10_000_000_000n }),
                }),
                fc.record({
                    kind: fc.constant('percentage' as const),
                    id: fc.constantFrom('p', 'q'),
                    payee: fc.constantFrom('grid' as const, 'community' as const),
                    ppm: fc.bigInt({ min: 0n, max: 100_000n }),
                    of: fc.subarray(['localPurchase', 'gridFee', 'communityFee', 'retail'] as const, { minLength: 1 }),
                }),
            ),
            { maxLength: 3 },
        ),
        vat: fc.option(
            fc.record({
                supplierPpm: fc.constantFrom(190_000n, 220_000n),
                gridPpm: fc.constantFrom(0n, 190_000n),
                communityPpm: fc.constantFrom(70_000n, 190_000n),
                poolPpm: fc.constantFrom(0n, 70_000n),
                members: fc.array(fc.constant({ mspId: 'H1MSP', ppm: 190_000n }), { maxLength: 1 }),
            }),
            { nil: undefined },
        ),
    })
    .map((change): Terms => ({
        fromDay: '2010-01-01',
        toDay: null,
        ...OWN,
        floor: 0n,
        cap: 500_000n,
        k: { numerator: 1n, denominator: 2n },
        gateSlots: 1,
        ...change,
    }));

describe('tariffs that are worked out twice agree', () => {
    it('prices: of any slot, zone and band, by local time', () => {
        const first = localDay('2025-03-29', clock).first;
        fc.assert(
            fc.property(
                terms,
                fc.integer({ min: 0, max: 300 }),
                fc.constantFrom(undefined, 'hill', 'far'),
                (of, n, zone) => {
                    const at = slotNumber(first + n);
                    const day = dayOf(at, clock);
                    expect(plainPrices(of, { clock: CLOCK }, at, zone)).toEqual(pricesAt(of, clock, day, at, zone));
                    expect(plainRoundPrices(of, { clock: CLOCK }, at).gridFee).toBe(
                        roundPricesAt(of, clock, day, at).gridFee,
                    );
                },
            ),
            RUNS,
        );
    });

    it('bills: charges, taxes and what is due, over days whose terms differ', () => {
        const energy = fc.record({
            netWh: fc.bigInt({ min: -3000n, max: 3000n }),
            boughtWh: fc.bigInt({ min: 0n, max: 2000n }),
            soldWh: fc.bigInt({ min: 0n, max: 2000n }),
            price: fc.bigInt({ min: -50_000n, max: 230_000n }),
        });
        const days = fc.array(fc.tuple(terms, fc.array(energy, { minLength: 4, maxLength: 4 })), {
            minLength: 1,
            maxLength: 4,
        });
        fc.assert(
            fc.property(days, fc.integer({ min: 0, max: 800 }), (given, begin) => {
                const plain: PlainDay[] = [];
                const billed = given.map(([of, slots], i) => {
                    const { charges = [], vat } = of;
                    const day = dayFrom(daysSinceEpoch('2023-12-20') + begin + i);
                    const { first } = localDay(day, clock);
                    plain.push({
                        day,
                        terms: of,
                        slots: slots.map(({ price, ...each }, n) => ({
                            ...each,
                            slot: first + n,
                            paidNanos: each.boughtWh * price,
                            earnedNanos: each.soldWh * price,
                            ...plainPrices(of, { clock: CLOCK }, first + n, 'hill'),
                        })),
                    });
                    const positions = slots.map(({ netWh, boughtWh, soldWh, price }, n) => ({
                        slot: slotNumber(first + n),
                        prices: pricesAt(of, clock, { day }, slotNumber(first + n), 'hill'),
                        bought: wattHours(boughtWh),
                        sold: wattHours(soldWh),
                        paid: cost(wattHours(boughtWh), microsPerKwh(price)),
                        earned: cost(wattHours(soldWh), microsPerKwh(price)),
                        metered: netEnergy(netWh),
                        estimated: false,
                    }));
                    return {
                        settlement: settleDay({ day, first, count: 4 }, 'H1MSP', positions),
                        charges,
                        vat,
                        meters: 2,
                    };
                });
                const bill = issueBill('H1MSP', billed, 10_000_000n);
                const own = plainDue(plain, { mspId: 'H1MSP', meters: 2 });
                const taxes = bill.taxes.reduce((sum, { tax }) => sum + tax, 0n);
                expect([own.netNanos, own.taxMinor, own.dueMinor]).toEqual([0n - bill.balance, taxes, bill.due]);
            }),
            RUNS,
        );
    });

    it('corrections: taxes and percentages of the difference, however many stand on a bill', () => {
        const net = fc.bigInt({ min: -900n, max: 900n });
        const slots = fc.array(
            fc.record({
                before: net,
                steps: fc.array(net, { minLength: 1, maxLength: 2 }),
                boughtWh: fc.constantFrom(0n, 400n),
            }),
            { minLength: 2, maxLength: 2 },
        );
        const days = fc.array(fc.tuple(terms, slots), { minLength: 1, maxLength: 3 });
        fc.assert(
            fc.property(days, (given) => {
                const plain: PlainCorrectedDay[] = [];
                const corrected = given.flatMap(([of, each], i) => {
                    const day = dayFrom(daysSinceEpoch('2024-03-01') + i);
                    const { first } = localDay(day, clock);
                    const price = 120_000n;
                    const plainOf = (nets: readonly bigint[]) =>
                        each.map(({ boughtWh }, n) => ({
                            ...{ slot: first + n, netWh: nets[n] ?? 0n, boughtWh, soldWh: 0n, earnedNanos: 0n },
                            paidNanos: boughtWh * price,
                            ...plainPrices(of, { clock: CLOCK }, first + n),
                        }));
                    const settled = (nets: readonly bigint[]) =>
                        settleDay(
                            { day, first, count: 2 },
                            'H1MSP',
                            each.map(({ boughtWh }, n) => ({
                                slot: slotNumber(first + n),
                                prices: pricesAt(of, clock, { day }, slotNumber(first + n), undefined),
                                bought: wattHours(boughtWh),
                                sold: wattHours(0n),
                                paid: cost(wattHours(boughtWh), microsPerKwh(price)),
                                earned: cost(wattHours(0n), microsPerKwh(price)),
                                metered: netEnergy(nets[n] ?? 0n),
                                estimated: false,
                            })),
                        );
                    const [start, middle, end] = [
                        each.map(({ before }) => before),
                        each.map(({ steps }) => steps[0] ?? 0n),
                        each.map(({ steps }) => steps.at(-1) ?? 0n),
                    ];
                    plain.push({ day, terms: of, slots: plainOf(start), corrected: plainOf(end) });
                    const { charges = [], vat } = of;
                    return [
                        { before: settled(start), after: settled(middle), charges, vat },
                        { before: settled(middle), after: settled(end), charges, vat },
                    ];
                });
                const bill = billCorrections('H1MSP', corrected, 10_000_000n);
                const own = plainCorrected(plain, { mspId: 'H1MSP', meters: 1 });
                expect([own.netNanos, own.dueMinor]).toEqual([0n - (bill?.balance ?? 0n), bill?.due]);
                const household = bill?.postings.find(({ account }) => account === 'household:H1MSP')?.amount ?? 0n;
                expect((bill?.corrected ?? 0n) + household).toBe(-own.dueMinor * 10_000_000n);
                expect(bill?.postings.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
            }),
            RUNS,
        );
    });
});
