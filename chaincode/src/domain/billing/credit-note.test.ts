import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { balanceOf, householdAccount } from '../postings';
import { creditFlaw, creditOf, creditPostings, type CreditedBill, type CreditPart } from './credit-note';

const part = (grossMinor: bigint, ppm = 190_000n): CreditPart => ({ payee: 'supplier', ppm, grossMinor });
const BILL: CreditedBill = {
    dueMinor: 119n,
    taxes: [
        { ppm: 0n, taxMinor: 0n },
        { ppm: 190_000n, taxMinor: 19n },
    ],
};

describe('a credit', () => {
    it.each<{ what: string; bill?: CreditedBill; earlier?: CreditPart[]; parts: CreditPart[]; flaw?: RegExp }>([
        { what: 'of all of the bill', parts: [part(119n)] },
        { what: 'of what is left of it', earlier: [part(100n)], parts: [part(19n)] },
        { what: 'of a bill that was paid out', bill: { ...BILL, dueMinor: -50n }, parts: [part(-50n, 0n)] },
        { what: 'of nothing', parts: [], flaw: /other way/ },
        { what: 'of zero', parts: [part(0n)], flaw: /other way/ },
        { what: 'that charges more', parts: [part(-1n)], flaw: /other way/ },
        { what: 'of a bill of nothing', bill: { ...BILL, dueMinor: 0n }, parts: [part(1n)], flaw: /other way/ },
        { what: 'beyond the bill', parts: [part(120n)], flaw: /beyond the bill/ },
        { what: 'beyond what is left', earlier: [part(100n)], parts: [part(20n)], flaw: /beyond the bill/ },
        { what: 'at a rate that the bill has not', parts: [part(50n, 70_000n)], flaw: /tax of a rate/ },
    ])('$what', ({ bill = BILL, earlier = [], parts, flaw }) => {
        const found = creditFlaw(bill, earlier, parts);
        expect(flaw === undefined ? found : flaw.test(found ?? '')).toBe(flaw === undefined ? undefined : true);
    });

    it('moves what it says, out of who charged it and the tax, and any row of them never undoes more than the bill', () => {
        const parts = fc.array(
            fc.record({
                payee: fc.constantFrom('supplier' as const, 'grid' as const, 'community' as const),
                ppm: fc.constantFrom(0n, 70_000n, 190_000n),
                grossMinor: fc.bigInt({ min: -20n, max: 60n }),
            }),
            { minLength: 1, maxLength: 3 },
        );
        holds(
            fc.property(fc.array(parts, { maxLength: 4 }), fc.bigInt({ min: -40n, max: 119n }), (notes, dueMinor) => {
                const bill = { ...BILL, dueMinor };
                const taken: CreditPart[] = [];
                for (const note of notes) {
                    const postings = creditPostings('H1', note, 10n);
                    expect(postings.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
                    expect(balanceOf(householdAccount('H1'), postings)).toBe(creditOf(note) * 10n);
                    if (creditFlaw(bill, taken, note) === undefined) {
                        taken.push(...note);
                    }
                }
                const left = dueMinor - creditOf(taken);
                expect(dueMinor >= 0n ? left >= 0n && left <= dueMinor : left <= 0n && left >= dueMinor).toBe(true);
            }),
        );
    });
});
