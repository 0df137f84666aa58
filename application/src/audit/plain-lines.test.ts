import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Terms } from '@commonwatt/chaincode/api/records';
import { issueBill, type Bill } from '@commonwatt/chaincode/domain/billing/bill';
import { cost, microsPerKwh, nanos, netEnergy, wattHours } from '@commonwatt/chaincode/domain/quantity';
import { settleDay } from '@commonwatt/chaincode/domain/settlement/settle';
import { slot } from '@commonwatt/chaincode/domain/slot';
import { nameOfLine, plainLines, plainTaxes, type PlainItem, type PlainLine } from './plain-lines';
import type { PlainSlot } from './plain-bill';
import { plainDue, type PlainDay } from './plain-tariff';

const RUNS = { numRuns: 60, seed: 20_250_416 };
const PAYER = { mspId: 'H1MSP', meters: 2 };
const MINOR = 10_000_000n;
const PRICES = { retail: 300_001n, feedIn: 79_999n, gridFee: 40_000n, communityFee: 30_007n };
const TERMS: Terms = {
    fromDay: '2010-01-01',
    toDay: null,
    ...PRICES,
    floor: 0n,
    cap: 500_000n,
    k: { numerator: 1n, denominator: 2n },
    gateSlots: 1,
    charges: [
        { kind: 'fixed', id: 'basic', payee: 'supplier', every: 'month', perMeter: false, amountNanos: 6_000_000_000n },
        { kind: 'fixed', id: 'metering', payee: 'grid', every: 'year', perMeter: true, amountNanos: 20_000_000_001n },
        { kind: 'percentage', id: 'levy', payee: 'community', ppm: 33_333n, of: ['localPurchase', 'retail'] },
    ],
    vat: {
        supplierPpm: 190_000n,
        gridPpm: 190_000n,
        communityPpm: 70_000n,
        poolPpm: 0n,
        members: [{ mspId: 'H1MSP', ppm: 70_000n }],
    },
};

/** Few amounts, so that lines of one price meet. */
const position = fc.record({
    netWh: fc.constantFrom(-3000n, -1n, 0n, 7n, 2500n),
    boughtWh: fc.constantFrom(0n, 3n, 700n),
    soldWh: fc.constantFrom(0n, 11n, 900n),
    contractedWh: fc.constantFrom(0n, 250n, -250n),
    price: fc.constantFrom(-5n, 0n, 85_000n, 120_000n),
    scheduled: fc.boolean(),
});
type Position = typeof position extends fc.Arbitrary<infer T> ? T : never;
const DAYS = ['2025-04-16', '2025-04-17'] as const;
const days = fc.array(fc.array(position, { minLength: 92, maxLength: 92 }), { minLength: 1, maxLength: 2 });

const receivedOf = ({ contractedWh }: Position): bigint => (contractedWh < 0n ? -contractedWh : 0n);

function plainSlot(each: Position, at: number): PlainSlot {
    const { netWh, boughtWh, soldWh, contractedWh, price, scheduled } = each;
    const money = { paidNanos: boughtWh * price, earnedNanos: soldWh * price };
    const imbalance = { retail: 350_000n, feedIn: 350_000n, gridFee: 0n, communityFee: 0n, tariff: PRICES };
    const contract = { contractedWh, receivedWh: receivedOf(each), paidNanos: 0n, isStorage: false };
    return {
        ...{ slot: at, netWh, boughtWh, soldWh, ...money },
        ...(scheduled ? imbalance : PRICES),
        ...(contractedWh === 0n ? {} : { contract }),
    };
}

/** The chaincode's bill of the same days. */
function billOf(given: readonly (readonly Position[])[], losses: bigint): Bill {
    const billed = given.map((positions, index) => {
        const first = 100 + index * positions.length;
        const inputs = positions.map((each, at) => ({
            slot: slot(first + at),
            prices: {
                retail: microsPerKwh(each.scheduled ? 350_000n : PRICES.retail),
                feedIn: microsPerKwh(each.scheduled ? 350_000n : PRICES.feedIn),
                gridFee: microsPerKwh(each.scheduled ? 0n : PRICES.gridFee),
                communityFee: microsPerKwh(each.scheduled ? 0n : PRICES.communityFee),
            },
            bought: wattHours(each.boughtWh),
            sold: wattHours(each.soldWh),
            paid: cost(wattHours(each.boughtWh), microsPerKwh(each.price)),
            earned: cost(wattHours(each.soldWh), microsPerKwh(each.price)),
            metered: netEnergy(each.netWh),
            estimated: false,
            ...(each.scheduled ? { scheduled: true as const } : {}),
            ...(each.contractedWh === 0n
                ? {}
                : { contracted: netEnergy(each.contractedWh), received: wattHours(receivedOf(each)) }),
        }));
        const day = { day: DAYS[index] ?? DAYS[0], first: slot(first), count: positions.length };
        const settlement = settleDay(day, 'H1MSP', inputs);
        return { settlement, charges: TERMS.charges ?? [], vat: TERMS.vat, meters: 2, losses: nanos(-losses) };
    });
    return issueBill('H1MSP', billed, MINOR);
}

const asPlain = (bill: Bill): [string, bigint, bigint][] =>
    bill.lines.map(({ item, charge = '', ppm, price = null, vatPpm, seller, energy, amount }) => [
        nameOfLine({ item: item as PlainItem, charge, ppm, price, vatPpm, seller }),
        energy,
        amount,
    ]);
const named = (lines: readonly PlainLine[]): [string, bigint, bigint][] =>
    lines.map((line) => [nameOfLine(line), line.energyWh, line.amountNanos]);
const sorted = (lines: [string, bigint, bigint][]): [string, bigint, bigint][] =>
    lines.sort(([one], [other]) => (one < other ? -1 : 1));

describe('the lines of a bill, worked out twice', () => {
    it('agree in name, energy and money, with their taxes and what is due', () => {
        fc.assert(
            fc.property(days, fc.constantFrom(0n, 123_456_789n), (given, lossesNanos) => {
                const plain = given.map((positions, index): PlainDay => ({
                    ...{ day: DAYS[index] ?? DAYS[0], terms: TERMS, lossesNanos },
                    slots: positions.map((each, at) => plainSlot(each, 100 + index * positions.length + at)),
                }));
                const bill = billOf(given, lossesNanos);
                const lines = plainLines(plain, PAYER);
                expect(sorted(named(lines))).toEqual(sorted(asPlain(bill)));
                expect(plainTaxes(lines, MINOR)).toBe(bill.taxes.reduce((sum, { tax }) => sum + tax, 0n));
                expect(plainDue(plain, PAYER, MINOR).dueMinor).toBe(bill.due);
            }),
            RUNS,
        );
    });
});
