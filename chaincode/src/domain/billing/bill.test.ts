import { describe, expect, it } from '@jest/globals';
import { billed, DEMONSTRATION, tradedAt } from '../../testing/market/day';
import { Imbalance } from '../postings';
import { nanos, netEnergy } from '../quantity';
import { slot } from '../slot';
import { issueBill } from './bill';
import type { DaySettlement, SlotPosition } from '../settlement/position';
import { settleDay } from '../settlement/settle';

const CENT = 10_000_000n;

/** A day of two slots: 400 of 1000 Wh bought at 0.15; then 500 Wh sold at 0.12 and 20 fed in. */
function day(name: '2014-10-03' | '2014-10-04' | '2014-10-05', first: number, mspId = 'H1MSP'): DaySettlement {
    const common = { prices: DEMONSTRATION, estimated: false };
    const positions: SlotPosition[] = [
        {
            ...common,
            slot: slot(first),
            ...tradedAt(150_000n, 400n),
            metered: netEnergy(-1000n),
        },
        {
            ...common,
            slot: slot(first + 1),
            ...tradedAt(120_000n, 0n, 500n),
            metered: netEnergy(520n),
        },
    ];
    return settleDay({ day: name, first: slot(first), count: 2 }, mspId, positions);
}

describe('issueBill', () => {
    it('lists what was bought and sold at which price in which rounds, and rounds once', () => {
        expect(issueBill('H1MSP', [billed(day('2014-10-03', 100))], CENT)).toEqual({
            mspId: 'H1MSP',
            from: '2014-10-03',
            to: '2014-10-03',
            lines: [
                {
                    item: 'localSale',
                    price: 120_000n,
                    energy: 500n,
                    amount: 60_000_000n,
                    rounds: [101],
                    seller: 'household',
                    vatPpm: 0n,
                },
                {
                    item: 'localPurchase',
                    price: 150_000n,
                    energy: 400n,
                    amount: -60_000_000n,
                    rounds: [100],
                    seller: 'pool',
                    vatPpm: 0n,
                },
                {
                    item: 'gridFee',
                    price: 40_000n,
                    energy: 400n,
                    amount: -16_000_000n,
                    rounds: [100],
                    seller: 'grid',
                    vatPpm: 0n,
                },
                {
                    item: 'communityFee',
                    price: 30_000n,
                    energy: 400n,
                    amount: -12_000_000n,
                    rounds: [100],
                    seller: 'community',
                    vatPpm: 0n,
                },
                {
                    item: 'feedIn',
                    price: 80_000n,
                    energy: 20n,
                    amount: 1_600_000n,
                    rounds: [101],
                    seller: 'household',
                    vatPpm: 0n,
                },
                {
                    item: 'retail',
                    price: 300_000n,
                    energy: 600n,
                    amount: -180_000_000n,
                    rounds: [100],
                    seller: 'supplier',
                    vatPpm: 0n,
                },
            ],
            balance: -206_400_000n,
            taxes: [
                { on: 'bought', ppm: 0n, net: -268_000_000n, tax: 0n },
                { on: 'sold', ppm: 0n, net: 61_600_000n, tax: 0n },
            ],
            due: 21n, // 20.64 cents
            postings: [
                { account: 'household:H1MSP', amount: -3_600_000n },
                { account: 'rounding', amount: 3_600_000n },
            ],
            provisional: false,
        });
    });

    it('joins lines of one item and price over its days', () => {
        const bill = issueBill('H1MSP', [billed(day('2014-10-03', 100)), billed(day('2014-10-04', 196))], CENT);
        expect(bill.lines.map(({ item, energy, rounds }) => [item, energy, rounds])).toContainEqual([
            'retail',
            1200n,
            [100, 196],
        ]);
        expect([bill.lines.length, bill.from, bill.to, bill.balance, bill.due]).toEqual([
            6,
            '2014-10-03',
            '2014-10-04',
            -412_800_000n,
            41n,
        ]);
    });

    it.each([
        { metered: -50n, due: 2n, rounding: 5_000_000n, why: '1.5 cents to 2' },
        { metered: -150n, due: 4n, rounding: -5_000_000n, why: '4.5 cents to 4' },
        { metered: -100n, due: 3n, rounding: undefined, why: 'whole cents need no rounding' },
        { metered: 0n, due: 0n, rounding: undefined, why: 'nothing is nothing' },
    ])('rounds half to even: $why', ({ metered, due, rounding }) => {
        const nothing = { ...tradedAt(0n, 0n), estimated: true };
        const positions = [{ ...nothing, slot: slot(7), prices: DEMONSTRATION, metered: netEnergy(metered) }];
        const settled = settleDay({ day: '2014-10-03', first: slot(7), count: 1 }, 'H1MSP', positions);
        const bill = issueBill('H1MSP', [billed(settled)], CENT);
        expect([bill.due, bill.postings.at(-1)?.amount, bill.provisional]).toEqual([due, rounding, true]);
    });

    const today = day('2014-10-03', 100);
    it.each([
        { why: 'no days', settlements: [], says: 'no settled day' },
        {
            why: 'a day missing between',
            settlements: [today, day('2014-10-05', 292)],
            says: '2014-10-05 does not follow 2014-10-03',
        },
        { why: 'a day twice', settlements: [today, today], says: 'does not follow' },
        {
            why: "another's day",
            settlements: [day('2014-10-03', 100, 'H2MSP')],
            says: 'cannot stand on the bill of H1MSP',
        },
    ])('cannot be made of $why', ({ settlements, says }) => {
        expect(() =>
            issueBill(
                'H1MSP',
                settlements.map((one) => billed(one)),
                CENT,
            ),
        ).toThrow(says);
    });

    it('is not made of settlements whose postings say something else', () => {
        const wrong = { ...today, postings: today.postings.map((one) => ({ ...one, amount: nanos(one.amount + 1n) })) };
        expect(() => issueBill('H1MSP', [billed(wrong)], CENT)).toThrow(Imbalance);
    });
});
