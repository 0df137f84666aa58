import { describe, expect, it } from '@jest/globals';
import { Imbalance } from '../postings';
import { minorUnits, nanos } from '../quantity';
import { checkBillSums, type BillSums } from './bill-sums';

const CENT = 10_000_000n;
/** Two households settled −1.234 together; taxes of 0.23 and a rounding of 0.004 make 1.46 due. */
const RIGHT: BillSums = {
    settled: nanos(-1_234_000_000n),
    due: minorUnits(146n),
    postings: [
        { account: 'households', amount: nanos(-226_000_000n) },
        { account: 'rounding', amount: nanos(-4_000_000n) },
        { account: 'vat', amount: nanos(230_000_000n) },
    ],
};

describe('the sums over the bills of a period', () => {
    it('fit the totals of its days', () => {
        expect(() => {
            checkBillSums(RIGHT, RIGHT.settled, CENT);
        }).not.toThrow();
    });

    it.each<{ what: string; sums: Partial<BillSums>; totals?: bigint; says: RegExp }>([
        { what: 'a cent more is due', sums: { due: minorUnits(147n) }, says: /what is due/ },
        { what: 'the days settled something else', sums: {}, totals: -1n, says: /what the bills take over/ },
        { what: 'money comes from nowhere', sums: { postings: RIGHT.postings.slice(1) }, says: /all accounts/ },
        {
            what: 'an account stands twice',
            sums: { postings: [...RIGHT.postings.slice(0, 1), ...RIGHT.postings] },
            says: /rising order/,
        },
    ])('do not where $what', ({ sums, totals = RIGHT.settled, says }) => {
        const check = (): void => {
            checkBillSums({ ...RIGHT, ...sums }, nanos(totals), CENT);
        };
        expect(check).toThrow(Imbalance);
        expect(check).toThrow(says);
    });
});
