import { describe, expect, it } from '@jest/globals';
import { DEMONSTRATION, played, type Homes } from '../../testing/market/day';
import { Imbalance } from '../postings';
import { microsPerKwh, nanos, wattHours } from '../quantity';
import { slot } from '../slot';
import { closeDay, type DayToClose } from './close-day';
import type { DaySettlement, SlotSettlement } from './position';
import { settleDay } from './settle';

/** Two slots: in the first three sell to three, in the second everybody is short and nobody sells. */
const HOMES: Homes = {
    H1: [
        { metered: 900n, ordered: 900n, limit: 90_000n },
        { metered: -300n, ordered: -300n, limit: 200_000n },
    ],
    H2: [
        { metered: 500n, ordered: 600n, limit: 100_000n },
        { metered: -200n, ordered: -200n, limit: 200_000n },
    ],
    H3: [
        { metered: 400n, ordered: 400n, limit: 110_000n },
        { metered: 0n, ordered: 0n, limit: 0n },
    ],
    H4: [
        { metered: -800n, ordered: -800n, limit: 220_000n },
        { metered: -100n, ordered: -100n, limit: 200_000n },
    ],
    H5: [
        { metered: -700n, ordered: -500n, limit: 210_000n },
        { metered: -50n, ordered: 0n, limit: 0n },
    ],
    H6: [
        { metered: -100n, ordered: -300n, limit: 200_000n },
        { metered: 10n, ordered: 0n, limit: 0n },
    ],
};
const DAY = played(HOMES, DEMONSTRATION);

const settlementOf = (day: DayToClose, mspId: string): DaySettlement => {
    const found = day.settlements.find((one) => one.mspId === mspId);
    if (found === undefined) {
        throw new Error(`no settlement of ${mspId}`);
    }
    return found;
};
/** The day with one settlement replaced. */
const replaced = (settlement: DaySettlement): DayToClose => ({
    ...DAY,
    settlements: DAY.settlements.map((one) => (one.mspId === settlement.mspId ? settlement : one)),
});
/** The day as if a home had been settled with its first slot changed, and all of its own sums right. */
const settledWith = (change: Partial<SlotSettlement>, mspId = 'H4'): DayToClose => {
    const { slots } = settlementOf(DAY, mspId);
    return replaced(
        settleDay(
            DAY.day,
            mspId,
            slots.map((one, i) => (i === 0 ? { ...one, ...change } : one)),
        ),
    );
};
const roundWith = (change: Partial<DayToClose['rounds'][number]>): DayToClose => ({
    ...DAY,
    rounds: DAY.rounds.map((round, i) => (i === 0 ? { ...round, ...change } : round)),
});

describe('closeDay', () => {
    it('adds up energy and money', () => {
        const price = DAY.rounds[0]?.price ?? 0n;
        // 1600 Wh bought by three; 1900 − 1600 offered; the metered net is +200 Wh in the first slot and −640 in the second.
        expect(price).toBe(110_000n);
        expect(closeDay(DAY)).toEqual({
            day: '2014-10-03',
            households: 6,
            traded: 1600n,
            imported: 640n,
            exported: 200n,
            slots: [
                { slot: DAY.day.first, metered: 200n, short: 300n, supplier: -16_000_000n, spread: 300n * 220_000n },
                {
                    slot: DAY.day.first + 1,
                    metered: -640n,
                    short: 650n,
                    supplier: 192_000_000n,
                    spread: 10n * 220_000n,
                },
            ],
            postings: [
                { account: 'community', amount: 1600n * 30_000n + 310n * 220_000n },
                { account: 'grid', amount: 1600n * 40_000n },
                { account: 'households', amount: -(176_000_000n + 1600n * 70_000n + 310n * 220_000n) },
                { account: 'supplier', amount: 176_000_000n },
            ],
            provisional: false,
        });
    });

    it('publishes no sums of slots over fewer than three households', () => {
        const two = played({ H1: HOMES['H1'] ?? [], H4: HOMES['H4'] ?? [] }, DEMONSTRATION);
        expect(closeDay(two).slots).toEqual([]);
    });

    it('does not depend on the order of settlements', () => {
        expect(closeDay({ ...DAY, settlements: [...DAY.settlements].reverse() })).toEqual(closeDay(DAY));
    });

    it('is provisional where one settlement is', () => {
        expect(closeDay(settledWith({ estimated: true })).provisional).toBe(true);
    });

    const h4 = settlementOf(DAY, 'H4');
    it.each([
        {
            why: 'a buyer was given more than sellers sold',
            day: settledWith({ bought: wattHours(801n) }),
            says: "buyers' fills 1601, but sellers' fills 1600",
        },
        {
            why: 'the round traded another volume',
            day: roundWith({ volume: wattHours(1599n) }),
            says: 'but volume 1599',
        },
        {
            why: 'a void round has fills',
            day: roundWith({ status: 'void', volume: undefined }),
            says: 'fills of a void round 1600, but none 0',
        },
        {
            why: 'the round has another price',
            day: roundWith({ price: microsPerKwh(110_001n) }),
            says: 'but its price',
        },
        {
            why: 'one household paid another price',
            day: settledWith({ paid: nanos(1n) }),
            says: 'what a buyer pays 1, but its price',
        },
        {
            why: 'the round left another surplus',
            day: roundWith({ surplus: nanos(1n) }),
            says: 'what buyers paid and sellers did not get 0, but surplus 1',
        },
        {
            why: 'sellers got more than buyers paid',
            day: settledWith({ earned: nanos(100_000_000n) }, 'H3'),
            says: 'nanos more than buyers paid',
        },
        {
            why: 'one household was settled at another tariff',
            day: settledWith({ prices: { ...DEMONSTRATION, retail: microsPerKwh(1n) } }),
            says: 'settled under different tariffs',
        },
        {
            why: 'a settlement forgives a fee',
            day: replaced({ ...h4, slots: h4.slots.map((one) => ({ ...one, gridFee: nanos(0n) })) }),
            says: 'not what its energy and prices give',
        },
        {
            why: 'a settlement has other postings',
            day: replaced({ ...h4, postings: [] }),
            says: 'not what its energy and prices give',
        },
        {
            why: 'a settlement hides that it is provisional',
            day: replaced({ ...h4, provisional: true }),
            says: 'not what its energy and prices give',
        },
    ])('does not close where $why', ({ day, says }) => {
        expect(() => closeDay(day)).toThrow(Imbalance);
        expect(() => closeDay(day)).toThrow(says);
    });

    it.each([
        {
            why: 'a household is not settled',
            day: { ...DAY, settlements: DAY.settlements.slice(1) },
            says: 'missing: H1',
        },
        {
            why: 'a household is settled twice',
            day: { ...DAY, settlements: [...DAY.settlements, h4] },
            says: '7 settlements of 6',
        },
        {
            why: 'a household is expected twice, and another settled twice',
            day: { ...DAY, households: [...DAY.households, 'H6'], settlements: [...DAY.settlements, h4] },
            says: '7 settlements of 7',
        },
        {
            why: 'a stranger is settled',
            day: { ...DAY, households: DAY.households.slice(1) },
            says: '6 settlements of 5',
        },
        { why: 'a round is missing', day: { ...DAY, rounds: DAY.rounds.slice(1) }, says: 'one round for each' },
        { why: 'a round is of another slot', day: roundWith({ slot: slot(5) }), says: 'one round for each' },
    ])('cannot add up where $why', ({ day, says }) => {
        expect(() => closeDay(day)).toThrow(says);
    });
});
