import type { BillView } from '../../household-view/bills-view';
import { decimal, kilowattHours, price } from '../../report/decimal';
import { ranges } from '../../report/bill-text';
import { csvText } from '../../data/csv-text';

const HEADINGS = ['item', 'charge', 'kWh', 'price per kWh', 'amount', 'VAT %', 'slots'];

/** A bill's lines as a table: amounts without tax as the household pays them, then the taxes and what is due. Names as on the ledger. */
export function billCsv({ bill, minorUnitNanos, currency }: BillView): string {
    const decimals = decimalsOf(minorUnitNanos);
    const headings = [...HEADINGS.slice(0, 4), `amount ${currency}`, ...HEADINGS.slice(5)];
    return csvText(headings, [
        ...bill.lines.map((line) => [
            line.item,
            line.charge ?? '',
            kilowattHours(line.energyWh),
            line.price === null ? '' : price(line.price),
            decimal(-line.amountNanos, 9),
            decimal(line.vatPpm, 4),
            ranges(line.rounds),
        ]),
        ...bill.taxes.map((tax) => [
            `VAT on what is ${tax.on}`,
            '',
            '',
            '',
            decimal(tax.taxMinor, decimals),
            decimal(tax.ppm, 4),
            '',
        ]),
        ['due', '', '', '', decimal(bill.dueMinor, decimals), '', ''],
    ]);
}

/** A cent is 10,000,000 nanos: two decimals. */
export const decimalsOf = (minorUnitNanos: bigint): number => 9 - (minorUnitNanos.toString().length - 1);
