import { describe, expect, it } from '@jest/globals';
import { billed } from '../../testing/market/day';
import { scheduledDay, STL_1 } from '../../testing/market/scheduled-day';
import type { DaySettlement } from '../settlement/position';
import type { Charge } from '../tariff/charges';
import { issueBill } from './bill';

const CENT = 10_000_000n;
const { settlements } = scheduledDay(STL_1);
const settlementOf = (mspId: string): DaySettlement => {
    const found = settlements.find((each) => each.mspId === mspId);
    if (found === undefined) {
        throw new Error(`no settlement of ${mspId}`);
    }
    return found;
};
const [SLOT] = settlementOf('gen').slots.map(({ slot }) => slot);
const line = (item: string, energy: bigint, price: bigint, amount: bigint, seller: string, vatPpm = 0n) => ({
    ...{ item, energy, price, amount, rounds: [SLOT], seller, vatPpm },
});

describe('the bill over a day that was scheduled', () => {
    it.each([
        {
            home: 'load1',
            lines: [line('scheduledPurchase', 4000n, 300_000n, -1_200_000_000n, 'pool')],
            due: 120n,
        },
        {
            home: 'load2',
            lines: [
                line('scheduledPurchase', 4000n, 300_000n, -1_200_000_000n, 'pool'),
                line('imbalanceShort', 300n, 350_000n, -105_000_000n, 'supplier'),
            ],
            due: 130n,
        },
        {
            home: 'gen',
            lines: [
                line('scheduledSale', 6250n, 300_000n, 1_875_000_000n, 'household'),
                line('imbalanceShort', 250n, 350_000n, -87_500_000n, 'supplier'),
            ],
            due: -179n,
        },
    ])('of $home says what was scheduled at which price, and what differed', ({ home, lines, due }) => {
        const bill = issueBill(home, [billed(settlementOf(home))], CENT);
        expect([bill.lines, bill.due]).toEqual([lines, due]);
    });

    it('says what was given beyond the schedule', () => {
        const homes = { H1: [{ agreed: 1000n, metered: -400n }], H2: [{ agreed: -1000n, metered: 900n }] };
        const [first] = scheduledDay({ ...STL_1, homes }).settlements;
        expect(first && issueBill('H1', [billed(first)], CENT).lines).toEqual([
            line('scheduledPurchase', 1000n, 300_000n, -300_000_000n, 'pool'),
            line('imbalanceLong', 600n, 50_000n, 30_000_000n, 'household'),
        ]);
    });

    it('takes percentages and taxes as on what is bought of neighbours and besides', () => {
        const levy = (id: string, of: 'localPurchase' | 'retail'): Charge => ({
            ...{ kind: 'percentage', id, payee: 'community', ppm: 10_000n, of: [of] },
        });
        const vat = { supplierPpm: 200_000n, gridPpm: 0n, communityPpm: 0n, poolPpm: 100_000n, members: [] };
        const charges = [levy('first', 'localPurchase'), levy('second', 'retail')];
        const bill = issueBill('load2', [billed(settlementOf('load2'), { charges, vat })], CENT);
        expect(
            bill.lines.filter(({ item }) => item === 'percentage').map(({ charge, amount }) => [charge, amount]),
        ).toEqual([
            ['first', -12_000_000n],
            ['second', -1_050_000n],
        ]);
        expect(bill.taxes.map(({ ppm, net, tax }) => [ppm, net, tax])).toEqual([
            [0n, -13_050_000n, 0n],
            [100_000n, -1_200_000_000n, 12n],
            [200_000n, -105_000_000n, 2n],
        ]);
    });
});
