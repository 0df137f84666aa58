import PDFDocument from 'pdfkit';
import type { BillView } from '../../household-view/bills-view';
import { decimal, kilowattHours, price } from '../../report/decimal';
import { decimalsOf } from './bill-csv';

const MARGIN = 50;
/** Where columns begin, in points from the left edge of A4, and how wide they are. */
const COLUMNS = [
    { at: 50, width: 190, align: 'left' },
    { at: 245, width: 65, align: 'right' },
    { at: 315, width: 75, align: 'right' },
    { at: 395, width: 50, align: 'right' },
    { at: 450, width: 95, align: 'right' },
] as const;
const ROW = 16;
const BOTTOM = 770;

/** A bill to be filed: its lines, taxes and what is due, on A4, with the fonts that every reader of PDF has. */
export async function billPdf(view: BillView, community: string): Promise<Buffer> {
    const { bill, household, currency } = view;
    const info = { Title: `Bill of ${household}, ${view.id}`, Author: community };
    // Of a bill, not of the moment in which somebody asked for it: the same bill is the same file.
    const document = new PDFDocument({
        size: 'A4',
        margin: MARGIN,
        info: { ...info, CreationDate: new Date(bill.to) },
    });
    const chunks: Buffer[] = [];
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    const ended = new Promise<void>((resolve, reject) => {
        document.on('end', resolve);
        document.on('error', reject);
    });
    heading(document, view, community);
    row(document, ['', 'kWh', `${currency}/kWh`, 'VAT', currency], 'Helvetica-Bold');
    for (const line of bill.lines) {
        const isEnergy = line.charge === undefined && line.item !== 'losses';
        row(document, [
            line.charge === undefined
                ? (WORDS[line.item] ?? line.item)
                : `${WORDS[line.item] ?? line.item} ${line.charge}`,
            isEnergy ? kilowattHours(line.energyWh) : '',
            line.price === null ? '' : price(line.price),
            `${decimal(line.vatPpm, 4).replace(/\.?0+$/, '')} %`,
            decimal(-line.amountNanos / 1000n, 6),
        ]);
    }
    sums(document, view);
    document.end();
    await ended;
    return Buffer.concat(chunks);
}

const WORDS: Readonly<Record<string, string>> = {
    localSale: 'sold to neighbours',
    localPurchase: 'bought from neighbours',
    scheduledSale: 'given as scheduled',
    scheduledPurchase: 'taken as scheduled',
    gridFee: 'grid fee',
    communityFee: 'community fee',
    feedIn: 'sold to the supplier',
    retail: 'bought from the supplier',
    imbalanceLong: 'more than scheduled',
    imbalanceShort: 'less than scheduled',
    contractGiven: 'given under contracts',
    contractTaken: 'taken under contracts',
    losses: "share of the grid's losses",
    fixed: 'charge',
    percentage: 'charge',
    correction: 'correction',
};

function heading(document: PDFKit.PDFDocument, { bill, household }: BillView, community: string): void {
    const days = bill.from === bill.to ? bill.from : `${bill.from} to ${bill.to}`;
    document.font('Helvetica').fontSize(10).text(printable(community), MARGIN, MARGIN);
    document
        .font('Helvetica-Bold')
        .fontSize(18)
        .text(`Bill of ${printable(household)}`, MARGIN, MARGIN + 22);
    document.font('Helvetica').fontSize(11).text(days);
    if (bill.provisional) {
        document.text('Provisional: some readings are estimates.');
    }
    document.moveDown(1.5).fontSize(9);
}

function sums(document: PDFKit.PDFDocument, { bill, currency, minorUnitNanos }: BillView): void {
    const decimals = decimalsOf(minorUnitNanos);
    document.moveDown(0.5);
    for (const tax of bill.taxes) {
        if (tax.ppm > 0n) {
            const rate = `${decimal(tax.ppm, 4).replace(/\.?0+$/, '')} %`;
            row(document, [`VAT on what is ${tax.on}`, '', '', rate, decimal(tax.taxMinor, decimals)]);
        }
    }
    const isPaidOut = bill.dueMinor < 0n;
    const due = decimal(isPaidOut ? -bill.dueMinor : bill.dueMinor, decimals);
    const words = isPaidOut ? 'is paid out' : 'to pay';
    row(document, [words, '', '', '', `${due} ${currency}`], 'Helvetica-Bold');
}

function row(document: PDFKit.PDFDocument, cells: readonly string[], font = 'Helvetica'): void {
    if (document.y > BOTTOM) {
        document.addPage();
    }
    const { y } = document;
    document.font(font).fontSize(9);
    COLUMNS.forEach(({ at, width, align }, index) => {
        const text = printable(cells[index] ?? '');
        document.text(text, at, y, { width, align, lineBreak: false, ellipsis: true });
    });
    document.y = y + ROW;
    document.x = MARGIN;
}

/** The fonts that every reader has know Latin letters. */
const printable = (text: string): string => text.replace(/[^\u0020-\u007E\u00A0-\u00FF]/g, '?');
