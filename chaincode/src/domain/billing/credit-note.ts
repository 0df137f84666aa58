import { ACCOUNTS, assertBalanced, householdAccount, summed, type Posting } from '../postings';
import { dividedHalfEven, minorUnits, nanos, total, type MinorUnits } from '../quantity';
import { MILLION, type Payee } from '../tariff/charges';

/** A part of a bill that is taken back, tax included: by whom it was charged, and at which rate. */
export interface CreditPart {
    readonly payee: Payee;
    readonly ppm: bigint;
    /** In minor units; as the bill's `due`: positive was paid by the household and goes back to it. */
    readonly grossMinor: bigint;
}

/** What of a bill credit notes are measured against. */
export interface CreditedBill {
    readonly dueMinor: bigint;
    /** Tax of what was bought and sold, by rate. */
    readonly taxes: readonly { readonly ppm: bigint; readonly taxMinor: bigint }[];
}

/** The tax inside an amount, in minor units, half to even: neither side gains in the long run. */
export const taxInside = ({ grossMinor, ppm }: CreditPart): MinorUnits =>
    minorUnits(dividedHalfEven(grossMinor * ppm, MILLION + ppm));

/** What the household gets back, or (negative) gives back. */
export const creditOf = (parts: readonly CreditPart[]): MinorUnits =>
    minorUnits(total(parts.map(({ grossMinor }) => minorUnits(grossMinor))));

/**
 * Why these parts cannot be credited after what was credited before, or undefined if they can: a credit goes the other way than the
 * bill, all credits together at most undo it, and so for the tax of each rate.
 */
export function creditFlaw(
    bill: CreditedBill,
    earlier: readonly CreditPart[],
    parts: readonly CreditPart[],
): string | undefined {
    const isCharged = bill.dueMinor > 0n;
    if (parts.length === 0 || parts.some(({ grossMinor }) => grossMinor === 0n || grossMinor > 0n !== isCharged)) {
        return 'each part goes the other way than the bill';
    }
    const all = [...earlier, ...parts];
    if (magnitude(creditOf(all)) > magnitude(bill.dueMinor)) {
        return 'all credit notes together are beyond the bill';
    }
    const rates = new Set(all.map(({ ppm }) => ppm).filter((ppm) => ppm > 0n));
    const beyond = [...rates].find((ppm) => taxOf(all, ppm) > billedTax(bill, ppm));
    return beyond === undefined ? undefined : 'the tax of a rate is beyond what the bill has of it';
}

const taxOf = (parts: readonly CreditPart[], rate: bigint): bigint =>
    parts.filter(({ ppm }) => ppm === rate).reduce((sum, part) => sum + magnitude(taxInside(part)), 0n);

const billedTax = ({ taxes }: CreditedBill, rate: bigint): bigint =>
    taxes.filter(({ ppm }) => ppm === rate).reduce((sum, { taxMinor }) => sum + magnitude(taxMinor), 0n);

const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);

/** The money of a credit note: back from who charged it and from `vat`. Sums to zero. */
export function creditPostings(mspId: string, parts: readonly CreditPart[], nanosPerMinorUnit: bigint): Posting[] {
    const amount = (minor: bigint) => nanos(minor * nanosPerMinorUnit);
    const postings = parts.flatMap((part): Posting[] => {
        const tax = taxInside(part);
        return [
            { account: householdAccount(mspId), amount: amount(part.grossMinor) },
            { account: part.payee, amount: amount(tax - part.grossMinor) },
            { account: ACCOUNTS.vat, amount: amount(0n - tax) },
        ];
    });
    return assertBalanced(summed(postings), `a credit note for ${mspId}`);
}
