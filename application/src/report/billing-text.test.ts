import { expect, it } from '@jest/globals';
import type { Item } from '../invoicing/ledger-of-bills';
import { openItemsText, previewText, statementText } from './billing-text';

const home = (mspId: string): string => mspId.replace('MSP', '');
const item = (number: number, mspId: string, dueMinor: bigint | undefined, change = {}): Item => ({
    document: {
        mspId,
        from: '2025-04-01',
        to: '2025-04-30',
        id: 'bill',
        number,
        run: 1,
        hash: '00'.repeat(32),
        dueDay: '2025-05-14',
        reminders: [],
        ...change,
    },
    dueMinor,
});
const ITEMS = [
    item(1, 'H1MSP', 4200n, { reminders: ['2025-05-15'] }),
    item(2, 'H2MSP', -362n),
    item(3, 'H3MSP', 999n, { paid: { day: '2025-05-10', reference: 'r' } }),
    item(4, 'H4MSP', 100n, { paidFromAccount: true }),
    item(5, 'H1MSP', undefined, { id: 'c1' }),
];

it('open items are what nobody has paid, with how long they are overdue', () => {
    expect(openItemsText(ITEMS, '2025-05-20', 'EUR', home)).toBe(
        [
            'Open on 2025-05-20. Positive amounts are owed by the home, negative to it.',
            '',
            'no.  home  kind            period                       EUR  due         days overdue  reminders',
            '───  ────  ──────────────  ────────────────────────  ──────  ──────────  ────────────  ─────────',
            '  1  H1    bill            2025-04-01 to 2025-04-30   42.00  2025-05-14             6          1',
            '  2  H2    bill            2025-04-01 to 2025-04-30   -3.62  2025-05-14             6          0',
            '  5  H1    credit note c1  2025-04-01 to 2025-04-30  purged  2025-05-14             6          0',
            '───  ────  ──────────────  ────────────────────────  ──────  ──────────  ────────────  ─────────',
            '     all                                              38.38',
            '',
            'A credit note is set against its bill where that is open, too.',
        ].join('\n'),
    );
    expect(openItemsText([], '2025-05-20', 'EUR', home)).toBe('Nothing is open on 2025-05-20.');
});

it('a statement has the sums of the month and its documents', () => {
    const accounts = [
        { account: 'community', nanos: 1_234_567_890n },
        { account: 'households', nanos: -1_234_567_890n },
    ];
    const text = statementText({ month: '2025-04', items: ITEMS.slice(1, 3), accounts, closedDays: 30 }, 'EUR', home);
    expect(text).toBe(
        [
            'Statement for 2025-04: 30 closed days.',
            '',
            'account       EUR',
            '──────────  ─────',
            'community    1.23',
            'households  -1.23',
            '',
            'no.  home  kind  period                      EUR  due         status',
            '───  ────  ────  ────────────────────────  ─────  ──────────  ──────',
            '  2  H2    bill  2025-04-01 to 2025-04-30  -3.62  2025-05-14  open',
            '  3  H3    bill  2025-04-01 to 2025-04-30   9.99  2025-05-14  paid',
            '───  ────  ────  ────────────────────────  ─────  ──────────  ──────',
            '     all                                    6.37',
            '',
            'Open of it: -3.62 EUR.',
        ].join('\n'),
    );
});

it('a preview says which numbers there would be, and what stays behind', () => {
    const found = { mspId: 'H1MSP', from: '2025-04-16', to: '2025-04-16', id: 'bill', hash: '' };
    const preview = { run: 2, firstNumber: 21, documents: [found], provisional: [], missing: [] };
    expect(previewText(preview, home)).toBe(
        [
            'Run 2 would number:',
            '',
            'no.  home  kind  period',
            '───  ────  ────  ──────────',
            ' 21  H1    bill  2025-04-16',
            '',
            'Provisional, without a number: none.',
            'Without a bill: nobody.',
        ].join('\n'),
    );
});
