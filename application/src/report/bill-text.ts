import type { BillRecord } from '@commonwatt/chaincode/api/records';
import { decimal, kilowattHours, money, price } from './decimal';
import { left, right, table } from './table';

const ITEMS: Readonly<Record<BillRecord['lines'][number]['item'], string>> = {
    localSale: 'sold to neighbours',
    localPurchase: 'bought from neighbours',
    scheduledSale: 'given as scheduled',
    scheduledPurchase: 'taken as scheduled',
    gridFee: 'grid fee',
    communityFee: 'community fee',
    feedIn: 'sold to the supplier',
    retail: 'bought from the supplier',
    imbalanceLong: 'more than scheduled, at the imbalance price',
    imbalanceShort: 'less than scheduled, at the imbalance price',
    contractGiven: 'given under contracts (paid by escrow)',
    contractTaken: 'taken under contracts (paid by escrow)',
    losses: 'share of losses of the grid',
    fixed: 'fixed charge',
    percentage: 'percentage',
    correction: 'correction',
};

/** A household's own bill, line by line, each naming the rounds (slots) that it comes from, and the taxes. */
export function billText(home: string, bill: BillRecord, currency: string): string {
    const columns = [
        left('item'),
        right('kWh'),
        right(`${currency}/kWh`),
        right(currency),
        right('VAT'),
        left('rounds'),
    ];
    const rows = bill.lines.map((line) => [
        itemText(line),
        isCharge(line) ? '' : kilowattHours(line.energyWh),
        line.price === null ? '' : price(line.price),
        decimal(-line.amountNanos / 1000n, 6),
        percent(line.vatPpm),
        isCharge(line) ? `${line.days ?? 0} days` : ranges(line.rounds),
    ]);
    const period = bill.from === bill.to ? bill.from : `${bill.from} to ${bill.to}`;
    const due = bill.dueMinor < 0n ? `is paid ${money(-bill.dueMinor)}` : `pays ${money(bill.dueMinor)}`;
    return [
        `Bill of ${home} for ${period}${bill.provisional ? ' (provisional: some readings are estimates)' : ''}`,
        '',
        table(columns, rows),
        '',
        ...bill.taxes.filter(({ ppm }) => ppm > 0n).map((tax) => taxText(tax, currency)),
        `${home} ${due} ${currency}.`,
        ...correctedDays(bill),
        ...(bill.registers ?? []).map(registerText),
        ...(bill.last === true ? [`${home} moves out: this is its last bill, and these are its final readings.`] : []),
    ].join('\n');
}

type Line = BillRecord['lines'][number];

const isCharge = ({ charge, item }: Line): boolean => charge !== undefined || item === 'losses';

function itemText({ item, charge, ppm, seller }: Line): string {
    if (item === 'correction') {
        return `${ITEMS.correction}: ${correctedText(charge, ppm, seller)}`;
    }
    if (charge === undefined) {
        return ITEMS[item];
    }
    return ppm === undefined ? `${ITEMS[item]} ${charge}` : `${charge}, ${percent(ppm)}`;
}

/** A correction moves what is balanced by the supplier, and percentages of it. */
function correctedText(charge: string | undefined, ppm: bigint | undefined, seller: Line['seller']): string {
    return charge === undefined
        ? ITEMS[seller === 'household' ? 'feedIn' : 'retail']
        : `${charge}, ${percent(ppm ?? 0n)}`;
}

const correctedDays = ({ corrections }: BillRecord): string[] => {
    const days = [...new Set((corrections?.of ?? []).map(({ day }) => day))];
    return days.length === 0 ? [] : [`Corrections of ${days.join(', ')} are part of it.`];
};

const registerText = ({
    at,
    meterId,
    consumptionWh,
    generationWh,
}: NonNullable<BillRecord['registers']>[number]): string =>
    `Meter ${meterId} at the ${at}: ${kilowattHours(consumptionWh)} kWh drawn, ${kilowattHours(generationWh)} kWh generated`;

const taxText = ({ on, ppm, netNanos, taxMinor }: BillRecord['taxes'][number], currency: string): string =>
    `VAT ${percent(ppm)} on ${decimal(-netNanos / 1000n, 6)} ${currency} ${on}: ${money(taxMinor)} ${currency}`;

/** Parts per million as a percentage: 190000 is `19 %`, 7500 is `0.75 %`. */
const percent = (ppm: bigint): string => `${decimal(ppm, 4).replace(/\.?0+$/, '')} %`;

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
