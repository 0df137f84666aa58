import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { overlap, termsFlaw, termsOn, type Terms } from './terms';

const terms = (fromDay: string, toDay: string | null, change: Partial<Terms> = {}): Terms => ({
    fromDay,
    toDay,
    retail: 300_000n,
    feedIn: 80_000n,
    gridFee: 40_000n,
    communityFee: 30_000n,
    floor: 0n,
    cap: 500_000n,
    k: { numerator: 1n, denominator: 2n },
    gateSlots: 2,
    ...change,
});
const day = (n: number): string => `2014-10-${n.toString().padStart(2, '0')}`;

const FEE = { kind: 'fixed', id: 'basic', payee: 'grid', every: 'month', perMeter: false } as const;

describe('terms', () => {
    it.each([
        { what: 'are sound', change: {}, flaw: undefined },
        { what: 'may apply to one day', change: { toDay: day(1) }, flaw: undefined },
        { what: 'may be negative', change: { floor: -100n, feedIn: -50n }, flaw: undefined },
        { what: 'end before they begin', change: { toDay: '2014-09-30' }, flaw: /before the first/ },
        { what: 'have a floor above the cap', change: { floor: 2n, cap: 1n }, flaw: /above the cap/ },
        {
            what: 'have a charge twice',
            change: { charges: [1n, 2n].map((amountNanos) => ({ ...FEE, amountNanos })) },
            flaw: /basic is there twice/,
        },
        {
            what: 'tax the grid more than the supplier',
            change: { vat: { supplierPpm: 1n, gridPpm: 2n, communityPpm: 1n, poolPpm: 0n, members: [] } },
            flaw: /gridPpm 2 is above/,
        },
        { what: 'pay more for what is fed in than it costs', change: { feedIn: 300_001n }, flaw: /above retail/ },
    ])('$what', ({ change, flaw }) => {
        const found = termsFlaw(terms(day(1), null, change));
        expect(flaw === undefined ? found : flaw.test(found ?? '')).toBe(flaw === undefined ? undefined : true);
    });

    it('overlap exactly where some day belongs to both', () => {
        const at = fc.integer({ min: 1, max: 6 });
        const range = fc.tuple(at, fc.option(fc.integer({ min: 0, max: 4 }))).map(([from, length]) => ({
            days: Array.from({ length: 31 }, (_, i) => i + 1).filter(
                (n) => n >= from && (length === null || n <= from + length),
            ),
            terms: terms(day(from), length === null ? null : day(from + length)),
        }));
        holds(
            fc.property(range, range, (one, other) => {
                const shared = one.days.some((n) => other.days.includes(n));
                expect(overlap(one.terms, other.terms)).toBe(shared);
                expect(overlap(other.terms, one.terms)).toBe(shared);
                one.days.forEach((n) => {
                    expect(termsOn([one.terms], day(n))).toBe(one.terms);
                });
            }),
        );
    });

    it('apply from their first to their last day', () => {
        const list = [terms(day(1), day(3)), terms(day(5), null)];
        const found = [day(1), day(3), day(4), day(5), day(31)].map((each) => termsOn(list, each)?.fromDay);
        expect(found).toEqual([day(1), day(1), undefined, day(5), day(5)]);
        expect(termsOn(list, '2014-09-30')).toBeUndefined();
    });
});
