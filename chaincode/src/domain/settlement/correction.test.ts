import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEMONSTRATION, tradedAt } from '../../testing/market/day';
import { holds } from '../../testing/property';
import { balanceOf, householdAccount, summed } from '../postings';
import { netEnergy, total } from '../quantity';
import { slot, type LocalDay } from '../slot';
import { correct, type CorrectedSlot } from './correction';
import type { DaySettlement, SlotPosition } from './position';
import { settleDay } from './settle';

const DAY: LocalDay = { day: '2014-10-03', first: slot(100), count: 3 };
const position = (i: number, metered: bigint, bought = 0n, estimated = false): SlotPosition => ({
    slot: slot(100 + i),
    prices: DEMONSTRATION,
    ...tradedAt(100_000n, bought),
    metered: netEnergy(metered),
    estimated,
});
const settled = (...positions: SlotPosition[]): DaySettlement => settleDay(DAY, 'H1MSP', positions);
const changed = (i: number, metered: bigint, estimated = false): CorrectedSlot => ({
    slot: slot(100 + i),
    metered: netEnergy(metered),
    estimated,
});

describe('a correction', () => {
    it('posts the difference and nothing else: 20 Wh less at retail', () => {
        const before = settled(position(0, -100n, 50n), position(1, -10n), position(2, 0n));
        const { postings } = correct(DAY, before, [changed(0, -80n)]);
        expect(postings).toEqual([
            { account: 'deviation', amount: -6_000_000n },
            { account: householdAccount('H1MSP'), amount: 6_000_000n },
        ]);
    });

    it('crosses from short to long: what was bought too much is fed in', () => {
        const before = settled(position(0, -100n, 90n), position(1, 0n), position(2, 0n));
        const { corrected, postings } = correct(DAY, before, [changed(0, -80n)]);
        expect(corrected.slots[0]).toMatchObject({ deviation: 10n, bought: 90n });
        expect(balanceOf(householdAccount('H1MSP'), postings)).toBe(10n * 300_000n + 10n * 80_000n);
    });

    it('makes a day final once no slot is estimated any more', () => {
        const before = settled(position(0, -100n, 0n, true), position(1, -9n, 0n, true), position(2, 0n));
        const first = correct(DAY, before, [changed(0, -1n)]).corrected;
        expect(first.provisional).toBe(true);
        expect(correct(DAY, first, [changed(1, -9n)]).corrected.provisional).toBe(false);
    });

    it.each([
        { what: 'a slot of another day', slots: [changed(3, 0n)] },
        { what: 'a slot twice', slots: [changed(0, 0n), changed(0, 0n)] },
    ])('is a fault for $what', ({ slots }) => {
        expect(() => correct(DAY, settled(position(0, 0n), position(1, 0n), position(2, 0n)), slots)).toThrow(
            RangeError,
        );
    });

    it('adds up with all others to what settling the last readings gives, and always to zero', () => {
        const wh = fc.bigInt({ min: -4n, max: 4n });
        const first = fc.array(fc.tuple(wh, fc.bigInt({ min: 0n, max: 4n })), { minLength: 3, maxLength: 3 });
        const rounds = fc.array(fc.uniqueArray(fc.tuple(fc.nat(2), wh), { selector: ([i]) => i }), { maxLength: 4 });
        holds(
            fc.property(first, rounds, (start, corrections) => {
                const begin = settled(...start.map(([net, bought], i) => position(i, net, bought)));
                let now = begin;
                let posted = [...begin.postings];
                for (const each of corrections) {
                    const slots = each.map(([i, net]) => changed(i, net));
                    const { corrected, postings } = correct(DAY, now, slots);
                    expect(total(postings.map(({ amount }) => amount))).toBe(0n);
                    [now, posted] = [corrected, [...posted, ...postings]];
                }
                const last = new Map(corrections.flat());
                const again = settled(...start.map(([net, bought], i) => position(i, last.get(i) ?? net, bought)));
                expect(now).toEqual(again);
                expect(summed(posted)).toEqual(again.postings);
            }),
        );
    });
});
