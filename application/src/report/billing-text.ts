import { isBill, isPaid, overdueDays, type Item } from '../invoicing/ledger-of-bills';
import type { RunPreview } from '../market/invoicing';
import { money } from './decimal';
import { left, right, table } from './table';

type Names = (mspId: string) => string;

const COLUMNS = [right('no.'), left('home'), left('kind'), left('period')];

const facts = ({ document }: Item, home: Names): string[] => [
    String(document.number),
    home(document.mspId),
    isBill(document) ? 'bill' : `credit note ${document.id}`,
    periodText(document),
];

const periodText = ({ from, to }: { readonly from: string; readonly to: string }): string =>
    from === to ? from : `${from} to ${to}`;

const amount = (minor: bigint | undefined): string => (minor === undefined ? 'purged' : money(minor));
const total = (items: readonly Item[]): bigint => items.reduce((sum, { dueMinor }) => sum + (dueMinor ?? 0n), 0n);

/** What is not paid: positive is owed by the home, negative to it. */
export function openItemsText(items: readonly Item[], day: string, currency: string, home: Names): string {
    const open = items.filter(({ document }) => !isPaid(document));
    if (open.length === 0) {
        return `Nothing is open on ${day}.`;
    }
    const rows = open.map((item) => [
        ...facts(item, home),
        amount(item.dueMinor),
        item.document.dueDay,
        String(overdueDays(item.document, day)),
        String(item.document.reminders.length),
    ]);
    const columns = [...COLUMNS, right(currency), left('due'), right('days overdue'), right('reminders')];
    return [
        `Open on ${day}. Positive amounts are owed by the home, negative to it.`,
        '',
        table(columns, rows, ['', 'all', '', '', money(total(open)), '', '', '']),
        ...(open.some(({ document }) => !isBill(document))
            ? ['', 'A credit note is set against its bill where that is open, too.']
            : []),
    ].join('\n');
}

export interface AccountSum {
    readonly account: string;
    readonly nanos: bigint;
}

export interface StatementParts {
    readonly month: string;
    readonly items: readonly Item[];
    /** What each account received in the month's closed days, by name. */
    readonly accounts: readonly AccountSum[];
    readonly closedDays: number;
}

/** What a community's manager sees of a month: the sums that are public, the documents that became due. */
export function statementText(
    { month, items, accounts, closedDays }: StatementParts,
    currency: string,
    home: Names,
): string {
    const rows = items.map((item) => [
        ...facts(item, home),
        amount(item.dueMinor),
        item.document.dueDay,
        isPaid(item.document) ? 'paid' : 'open',
    ]);
    const sums = accounts.map(({ account, nanos }) => [account, money(nanos / NANOS_PER_MINOR)]);
    const open = total(items.filter(({ document }) => !isPaid(document)));
    return [
        `Statement for ${month}: ${closedDays} closed days.`,
        '',
        table([left('account'), right(currency)], sums),
        '',
        table([...COLUMNS, right(currency), left('due'), left('status')], rows, [
            '',
            'all',
            '',
            '',
            money(total(items)),
            '',
            '',
        ]),
        '',
        `Open of it: ${money(open)} ${currency}.`,
    ].join('\n');
}

const NANOS_PER_MINOR = 10_000_000n;

/** What a run would number, and what stays behind. */
export function previewText({ run, firstNumber, documents, provisional, missing }: RunPreview, home: Names): string {
    const rows = documents.map((each, i) => [
        String(firstNumber + i),
        home(each.mspId),
        each.id === 'bill' ? 'bill' : `credit note ${each.id}`,
        periodText(each),
    ]);
    return [
        documents.length === 0 ? `Run ${run} would have nothing to number.` : `Run ${run} would number:\n`,
        ...(documents.length === 0 ? [] : [table(COLUMNS, rows)]),
        '',
        `Provisional, without a number: ${provisional.map(({ mspId }) => home(mspId)).join(', ') || 'none'}.`,
        `Without a bill: ${missing.map(({ mspId, day }) => `${home(mspId)} from ${day}`).join(', ') || 'nobody'}.`,
    ].join('\n');
}
