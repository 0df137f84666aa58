import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { scheduledDay, type ScheduledHomes } from '../../testing/market/scheduled-day';
import { commitmentTo, isOpening, sumOfBlindings } from '../commitment/pedersen';
import { SETTLEMENT_LAYOUT, settlementComponents } from '../commitment/settlement-layout';
import { balanceOf, householdAccount } from '../postings';
import { microsPerKwh } from '../quantity';
import { openedSums, type Opened } from '../settlement/public-day';
import { slotBalance } from '../settlement/settle';
import { closeScheduledDay, type ScheduledDayToClose } from './close-scheduled-day';

const SLOTS = 2;
const energy = fc.bigInt({ min: -6n, max: 6n });
const home = fc.array(fc.record({ agreed: energy, metered: energy }), { minLength: SLOTS, maxLength: SLOTS });
const price = (least: bigint, most: bigint) => fc.bigInt({ min: least, max: most }).map(microsPerKwh);
/** Prices may be negative; imbalance prices are never better than the tariffs. */
const days: fc.Arbitrary<ScheduledHomes> = fc
    .record({
        homes: fc
            .array(home, { minLength: 1, maxLength: 5 })
            .map((all) => Object.fromEntries(all.map((one, i) => [`H${i}`, one]))),
        prices: fc.array(fc.bigInt({ min: -3_000n, max: 12_000n }), { minLength: SLOTS, maxLength: SLOTS }),
        feedIn: price(-1n, 4n),
        margin: price(0n, 6n),
        shortBy: price(0n, 3n),
        longBy: price(0n, 3n),
    })
    .map(({ homes, prices, feedIn, margin, shortBy, longBy }) => {
        const tariff = { retail: microsPerKwh(feedIn + margin), feedIn };
        const imbalance = {
            shortPrice: microsPerKwh(tariff.retail + shortBy),
            longPrice: microsPerKwh(feedIn - longBy),
        };
        return { homes, prices, tariff, imbalance };
    });
const moneyOf = (day: ScheduledDayToClose, mspId: string): bigint =>
    balanceOf(householdAccount(mspId), day.settlements.find((each) => each.mspId === mspId)?.postings ?? []);
const sidesOf = ({ slots }: ScheduledDayToClose): string => slots.map(({ side }) => side).join();

describe('a day of any schedule, readings and prices', () => {
    it('sums to zero, pays the supplier its tariffs for the net alone, and the community gains by what deviates', () => {
        holds(
            fc.property(days, (given) => {
                const day = scheduledDay(given);
                const { totals } = closeScheduledDay(day);
                const of = (name: string): bigint =>
                    totals.postings.find(({ account }) => account === name)?.amount ?? 0n;
                expect(totals.postings.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
                const { retail, feedIn } = given.tariff;
                const tariff = day.slots.map((_, i) => {
                    const net = Object.values(given.homes).reduce((sum, slots) => sum + (slots[i]?.metered ?? 0n), 0n);
                    return net < 0n ? -net * retail : -net * feedIn;
                });
                expect(of('supplier')).toBe(tariff.reduce((sum, each) => sum + each, 0n));
                expect(of('households') + of('supplier') + of('community')).toBe(0n);
                expect([of('clearing'), of('deviation'), of('grid')]).toEqual([0n, 0n, 0n]);
                for (const { spread } of totals.slots) {
                    expect(spread >= 0n).toBe(true);
                }
            }),
        );
    });

    it('has sums to which the commitments open, with what the schedule gives to the grid', () => {
        holds(
            fc.property(days, (given) => {
                const day = scheduledDay(given);
                const { sums } = closeScheduledDay(day);
                const blindings = day.settlements.map((_, i) => 7n + BigInt(i));
                const elements = day.settlements.map((each, i) =>
                    commitmentTo(SETTLEMENT_LAYOUT, settlementComponents(each), blindings[i] ?? 0n),
                );
                const traded = day.slots.map(({ net }) => net);
                const opens = (components: ReadonlyMap<string, bigint>): boolean =>
                    isOpening(SETTLEMENT_LAYOUT, elements, components, sumOfBlindings(blindings));
                expect(opens(openedSums(sums as Opened, traded))).toBe(true);
                const [first = 0n, ...rest] = traded;
                expect(opens(openedSums(sums as Opened, [(first + 1n) as never, ...rest]))).toBe(false);
            }),
            10,
        );
    });

    it('costs who meters its schedule exactly its schedule, whatever the others do', () => {
        holds(
            fc.property(days, (given) => {
                const [first = []] = Object.values(given.homes);
                const kept = first.map(({ agreed }) => ({ agreed, metered: -agreed }));
                const day = scheduledDay({ ...given, homes: { ...given.homes, H0: kept } });
                const scheduled = day.settlements[0]?.slots.map((slot) => slot.earned - slot.paid) ?? [];
                expect(day.settlements[0]?.slots.map(slotBalance)).toEqual(scheduled);
            }),
        );
    });

    it("changes nobody's money by another's deviation but by how the pool stands", () => {
        holds(
            fc.property(days, home, (given, other) => {
                const [first = []] = Object.values(given.homes);
                const moved = first.map(({ agreed }, i) => ({ agreed, metered: other[i]?.metered ?? 0n }));
                const before = scheduledDay(given);
                const after = scheduledDay({ ...given, homes: { ...given.homes, H0: moved } });
                fc.pre(sidesOf(before) === sidesOf(after));
                for (const name of Object.keys(given.homes).slice(1)) {
                    expect(moneyOf(after, name)).toBe(moneyOf(before, name));
                }
            }),
        );
    });

    it('closes where buses have prices of their own: what they differ by stays with the community', () => {
        holds(
            fc.property(
                days,
                fc.array(fc.bigInt({ min: -3_000n, max: 12_000n }), { minLength: 2, maxLength: 2 }),
                (given, own) => {
                    const { totals } = closeScheduledDay(scheduledDay({ ...given, local: { H0: own } }));
                    expect(totals.postings.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
                },
            ),
        );
    });
});
