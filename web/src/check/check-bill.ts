import './interpreted';
import {
    plainCorrected,
    plainDue,
    type PlainCorrectedDay,
    type PlainDay,
} from '@commonwatt/application/audit/plain-tariff';
import { nameOfLine, plainLines, plainTaxes, type PlainLine } from '@commonwatt/application/audit/plain-lines';
import { payerOf } from '@commonwatt/application/household/bill-check';
import { billEvidence, type BillEvidence } from '@commonwatt/application/server/schemas/bills';
import type { BillRecord } from '@commonwatt/chaincode/api/records';
import { workedOutDay, type Evidence, type Finding } from './days';

export type { Finding } from './days';

/** A line of the bill beside what we come to. */
export interface LineResult {
    readonly isSame: boolean;
    readonly worked: { readonly energyWh: bigint; readonly amountNanos: bigint };
}

export interface BillResult {
    readonly isSame: boolean;
    /** As the bill's lines. */
    readonly lines: readonly LineResult[];
    /** What we come to and the bill does not say. */
    readonly missing: readonly PlainLine[];
    readonly taxes: { readonly isSame: boolean; readonly worked: bigint };
    /** Minor units. */
    readonly due: { readonly isSame: boolean; readonly worked: bigint };
    readonly findings: readonly Finding[];
    readonly counted: {
        readonly readings: number;
        readonly orders: number;
        readonly rounds: number;
        /** Slots without a reading of the home's: the settlement's word was taken. */
        readonly unread: number;
    };
}

/**
 * The bill worked out again from the home's readings and orders, public results and terms, by rules that share no code with those that made it. The
 * server's word counts for nothing but these inputs: what it says of lines, taxes and sums is compared.
 */
export function checkBill(answer: BillEvidence): BillResult {
    const evidence = billEvidence.parse(answer);
    const { bill, charter, mspId } = evidence;
    const minor = charter.rules.minorUnitNanos;
    const worked = evidence.days.map((day) => workedOutDay(day, evidence));
    const earlier = evidence.corrected.map((day) => workedOutDay(day, evidence));
    const payer = payerOf(charter, mspId, evidence.days.at(-1)?.settlement?.slots.at(-1)?.slot ?? 0);
    const days = worked.map(({ plain }) => plain);
    const ours = plainLines(days, payer);
    const corrected = [...earlier, ...worked].flatMap(({ correctedDay }) => correctedDay ?? []);
    const corrections = plainCorrected(corrected, payer, minor);
    const lines = comparedLines(bill, ours, corrections.netNanos);
    const said = new Set(bill.lines.map(nameOf));
    const missing = ours.filter((line) => !said.has(nameOfLine(line)));
    const taxes = compared(
        sumOf(bill.taxes.map(({ taxMinor }) => taxMinor)),
        plainTaxes(ours, minor) + corrections.taxMinor,
    );
    const due = compared(bill.dueMinor, plainDue(days, payer, minor).dueMinor + corrections.dueMinor);
    const findings = [...earlier, ...worked].flatMap((each) => each.findings);
    return {
        isSame: missing.length + findings.length === 0 && [...lines, taxes, due].every(({ isSame }) => isSame),
        ...{ lines, missing, taxes, due, findings },
        counted: countedIn(evidence, worked),
    };
}

function comparedLines(bill: BillRecord, ours: readonly PlainLine[], correctionsNanos: bigint): LineResult[] {
    const known = new Map(ours.map((line) => [nameOfLine(line), line]));
    const corrections = bill.lines.filter(({ item }) => item === 'correction');
    const isRight = sumOf(corrections.map(({ amountNanos }) => amountNanos)) === -correctionsNanos;
    return bill.lines.map((line) => {
        const { energyWh, amountNanos } = line;
        if (line.item === 'correction') {
            // Corrections are compared together: what each of them corrects is another line's.
            return { isSame: isRight, worked: { energyWh, amountNanos: isRight ? amountNanos : -correctionsNanos } };
        }
        const own = known.get(nameOf(line)) ?? { energyWh: 0n, amountNanos: 0n };
        const isSame = own.energyWh === energyWh && own.amountNanos === amountNanos && known.has(nameOf(line));
        return { isSame, worked: { energyWh: own.energyWh, amountNanos: own.amountNanos } };
    });
}

const nameOf = ({ item, charge = '', ppm, price, vatPpm, seller }: BillRecord['lines'][number]): string =>
    item === 'correction' ? item : nameOfLine({ item, charge, ppm, price, vatPpm, seller });

const compared = (said: bigint, worked: bigint): { isSame: boolean; worked: bigint } => ({
    isSame: said === worked,
    worked,
});

const sumOf = (all: readonly bigint[]): bigint => all.reduce((sum, each) => sum + each, 0n);

interface Worked {
    readonly plain: PlainDay;
    readonly correctedDay: PlainCorrectedDay | undefined;
    readonly findings: readonly Finding[];
    readonly unread: number;
}

function countedIn({ days }: Evidence, worked: readonly Worked[]): BillResult['counted'] {
    const count = (of: (day: Evidence['days'][number]) => readonly unknown[]): number =>
        days.reduce((sum, day) => sum + of(day).length, 0);
    return {
        readings: count(({ readings }) => readings),
        orders: count(({ orders }) => orders),
        rounds: count(({ rounds }) => rounds),
        unread: worked.reduce((sum, { unread }) => sum + unread, 0),
    };
}
