import type { BillRecord } from '@commonwatt/chaincode/api/records';
import { decimal, kilowattHours, money, price } from './decimal';
import { left, right, table } from './table';

const ITEMS: Readonly<Record<BillRecord['lines'][number]['item'], string>> = {
    localSale: 'sold to neighbours',
    localPurchase: 'bought from neighbours',
    gridFee: 'grid fee',
    communityFee: 'community fee',
    feedIn: 'sold to the supplier',
    retail: 'bought from the supplier',
};

/** A household's own bill, line by line, each naming the rounds (slots) that it comes from. */
export function billText(home: string, bill: BillRecord, currency: string): string {
    const columns = [left('item'), right('kWh'), right(`${currency}/kWh`), right(currency), left('rounds')];
    const rows = bill.lines.map(({ item, energyWh, price: unit, amountNanos, rounds }) => [
        ITEMS[item],
        kilowattHours(energyWh),
        unit === null ? '' : price(unit),
        decimal(-amountNanos / 1000n, 6),
        ranges(rounds),
    ]);
    const period = bill.from === bill.to ? bill.from : `${bill.from} to ${bill.to}`;
    const due = bill.dueMinor < 0n ? `is paid ${money(-bill.dueMinor)}` : `pays ${money(bill.dueMinor)}`;
    return [
        `Bill of ${home} for ${period}${bill.provisional ? ' (provisional: some readings are estimates)' : ''}`,
        '',
        table(columns, rows),
        '',
        `${home} ${due} ${currency}.`,
    ].join('\n');
}

/** `1567200-1567203, 1567210` */
export function ranges(slots: readonly number[]): string {
    const runs: { first: number; last: number }[] = [];
    for (const slot of slots.toSorted((a, b) => a - b)) {
        const run = runs.at(-1);
        if (run !== undefined && slot <= run.last + 1) {
            run.last = slot;
        } else {
            runs.push({ first: slot, last: slot });
        }
    }
    return runs.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}
