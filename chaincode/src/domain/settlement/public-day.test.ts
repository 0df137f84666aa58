import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEMONSTRATION, played, type Homes } from '../../testing/market/day';
import { holds } from '../../testing/property';
import { commitmentTo, isOpening, sumOfBlindings, type Components } from '../commitment/pedersen';
import { feeBands, SETTLEMENT_LAYOUT, settlementComponents } from '../commitment/settlement-layout';
import { Imbalance } from '../postings';
import { microsPerKwh, nanos, netEnergy, wattHours } from '../quantity';
import { closeDay, type DayToClose } from './close-day';
import { settleDay } from './settle';
import {
    daySums,
    isLargeEnough,
    openedSums,
    publicTotals,
    type DaySums,
    type Opened,
    type PublicDay,
} from './public-day';

const HOMES: Homes = {
    H1: [
        { metered: 900n, ordered: 900n, limit: 90_000n },
        { metered: -200n, ordered: 0n, limit: 0n },
    ],
    H2: [
        { metered: -800n, ordered: -700n, limit: 220_000n },
        { metered: 150n, ordered: 100n, limit: 90_000n },
    ],
    H3: [
        { metered: -300n, ordered: -300n, limit: 200_000n },
        { metered: 0n, ordered: 0n, limit: 0n },
    ],
    H4: [
        { metered: 40n, ordered: 100n, limit: 100_000n },
        { metered: -50n, ordered: -90n, limit: 250_000n },
    ],
};

function publicDay(given: DayToClose, sums: DaySums = daySums(given.settlements)): PublicDay {
    const { day, rounds, settlements } = given;
    const prices = Array.from({ length: day.count }, () => DEMONSTRATION);
    return { day, households: settlements.length, provisional: false, rounds, prices, sums };
}

const DAY = played(HOMES, DEMONSTRATION);
const RIGHT = daySums(DAY.settlements) as Opened;
const blindings = DAY.settlements.map((_, i) => 1_000n + BigInt(i));
const commitments = DAY.settlements.map((each, i) =>
    commitmentTo(SETTLEMENT_LAYOUT, settlementComponents(each), blindings[i] ?? 0n),
);

const home = fc.array(
    fc.record({
        metered: fc.bigInt({ min: -9n, max: 9n }),
        ordered: fc.bigInt({ min: -9n, max: 9n }),
        limit: fc.constantFrom(90_000n, 150_000n, 210_000n),
    }),
    { minLength: 2, maxLength: 2 },
);
const homes = fc
    .array(home, { minLength: 3, maxLength: 6 })
    .map((all): Homes => Object.fromEntries(all.map((one, i) => [`H${i}`, one])));

describe('a day that is closed from public sums', () => {
    it('comes to what it comes to when every settlement is seen', () => {
        holds(
            fc.property(homes, (given) => {
                const day = played(given, DEMONSTRATION);
                expect(publicTotals(publicDay(day))).toEqual(closeDay(day));
            }),
        );
    });

    it('has sums to which the commitments open, and no others', () => {
        const isOpenedBy = (sums: Components): boolean =>
            isOpening(SETTLEMENT_LAYOUT, commitments, sums, sumOfBlindings(blindings));
        const sums = openedSums(RIGHT);
        expect(isOpenedBy(sums)).toBe(true);
        for (const [place, value] of sums) {
            expect([place, isOpenedBy(new Map([...sums, [place, value + 1n]]))]).toEqual([place, false]);
        }
        // More sold than bought in a slot, which is said nowhere.
        expect(isOpenedBy(new Map([...sums, ['traded/0', 1n]]))).toBe(false);
    });

    const slots = RIGHT.energy;
    const posting = (name: string, more: bigint): DaySums['postings'] =>
        RIGHT.postings.map((each) => (each.account === name ? { ...each, amount: nanos(each.amount + more) } : each));
    const moved = (from: string, to: string): DaySums['postings'] =>
        posting(from, -1n).map((each) => (each.account === to ? { ...each, amount: nanos(each.amount + 1n) } : each));

    it.each<{ what: string; sums: DaySums; says: RegExp }>([
        { what: 'a slot is missing', sums: { ...RIGHT, energy: slots.slice(1) }, says: /2 slots/ },
        {
            what: 'there is one pair of fees too many',
            sums: { ...RIGHT, bought: [...RIGHT.bought, wattHours(0n)] },
            says: /1 pairs/,
        },
        {
            what: 'an account stands twice',
            sums: { ...RIGHT, postings: [...RIGHT.postings.slice(0, 1), ...RIGHT.postings] },
            says: /rising order/,
        },
        {
            what: 'money comes from nowhere',
            sums: { ...RIGHT, postings: posting('households', 1n) },
            says: /all accounts/,
        },
        {
            what: 'somebody is short of less than nothing',
            sums: { ...RIGHT, energy: slots.map((slot) => ({ ...slot, short: -1n as never })) },
            says: /short in slot/,
        },
        {
            what: 'somebody has less than nothing too much',
            sums: { ...RIGHT, energy: slots.map(({ short }) => ({ short, metered: netEnergy(0n - short - 1n) })) },
            says: /long in slot/,
        },
        {
            what: 'the pool is not what the tariffs give',
            sums: { ...RIGHT, postings: moved('deviation', 'households') },
            says: /deviation pool/,
        },
        {
            what: 'energy was metered that nobody pays for',
            sums: {
                ...RIGHT,
                energy: slots.map(({ short, metered }) => ({ short, metered: netEnergy(metered + 1n) })),
            },
            says: /deviation pool/,
        },
        {
            what: 'the grid fee is another',
            sums: { ...RIGHT, postings: moved('households', 'grid') },
            says: /gridFees/,
        },
        {
            what: 'the community fee is another',
            sums: { ...RIGHT, postings: moved('households', 'community') },
            says: /communityFees/,
        },
    ])('is not closed where $what', ({ sums, says }) => {
        const day = publicDay(DAY, sums);
        expect(() => publicTotals(day)).toThrow(Imbalance);
        expect(() => publicTotals(day)).toThrow(says);
    });

    it('is not closed where the rounds tell another energy or surplus', () => {
        const [first, ...rest] = DAY.rounds;
        const telling = (change: object): PublicDay => ({
            ...publicDay(DAY),
            rounds: [{ ...first, ...change }, ...rest] as PublicDay['rounds'],
        });
        expect(() => publicTotals(telling({ volume: wattHours(1_000_000n) }))).toThrow(/energy that was bought/);
        expect(() => publicTotals(telling({ surplus: nanos(1n) }))).toThrow(/sellers did not get/);
        const silent = DAY.rounds.map((round) => ({ ...round, status: 'void' as const }));
        expect(() => publicTotals({ ...publicDay(DAY), rounds: silent })).toThrow(/energy that was bought/);
    });

    it('has a grid fee within those of the zones, where a zone has one of its own, and says nothing of who is in which', () => {
        const dear = microsPerKwh(DEMONSTRATION.gridFee + 5_000n);
        const settlements = DAY.settlements.map((each) =>
            each.mspId === 'H2'
                ? settleDay(
                      DAY.day,
                      each.mspId,
                      each.slots.map((slot) => ({ ...slot, prices: { ...slot.prices, gridFee: dear } })),
                  )
                : each,
        );
        const day = { ...DAY, settlements };
        const zoned = { ...publicDay(day), zoneDifferences: [5_000n] };
        expect(publicTotals(zoned)).toEqual(closeDay(day));
        expect(() => publicTotals(publicDay(day))).toThrow(/gridFees/);
        expect(() => publicTotals({ ...zoned, zoneDifferences: [1n] })).toThrow(/gridFees/);
        expect(() => publicTotals({ ...zoned, zoneDifferences: [-5_000n] })).toThrow(/gridFees/);
    });

    it('tells no slot of two households: their operator states what follows from it, within what must add up', () => {
        const two = played({ H1: HOMES['H1'] ?? [], H2: HOMES['H2'] ?? [] }, DEMONSTRATION);
        expect(isLargeEnough(two.settlements.length)).toBe(false);
        const all = closeDay(two);
        const supplier = all.postings.find(({ account }) => account === 'supplier')?.amount ?? nanos(0n);
        const stated = { imported: all.imported, exported: all.exported, supplier };
        expect(publicTotals(publicDay(two, daySums(two.settlements, stated)))).toEqual(all);
        const greedy = { ...stated, supplier: nanos(supplier + 10n ** 12n) };
        expect(() => publicTotals(publicDay(two, daySums(two.settlements, greedy)))).toThrow(/spread/);
    });
});

describe('the pairs of fees of a day', () => {
    it('are numbered as they first appear, and other prices make no new one', () => {
        const cheap = { ...DEMONSTRATION, gridFee: microsPerKwh(1n) };
        const dear = { ...DEMONSTRATION, retail: microsPerKwh(900_000n) };
        const { bands, bandOf } = feeBands([cheap, DEMONSTRATION, dear, cheap]);
        expect(bandOf).toEqual([0, 1, 1, 0]);
        expect(bands.map(({ gridFee }) => gridFee)).toEqual([1n, 40_000n]);
    });
});
