import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { gridBounds } from '../market-prices';
import { localDay, slot, slotsOf, type Clock } from '../slot';
import { energyFlaw, pairFee, pricesAt, roundPricesAt, worstPrices, type EnergyTerms } from './bands';

const CLOCK: Clock = [{ fromSlot: slot(0), offsetMinutes: 60 }];
const BASE = { retail: 300_000n, feedIn: 80_000n, gridFee: 40_000n, communityFee: 30_000n };
const NIGHT = { ...BASE, name: 'night', days: 'all' as const, fromQuarter: 0, toQuarter: 24, retail: 200_000n };
const EVENING = {
    ...BASE,
    name: 'evening',
    days: 'workdays' as const,
    fromQuarter: 68,
    toQuarter: 80,
    retail: 400_000n,
};
const TERMS: EnergyTerms = { ...BASE, bands: [NIGHT, EVENING] };

function retailAt(day: string, time: number, clock = CLOCK): bigint {
    const { first } = localDay(day, clock);
    return pricesAt(TERMS, clock, { day }, slot(first + time)).retail;
}

describe('bands of local time', () => {
    it.each([
        { day: '2025-04-16', quarter: 0, retail: 200_000n, why: 'midnight is in the night' },
        { day: '2025-04-16', quarter: 23, retail: 200_000n, why: 'the last quarter before six' },
        { day: '2025-04-16', quarter: 24, retail: 300_000n, why: 'six is no longer night' },
        { day: '2025-04-16', quarter: 68, retail: 400_000n, why: 'a Wednesday evening' },
        { day: '2025-04-16', quarter: 80, retail: 300_000n, why: 'the evening ends at eight' },
        { day: '2025-04-19', quarter: 70, retail: 300_000n, why: 'Saturday is no workday' },
        { day: '2025-04-20', quarter: 70, retail: 300_000n, why: 'nor is Sunday' },
        { day: '2025-04-21', quarter: 70, retail: 400_000n, why: 'Monday is one' },
    ])('$day quarter $quarter: $why', ({ day, quarter, retail }) => {
        expect(retailAt(day, quarter)).toBe(retail);
    });

    it('go by what clocks show where they change', () => {
        // 2025-03-30: clocks skip from 2 to 3 o'clock, so six o'clock comes after 20 quarters.
        const berlin: Clock = [...CLOCK, { fromSlot: slot(1_743_296_400 / 900), offsetMinutes: 120 }];
        const nights = slotsOf(localDay('2025-03-30', berlin)).filter(
            (each) => pricesAt(TERMS, berlin, { day: '2025-03-30' }, each).retail === NIGHT.retail,
        );
        expect(nights).toHaveLength(20);
    });
});

describe('fees between zones', () => {
    const zoned: EnergyTerms = {
        ...TERMS,
        zoneFees: [
            { from: 'pool', to: 'hill', differencePerKwh: 15_000n },
            { from: 'pool', to: 'valley', differencePerKwh: -10_000n },
            { from: 'hill', to: 'hill', differencePerKwh: -40_000n },
        ],
    };
    const at = slot(localDay('2025-04-16', CLOCK).first + 40);
    const day = { day: '2025-04-16' };

    it.each([
        { from: 'pool', to: 'hill', fee: 55_000n },
        { from: 'hill', to: 'hill', fee: 0n },
        { from: 'valley', to: 'hill', fee: 55_000n },
        { from: 'hill', to: 'valley', fee: 30_000n },
        { from: 'pool', to: 'elsewhere', fee: 40_000n },
    ])('from $from to $to: $fee', ({ from, to, fee }) => {
        expect(pairFee(zoned, BASE as never, from, to)).toBe(fee);
    });

    it('are paid by the zone of the buyer for energy from the pool', () => {
        const fees = [undefined, 'hill', 'valley'].map((zone) => pricesAt(zoned, CLOCK, day, at, zone).gridFee);
        expect(fees).toEqual([40_000n, 55_000n, 30_000n]);
    });

    it('and bands have a worst case: dearest to buy, cheapest to sell', () => {
        const bands = [
            { ...NIGHT, feedIn: 10_000n },
            { ...EVENING, gridFee: 60_000n, communityFee: 35_000n },
        ];
        const worst = { retail: 400_000n, feedIn: 10_000n, gridFee: 75_000n, communityFee: 35_000n };
        expect(worstPrices({ ...zoned, bands })).toEqual(worst);
        expect(worstPrices(BASE)).toEqual(BASE);
    });

    it('bound a round by the dearest of them: within the bounds no zone pays more than from the grid', () => {
        const difference = fc.bigInt({ min: -2n, max: 6n });
        const zones = fc.array(difference, { maxLength: 3 });
        const small = { retail: 12n, feedIn: 2n, gridFee: 2n, communityFee: 1n };
        holds(
            fc.property(zones, (differences) => {
                const zoneFees = differences.map((n, i) => ({ from: 'pool', to: `z${i}`, differencePerKwh: n }));
                const terms = { ...small, zoneFees };
                const bounds = gridBounds(roundPricesAt(terms, CLOCK, day, at));
                for (const zone of [undefined, ...zoneFees.map(({ to }) => to)]) {
                    const { gridFee, communityFee, retail } = pricesAt(terms, CLOCK, day, at, zone);
                    expect((bounds?.highest ?? 0n) + gridFee + communityFee <= retail).toBe(true);
                }
            }),
        );
    });
});

it.each<{ what: string; change: Partial<EnergyTerms>; flaw: RegExp | undefined }>([
    { what: 'sound', change: {}, flaw: undefined },
    {
        what: 'a band that ends before it begins',
        change: { bands: [{ ...NIGHT, fromQuarter: 24 }] },
        flaw: /night ends/,
    },
    { what: 'a band after midnight', change: { bands: [{ ...NIGHT, toQuarter: 97 }] }, flaw: /after midnight/ },
    { what: 'a band twice', change: { bands: [NIGHT, NIGHT] }, flaw: /night is there twice/ },
    {
        what: 'a band that pays more than it takes',
        change: { bands: [{ ...NIGHT, feedIn: 200_001n }] },
        flaw: /in night/,
    },
    {
        what: 'the pool as a destination',
        change: { zoneFees: [{ from: 'a', to: 'pool', differencePerKwh: 0n }] },
        flaw: /no zone/,
    },
    {
        what: 'a fee below zero',
        change: { zoneFees: [{ from: 'a', to: 'b', differencePerKwh: -40_001n }] },
        flaw: /would be negative/,
    },
])('energy terms: $what', ({ change, flaw }) => {
    const found = energyFlaw({ ...TERMS, ...change });
    expect(flaw === undefined ? found : flaw.test(found ?? '')).toBe(flaw === undefined ? undefined : true);
});
