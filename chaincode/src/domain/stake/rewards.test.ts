import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { countsFlaw, payout, type Work } from './rewards';

const MEMBERS = ['A', 'B', 'C'];
const FEES = { producerFeeNanos: 10n, committeeFeeNanos: 100n };
const work = (change: Partial<Work> = {}): Work => ({
    producers: [
        { mspId: 'A', blocks: 6 },
        { mspId: 'DSO', blocks: 4 },
    ],
    cleared: 3,
    endorsed: [
        { mspId: 'B', rounds: 3 },
        { mspId: 'C', rounds: 3 },
    ],
    ...change,
});
const paidTo = (given: Work, balance: bigint): Record<string, bigint> =>
    Object.fromEntries(
        payout(given, FEES, balance, MEMBERS).payments.map(({ mspId, amountNanos }) => [mspId, amountNanos]),
    );

describe('rewards', () => {
    it.each([
        { what: 'a fee for each block and one for each round', balance: 1_000n, paid: { A: 60n, B: 150n, C: 150n } },
        { what: 'all there is, in proportion', balance: 36n, paid: { A: 6n, B: 15n, C: 15n } },
        { what: 'the odd nano to the largest remainder', balance: 1n, paid: { B: 1n } },
        { what: 'nothing of nothing', balance: 0n, paid: {} },
        { what: 'nothing of debts', balance: -5n, paid: {} },
    ])('are $what', ({ balance, paid }) => {
        expect(paidTo(work(), balance)).toEqual(paid);
    });

    it('of rounds that nobody endorsed are not paid', () => {
        expect(paidTo(work({ endorsed: [] }), 1_000n)).toEqual({ A: 60n });
        expect(paidTo(work({ endorsed: [{ mspId: 'DSO', rounds: 3 }] }), 1_000n)).toEqual({ A: 60n });
    });

    it('never exceed the balance, and every nano has two sides', () => {
        const counts = fc.record({
            blocks: fc.array(fc.nat(5), { minLength: 3, maxLength: 3 }),
            rounds: fc.array(fc.nat(5), { minLength: 3, maxLength: 3 }),
            cleared: fc.nat(5),
        });
        holds(
            fc.property(counts, fc.bigInt({ min: -5n, max: 700n }), ({ blocks, rounds, cleared }, balance) => {
                const given = {
                    producers: MEMBERS.map((mspId, i) => ({ mspId, blocks: blocks[i] ?? 0 })),
                    cleared,
                    endorsed: MEMBERS.map((mspId, i) => ({ mspId, rounds: rounds[i] ?? 0 })),
                };
                const { owedNanos, payments, postings } = payout(given, FEES, balance, MEMBERS);
                const paid = payments.reduce((sum, { amountNanos }) => sum + amountNanos, 0n);
                expect(paid).toBe(balance < 0n ? 0n : balance < owedNanos ? balance : owedNanos);
                expect(postings.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
            }),
        );
    });
});

describe('counts', () => {
    const range = { from: 1, to: 10 };
    it.each<{ what: string; change?: Partial<Work>; to?: number; isFlawed: boolean }>([
        { what: 'of all blocks', isFlawed: false },
        { what: 'of some blocks', change: { producers: [] }, isFlawed: false },
        { what: 'of more blocks than there are', to: 9, isFlawed: true },
        { what: 'of no range', to: 0, isFlawed: true },
        {
            what: 'that name one twice',
            change: {
                producers: [
                    { mspId: 'A', blocks: 1 },
                    { mspId: 'A', blocks: 1 },
                ],
            },
            isFlawed: true,
        },
        {
            what: 'in no order',
            change: {
                endorsed: [
                    { mspId: 'B', rounds: 1 },
                    { mspId: 'A', rounds: 1 },
                ],
            },
            isFlawed: true,
        },
        { what: 'of more endorsements than rounds', change: { cleared: 2 }, isFlawed: true },
    ])('$what: flawed is $isFlawed', ({ change = {}, to = range.to, isFlawed }) => {
        expect(countsFlaw(work(change), { ...range, to }) !== undefined).toBe(isFlawed);
    });
});
