import { describe, expect, it } from '@jest/globals';
import { nanos } from '../quantity';
import { correctionTotals } from './correction-run';

const posting = (account: string, amount: bigint) => ({ account, amount: nanos(amount) });

describe('what corrections come to', () => {
    it.each([
        { what: 'all for the supplier', supplier: 30n, rest: [posting('supplier', 30n)] },
        { what: 'a part for the community', supplier: 8n, rest: [posting('community', 22n), posting('supplier', 8n)] },
        {
            what: 'a part from the community',
            supplier: 35n,
            rest: [posting('community', -5n), posting('supplier', 35n)],
        },
    ])('$what', ({ supplier, rest }) => {
        const sums = [posting('deviation', 30n), posting('households', -30n)];
        const totals = correctionTotals(sums, nanos(supplier));
        expect(totals.filter(({ account }) => account !== 'households')).toEqual(rest);
        expect(totals.reduce((all, { amount }) => all + amount, 0n)).toBe(0n);
    });

    it.each([
        { what: 'sums that are not zero', sums: [posting('deviation', 30n), posting('households', -29n)] },
        { what: 'another account', sums: [posting('clearing', 30n), posting('households', -30n)] },
    ])('is a fault for $what', ({ sums }) => {
        expect(() => correctionTotals(sums, nanos(0n))).toThrow(/Imbalance|corrections? /);
    });
});
