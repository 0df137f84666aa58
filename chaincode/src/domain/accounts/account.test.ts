import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { nanos } from '../quantity';
import { parseRefusal, type RefusalCode } from '../refusals';
import { EMPTY_ACCOUNT, reservedOf, sound, takenIn, totalOf, used, type Account, type Row, type Use } from './account';

const money = (n: number): ReturnType<typeof nanos> => nanos(BigInt(n));
const DAYS = ['2014-10-03', '2014-10-04'] as const;

function outcome(act: () => Account): Account | RefusalCode {
    try {
        return act();
    } catch (error) {
        const refusal = error instanceof Error ? parseRefusal(error.message) : undefined;
        if (refusal === undefined) {
            throw error;
        }
        return refusal.code;
    }
}

const filled = (amount: number): Account => takenIn(EMPTY_ACCOUNT, [{ kind: 'deposit', amount: money(amount) }]);
const hold = (subject: string, amount: number): Use => ({
    kind: 'hold',
    hold: { kind: 'day', subject, amount: money(amount) },
});
const asked = (subject: string, amount: number): Use => ({
    kind: 'hold',
    hold: { kind: 'withdrawal', subject, amount: money(amount) },
});

describe('an account', () => {
    it('spends what is available and no more, whatever is reserved', () => {
        const reserved = used(filled(10), hold(DAYS[0], 7));
        expect([reserved.available, reservedOf(reserved), totalOf(reserved)]).toEqual([3n, 7n, 10n]);
        expect(outcome(() => used(reserved, asked('w1', 4)))).toBe('BALANCE_TOO_SMALL');
        expect(outcome(() => used(reserved, { kind: 'escrow', amount: money(4) }))).toBe('BALANCE_TOO_SMALL');
        expect(totalOf(used(reserved, { kind: 'escrow', amount: money(3) }))).toBe(7n);
    });

    it('reserves for one subject once', () => {
        expect(outcome(() => used(used(filled(10), hold(DAYS[0], 1)), hold(DAYS[0], 1)))).toBe('HOLD_EXISTS');
        const release: Use = { kind: 'release', hold: { kind: 'day', subject: DAYS[0] }, keep: money(0) };
        expect(outcome(() => used(filled(10), release))).toBe('HOLD_UNKNOWN');
    });

    it('keeps of a cover what is owed, never more than there was', () => {
        const covered = used(filled(10), hold(DAYS[0], 7));
        const keep = (n: number): Account =>
            used(covered, { kind: 'release', hold: { kind: 'day', subject: DAYS[0] }, keep: money(n) });
        expect([0, 2, 7, 9].map((n) => reservedOf(keep(n)))).toEqual([0n, 2n, 7n, 7n]);
    });

    it('pays a bill out of the cover of its days, then out of what is free, and takes in what it brings', () => {
        const covered = used(used(filled(10), hold(DAYS[0], 4)), hold(DAYS[1], 4));
        const bill = (due: number): Account | RefusalCode =>
            outcome(() => used(covered, { kind: 'bill', days: [DAYS[0]], due: money(due) }));
        expect(bill(6)).toMatchObject({ available: 0n, holds: [{ subject: DAYS[1] }] });
        expect(bill(7)).toBe('BALANCE_TOO_SMALL');
        expect(bill(-5)).toMatchObject({ available: 11n, turnover: { billed: -5n } });
    });

    it.each<{ what: string; row: Row; code: RefusalCode }>([
        {
            what: 'of a withdrawal that nobody asked for',
            row: { kind: 'paidOut', withdrawal: 'w2', amount: money(4) },
            code: 'WITHDRAWAL_UNKNOWN',
        },
        {
            what: 'of another amount than was asked for',
            row: { kind: 'paidOut', withdrawal: 'w1', amount: money(3) },
            code: 'RECORD_WRONG',
        },
        { what: 'of more than the limit', row: { kind: 'deposit', amount: money(11) }, code: 'ACCOUNT_LIMIT' },
    ])('refuses a statement $what', ({ row, code }) => {
        expect(outcome(() => takenIn(used(filled(10), asked('w1', 4)), [row], 20n))).toBe(code);
    });

    it('lets its limit keep nothing away that is owed to the member', () => {
        const account = used(filled(10), asked('w1', 4));
        const rows: Row[] = [
            { kind: 'returned', withdrawal: 'w1', amount: money(4) },
            { kind: 'received', amount: money(30) },
        ];
        expect(totalOf(takenIn(account, rows, 20n))).toBe(40n);
    });

    it.each([0, -1])('moves no amount of %i', (n) => {
        expect(() => takenIn(EMPTY_ACCOUNT, [{ kind: 'deposit', amount: money(n) }])).toThrow(RangeError);
        expect(() => used(filled(5), { kind: 'escrow', amount: money(n) })).toThrow(RangeError);
    });

    it('is checked against what went through it', () => {
        expect(() => sound({ ...filled(10), available: money(11) })).toThrow('does not hold');
        const below = {
            ...filled(10),
            available: money(-1),
            holds: [{ kind: 'day', subject: 'x', amount: money(11) }],
        };
        expect(() => sound(below as Account)).toThrow('below zero');
    });
});

describe('laws of accounts', () => {
    const amount = fc.integer({ min: 1, max: 5 }).map(money);
    const subject = fc.constantFrom('w1', 'w2', 'w3');
    const day = fc.constantFrom(...DAYS);
    const rowOf = fc.oneof(
        fc.record({ kind: fc.constantFrom('deposit' as const, 'received' as const), amount }),
        fc.record({ kind: fc.constantFrom('paidOut' as const, 'returned' as const), withdrawal: subject, amount }),
    );
    const useOf: fc.Arbitrary<Use> = fc.oneof(
        fc.record({
            kind: fc.constant('hold' as const),
            hold: fc.record({ kind: fc.constant('day' as const), subject: day, amount }),
        }),
        fc.record({
            kind: fc.constant('hold' as const),
            hold: fc.record({ kind: fc.constant('withdrawal' as const), subject, amount }),
        }),
        fc.record({
            kind: fc.constant('release' as const),
            hold: fc.record({ kind: fc.constant('day' as const), subject: day }),
            keep: fc.integer({ min: 0, max: 5 }).map(money),
        }),
        fc.record({ kind: fc.constant('escrow' as const), amount }),
        fc.record({
            kind: fc.constant('bill' as const),
            days: fc.subarray([...DAYS]),
            due: fc.integer({ min: -5, max: 5 }).map(money),
        }),
    );

    it('conserve money and never go below zero, whatever is tried in whatever order', () => {
        const actions = fc.array(fc.oneof(rowOf, useOf), { maxLength: 30 });
        holds(
            fc.property(actions, (tried) => {
                let account = EMPTY_ACCOUNT;
                let [into, out] = [0n, 0n];
                for (const action of tried) {
                    const isRow = ['deposit', 'received', 'paidOut', 'returned'].includes(action.kind);
                    const after = outcome(() =>
                        isRow ? takenIn(account, [action as Row]) : used(account, action as Use),
                    );
                    if (typeof after === 'string') {
                        continue;
                    }
                    account = after;
                    into += action.kind === 'deposit' || action.kind === 'received' ? action.amount : 0n;
                    out += action.kind === 'paidOut' || action.kind === 'escrow' ? action.amount : 0n;
                    out += action.kind === 'bill' ? action.due : 0n;
                    expect(totalOf(account)).toBe(into - out);
                    expect(account.available >= 0n && account.holds.every((each) => each.amount > 0n)).toBe(true);
                }
            }),
        );
    });

    it('take rows in any order and in any portions to the same account', () => {
        const before = ['w1', 'w2', 'w3'].reduce((account, id) => used(account, asked(id, 2)), filled(10));
        const ended = fc.subarray(['w1', 'w2', 'w3']).chain((ids) =>
            fc.tuple(
                ...ids.map((withdrawal) =>
                    fc.record({
                        kind: fc.constantFrom('paidOut' as const, 'returned' as const),
                        withdrawal: fc.constant(withdrawal),
                        amount: fc.constant(money(2)),
                    }),
                ),
            ),
        );
        const paid = fc.array(fc.record({ kind: fc.constantFrom('deposit' as const, 'received' as const), amount }), {
            maxLength: 6,
        });
        const twoOrders = fc
            .tuple(ended, paid)
            .map(([one, other]): Row[] => [...one, ...other])
            .chain((rows) =>
                fc.tuple(
                    fc.shuffledSubarray(rows, { minLength: rows.length }),
                    fc.shuffledSubarray(rows, { minLength: rows.length }),
                    fc.nat(rows.length),
                ),
            );
        holds(
            fc.property(twoOrders, ([one, other, cut]) => {
                const atOnce = takenIn(before, one);
                expect(takenIn(takenIn(before, other.slice(0, cut)), other.slice(cut))).toEqual(atOnce);
            }),
        );
    });
});
