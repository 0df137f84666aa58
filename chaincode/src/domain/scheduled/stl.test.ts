import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { scheduledDay, STL_1 } from '../../testing/market/scheduled-day';
import { householdAccount, balanceOf } from '../postings';
import { closeScheduledDay } from './close-scheduled-day';

// Micros of the currency: nanos / 1000. Payments are positive, as the vector has them.
const paid = (nanos: bigint): bigint => {
    expect(nanos % 1000n).toBe(0n);
    return -nanos / 1000n;
};

describe('STL-1: E2 settled against meters that differ', () => {
    const day = scheduledDay(STL_1);
    const { totals, sums } = closeScheduledDay(day);

    it.each([
        { agent: 'load1', scheduled: 4000n, metered: -4000n, payment: 1_200_000n },
        { agent: 'load2', scheduled: 4000n, metered: -4300n, payment: 1_305_000n },
        { agent: 'gen', scheduled: -6250n, metered: 6000n, payment: -1_787_500n },
    ])('$agent pays $payment', ({ agent, scheduled, metered, payment }) => {
        const settlement = day.settlements.find(({ mspId }) => mspId === agent);
        const [slot] = settlement?.slots ?? [];
        expect([slot && slot.bought - slot.sold, slot?.metered]).toEqual([scheduled, metered]);
        expect(paid(balanceOf(householdAccount(agent), settlement?.postings ?? []))).toBe(payment);
    });

    it('as published, the grid pays −717500: what clearing and deviations hold', () => {
        const held = sums.postings.filter(({ account }) => account !== 'households');
        expect(held).toEqual([
            { account: 'clearing', amount: 525_000_000n },
            { account: 'deviation', amount: 192_500_000n },
        ]);
        expect(paid(held.reduce((sum, { amount }) => sum + amount, 0n))).toBe(-717_500n);
        expect(sums.postings.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
    });

    it('with the grid paid its tariff: −690000, and the community −27500', () => {
        expect(totals.postings.map(({ account, amount }) => [account, paid(amount)])).toEqual([
            ['community', -27_500n],
            ['households', 717_500n],
            ['supplier', -690_000n],
        ]);
        const [slot] = totals.slots;
        expect([slot?.metered, slot?.short, slot?.supplier, slot?.spread]).toEqual([
            -2300n,
            550n,
            690_000_000n,
            27_500_000n,
        ]);
        expect([totals.traded, totals.imported, totals.exported]).toEqual([6250n, 2300n, 0n]);
    });
});

describe('scheduled-days.md', () => {
    const file = join(__dirname, '..', '..', '..', '..', 'docs', 'concepts', 'scheduled-days.md');
    const text = readFileSync(file, 'utf8').replaceAll(/ +/g, ' ');
    const day = scheduledDay(STL_1);
    const micros = (nanos: bigint): string => (-paid(nanos)).toString().replace('-', '−');
    const signed = (n: bigint): string => n.toString().replace('-', '−');
    const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;

    it.each(day.settlements)('shows what $mspId agreed to and pays', ({ mspId, slots: [slot] }) => {
        if (slot === undefined) {
            throw new Error('the example has one slot');
        }
        const { sold, bought, metered, local, balancing } = slot;
        const money = [local, balancing, local + balancing].map(micros);
        expect(text).toContain(row(mspId, signed(sold - bought), signed(metered), ...money));
    });

    it('shows the totals', () => {
        const { totals, sums } = closeScheduledDay(day);
        const held = sums.postings.filter(({ account }) => account !== 'households');
        expect(text).toContain(`together hold ${micros(held.reduce((sum, { amount }) => sum + amount, 0n))}.`);
        for (const { account, amount } of totals.postings) {
            expect(text).toContain(row(account, micros(amount)));
        }
    });
});
