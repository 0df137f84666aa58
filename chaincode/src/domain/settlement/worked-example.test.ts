import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { billed, DEMONSTRATION, played, type Homes } from '../../testing/market/day';
import { OUTCOME_REASONS } from '../auction/reasons';
import { householdAccount, balanceOf } from '../postings';
import { issueBill } from '../billing/bill';
import { closeDay } from './close-day';
import { slotBalance, withoutMarket } from './settle';

const concepts = join(__dirname, '..', '..', '..', '..', 'docs', 'concepts');
/** The page's text, with runs of blanks as one: prettier pads tables. */
const page = (name: string): string => readFileSync(join(concepts, name), 'utf8').replaceAll(/ +/g, ' ');

/** One slot of energy-and-money.md's example. */
const EXAMPLE: Homes = {
    H1: [{ metered: 900n, ordered: 900n, limit: 90_000n }],
    H2: [{ metered: 500n, ordered: 600n, limit: 100_000n }],
    H3: [{ metered: 400n, ordered: 400n, limit: 110_000n }],
    H4: [{ metered: -800n, ordered: -800n, limit: 220_000n }],
    H5: [{ metered: -700n, ordered: -500n, limit: 210_000n }],
    H6: [{ metered: -100n, ordered: -300n, limit: 200_000n }],
};
const day = played(EXAMPLE, DEMONSTRATION);
const totals = closeDay(day);
const signed = (n: bigint): string => (n < 0n ? `−${(-n).toString()}` : n.toString());
/** Nanos as hundredths of the currency with two decimals, which the example's numbers are exactly. */
const hundredths = (nanos: bigint): string => {
    expect(nanos % 100_000n).toBe(0n);
    const parts = (nanos < 0n ? -nanos : nanos) / 100_000n;
    return `${nanos < 0n ? '−' : ''}${(parts / 100n).toString()}.${(parts % 100n).toString().padStart(2, '0')}`;
};
const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;

describe('energy-and-money.md', () => {
    const text = page('energy-and-money.md');

    it.each(day.settlements)('shows what $mspId ordered, got and pays', ({ mspId, slots, postings }) => {
        const [one, home] = [slots[0], EXAMPLE[mspId]?.[0]];
        if (one === undefined || home === undefined) {
            throw new Error('the example has one slot');
        }
        const side = home.ordered < 0n ? 'buy' : 'sell';
        const ordered = `${side} ${signed(home.ordered < 0n ? -home.ordered : home.ordered)} @ ${(home.limit / 10_000n).toString()}`;
        const fill = (one.bought + one.sold).toString();
        expect(text).toContain(row(mspId, ordered, fill, signed(one.metered), signed(one.deviation)));
        const fees = hundredths(one.gridFee + one.communityFee);
        const balance = slotBalance(one);
        expect(balanceOf(householdAccount(mspId), postings)).toBe(balance);
        const money = [hundredths(one.local), fees, hundredths(one.balancing), hundredths(balance)];
        expect(text).toContain(row(mspId, ...money, hundredths(withoutMarket(one))));
    });

    it('shows the round, the pool and the totals', () => {
        expect([day.rounds[0]?.price, totals.traded]).toEqual([110_000n, 1600n]);
        expect(text).toContain('trades 1600 Wh at 11');
        const [slot] = totals.slots;
        expect(text).toContain(
            `supplier ${hundredths(slot?.supplier ?? 0n)}, spread ${hundredths(slot?.spread ?? 0n)}`,
        );
        for (const { account, amount } of totals.postings) {
            expect(text).toContain(row(account, hundredths(amount)));
        }
    });

    it("shows how H4's bill is rounded", () => {
        const settlement = day.settlements.find(({ mspId }) => mspId === 'H4');
        const bill = issueBill('H4', settlement === undefined ? [] : [billed(settlement)], 10_000_000n);
        const difference = balanceOf('rounding', bill.postings);
        expect(text).toContain(
            `balance is ${hundredths(bill.balance)}: it is due ${signed(bill.due)}, and ${hundredths(difference)} goes to`,
        );
    });
});

describe('a-day-of-the-market.md', () => {
    it('explains every reason for which an order is not filled', () => {
        const text = page('a-day-of-the-market.md');
        for (const [name, reason] of Object.entries(OUTCOME_REASONS)) {
            expect(text).toContain(row(reason.code.toString(), `\`${name}\``, reason.text));
        }
    });
});
