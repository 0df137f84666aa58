import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { billed, DEMONSTRATION, tradedAt } from '../../testing/market/day';
import { holds } from '../../testing/property';
import { dayFrom, daysSinceEpoch, type CalendarDay } from '../calendar';
import { balanceOf, householdAccount } from '../postings';
import { netEnergy } from '../quantity';
import type { DaySettlement } from '../settlement/position';
import { settleDay } from '../settlement/settle';
import { slot } from '../slot';
import { CHARGEABLE, type Charge } from '../tariff/charges';
import type { VatTerms } from '../tariff/vat';
import { issueBill } from './bill';
import type { BilledDay } from './lines';

const CENT = 10_000_000n;
const EURO = 1_000_000_000n;
const MONTHLY: Charge = {
    kind: 'fixed',
    id: 'basic',
    payee: 'supplier',
    every: 'month',
    perMeter: false,
    amountNanos: 9n * EURO,
};
const YEARLY: Charge = {
    kind: 'fixed',
    id: 'metering',
    payee: 'grid',
    every: 'year',
    perMeter: true,
    amountNanos: 20n * EURO,
};
const LEVY: Charge = { kind: 'percentage', id: 'levy', payee: 'community', ppm: 20_000n, of: ['retail', 'gridFee'] };
const VAT: VatTerms = {
    supplierPpm: 190_000n,
    gridPpm: 190_000n,
    communityPpm: 190_000n,
    poolPpm: 0n,
    members: [],
};

/** A day of one slot: 400 of 1000 Wh bought at 0.15, or what is said. */
function day(name: string, given: { metered?: bigint; bought?: bigint; sold?: bigint } = {}): DaySettlement {
    const { metered = -1000n, bought = 400n, sold = 0n } = given;
    const first = slot(daysSinceEpoch(name) * 96);
    const position = {
        prices: DEMONSTRATION,
        estimated: false,
        slot: first,
        ...tradedAt(150_000n, bought, sold),
        metered: netEnergy(metered),
    };
    return settleDay({ day: name as CalendarDay, first, count: 1 }, 'H1MSP', [position]);
}
const daysFrom = (first: string, count: number, change: Partial<BilledDay>): BilledDay[] =>
    Array.from({ length: count }, (_, i) => billed(day(dayFrom(daysSinceEpoch(first) + i)), change));
const lineOf = (days: readonly BilledDay[], item: string) =>
    issueBill('H1MSP', days, CENT).lines.filter((line) => line.item === item);

describe('fixed charges', () => {
    it.each([
        { what: 'a whole month', first: '2025-04-01', count: 30, charge: MONTHLY, amount: -9n * EURO },
        { what: 'a day of a month of 30', first: '2025-04-16', count: 1, charge: MONTHLY, amount: -300_000_000n },
        { what: 'a part of a month of 28', first: '2025-02-15', count: 14, charge: MONTHLY, amount: -4_500_000_000n },
        { what: 'from one month into the next', first: '2025-04-30', count: 2, charge: MONTHLY, amount: -590_322_580n },
        { what: 'a year, each of two meters', first: '2025-01-01', count: 365, charge: YEARLY, amount: -40n * EURO },
        { what: 'a leap year', first: '2024-01-01', count: 366, charge: YEARLY, amount: -40n * EURO },
    ])('are pro rata by day: $what', ({ first, count, charge, amount }) => {
        expect(lineOf(daysFrom(first, count, { charges: [charge], meters: 2 }), 'fixed')).toEqual([
            {
                item: 'fixed',
                charge: charge.id,
                price: undefined,
                energy: 0n,
                amount,
                rounds: [],
                days: count,
                seller: charge.payee,
                vatPpm: 0n,
            },
        ]);
    });

    it('come to the same however a period is divided among bills', () => {
        const periods = fc.record({
            first: fc.integer({ min: 0, max: 500 }),
            lengths: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
            amountNanos: fc.bigInt({ min: 0n, max: 100n }),
            every: fc.constantFrom('month' as const, 'year' as const),
        });
        holds(
            fc.property(periods, ({ first, lengths, amountNanos, every }) => {
                const charges: Charge[] = [
                    { kind: 'fixed', id: 'c', payee: 'grid', perMeter: false, every, amountNanos },
                ];
                const sum = (from: number, count: number): bigint =>
                    lineOf(daysFrom(dayFrom(from), count, { charges }), 'fixed').reduce(
                        (so, { amount }) => so + amount,
                        0n,
                    );
                const begin = daysSinceEpoch('2023-06-01') + first;
                let parts = 0n;
                let from = begin;
                for (const length of lengths) {
                    parts += sum(from, length);
                    from += length;
                }
                expect(parts).toBe(sum(begin, from - begin));
            }),
            60,
        );
    });
});

describe('percentages', () => {
    it('are taken of what is paid for their items, once for the bill', () => {
        // 600 Wh at 0.30 and 400 Wh at 0.04 are 0.196; 2 % of two days of that.
        expect(lineOf(daysFrom('2025-04-16', 2, { charges: [LEVY] }), 'percentage')).toMatchObject([
            { charge: 'levy', ppm: 20_000n, amount: -7_840_000n, days: 2, seller: 'community' },
        ]);
    });

    it('are nothing of what is sold', () => {
        const sale = billed(day('2025-04-16', { metered: 500n, bought: 0n, sold: 500n }), { charges: [LEVY] });
        expect(lineOf([sale], 'percentage')).toMatchObject([{ amount: 0n }]);
    });
});

describe('value added tax', () => {
    it('is added for each rate, rounded once each, at the rate of who sells', () => {
        const bill = issueBill('H1MSP', daysFrom('2025-04-16', 1, { charges: [MONTHLY], vat: VAT }), CENT);
        expect(bill.lines.map(({ item, seller, vatPpm, amount }) => [item, seller, vatPpm, amount])).toEqual([
            ['localPurchase', 'pool', 0n, -60_000_000n],
            ['gridFee', 'grid', 190_000n, -16_000_000n],
            ['communityFee', 'community', 190_000n, -12_000_000n],
            ['retail', 'supplier', 190_000n, -180_000_000n],
            ['fixed', 'supplier', 190_000n, -300_000_000n],
        ]);
        expect(bill.taxes).toEqual([
            { on: 'bought', ppm: 0n, net: -60_000_000n, tax: 0n },
            { on: 'bought', ppm: 190_000n, net: -508_000_000n, tax: 10n }, // 9.652 cents
        ]);
        // 56.8 cents are 57, and the tax.
        expect(bill.due).toBe(67n);
        expect(bill.postings).toEqual([
            { account: 'household:H1MSP', amount: -402_000_000n },
            { account: 'rounding', amount: 2_000_000n },
            { account: 'supplier', amount: 300_000_000n },
            { account: 'vat', amount: 100_000_000n },
        ]);
    });

    it('is paid to a household that owes it on its sales, and to no other', () => {
        const sale = day('2025-04-16', { metered: 500n, bought: 0n, sold: 500n });
        const vat = { ...VAT, members: [{ mspId: 'H1MSP', ppm: 200_000n }] };
        expect(issueBill('H1MSP', [billed(sale, { vat })], CENT)).toMatchObject({
            taxes: [{ on: 'sold', ppm: 200_000n, net: 75_000_000n, tax: -2n }], // 1.5 cents
            due: -10n, // 7.5 are 8
        });
        expect(issueBill('H1MSP', [billed(sale, { vat: VAT })], CENT).due).toBe(-8n);
    });

    it('has two lines and two taxes where its rate changes inside the period', () => {
        const [first, second] = ['2020-12-31', '2021-01-01'].map((name, i) =>
            billed(day(name, { bought: 0n }), { vat: { ...VAT, supplierPpm: i === 0 ? 160_000n : 190_000n } }),
        );
        const bill = issueBill(
            'H1MSP',
            [first, second].flatMap((each) => each ?? []),
            CENT,
        );
        expect(bill.lines.map(({ vatPpm, amount }) => [vatPpm, amount])).toEqual([
            [160_000n, -300_000_000n],
            [190_000n, -300_000_000n],
        ]);
        expect(bill.taxes.map(({ tax }) => tax)).toEqual([5n, 6n]); // 4.8 and 5.7
    });
});

describe('a bill of any charges and rates', () => {
    const ppm = fc.bigInt({ min: 0n, max: 3n }).map((n) => n * 95_000n);
    const charge: fc.Arbitrary<Charge> = fc.oneof(
        fc.record({
            kind: fc.constant('fixed' as const),
            id: fc.constantFrom('a', 'b'),
            payee: fc.constantFrom('supplier' as const, 'grid' as const),
            every: fc.constantFrom('month' as const, 'year' as const),
            perMeter: fc.boolean(),
            amountNanos: fc.bigInt({ min: 0n, max: 50n * CENT }),
        }),
        fc.record({
            kind: fc.constant('percentage' as const),
            id: fc.constantFrom('p', 'q'),
            payee: fc.constantFrom('grid' as const, 'community' as const),
            ppm,
            of: fc.subarray([...CHARGEABLE], { minLength: 1 }),
        }),
    );
    const vat = fc.option(
        fc.record({
            supplierPpm: ppm,
            gridPpm: ppm,
            communityPpm: ppm,
            poolPpm: ppm,
            members: ppm.map((rate) => [{ mspId: 'H1MSP', ppm: rate }]),
        }),
        { nil: undefined },
    );
    const days = fc
        .array(
            fc.record({
                metered: fc.bigInt({ min: -900n, max: 900n }),
                bought: fc.bigInt({ min: 0n, max: 300n }),
                sold: fc.bigInt({ min: 0n, max: 300n }),
                charges: fc.array(charge, { maxLength: 3 }),
                vat,
            }),
            { minLength: 1, maxLength: 3 },
        )
        .map((list) =>
            list.map(({ charges, vat: rates, ...energy }, i) => {
                const settled = day(dayFrom(daysSinceEpoch('2025-04-29') + i), energy);
                return billed(settled, { charges, vat: rates, meters: 2 });
            }),
        );

    it('moves exactly what is due, and misses its lines by half a cent and half a cent for each tax at most', () => {
        holds(
            fc.property(days, (given) => {
                const bill = issueBill('H1MSP', given, CENT);
                const own = householdAccount('H1MSP');
                const settled = given.reduce((sum, { settlement }) => sum + balanceOf(own, settlement.postings), 0n);
                expect(settled + balanceOf(own, bill.postings)).toBe(0n - bill.due * CENT);
                expect(bill.postings.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
                expect(bill.lines.reduce((sum, { amount }) => sum + amount, 0n)).toBe(bill.balance);
                expect(bill.taxes.reduce((sum, { net }) => sum + net, 0n)).toBe(bill.balance);
                const exact = bill.lines.reduce((sum, { amount, vatPpm }) => sum - amount * (1_000_000n + vatPpm), 0n);
                const off = 2n * (bill.due * CENT * 1_000_000n - exact);
                const most = CENT * 1_000_000n * BigInt(1 + bill.taxes.length);
                expect(off <= most && off >= -most).toBe(true);
            }),
        );
    });
});
