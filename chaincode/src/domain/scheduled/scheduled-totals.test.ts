import { describe, expect, it } from '@jest/globals';
import { scheduledDay, STL_1 } from '../../testing/market/scheduled-day';
import { Imbalance } from '../postings';
import { microsPerKwh, nanos, netEnergy, wattHours } from '../quantity';
import type { DaySums, SlotSums } from '../settlement/public-day';
import { settleDay } from '../settlement/settle';
import { closeScheduledDay, type ScheduledDayToClose } from './close-scheduled-day';
import { scheduledTotals, type ScheduledPublicDay, type ScheduledSlot } from './scheduled-totals';

const DAY = scheduledDay(STL_1);
const { sums } = closeScheduledDay(DAY);
const PUBLIC: ScheduledPublicDay = { ...DAY, households: 3, provisional: false, sums };
const energy = sums.energy as readonly SlotSums[];
const slotWith = (change: Partial<ScheduledSlot>): ScheduledPublicDay => ({
    ...PUBLIC,
    slots: DAY.slots.map((each) => ({ ...each, ...change })),
});
const sumsWith = (change: Partial<DaySums>): ScheduledPublicDay => ({ ...PUBLIC, sums: { ...sums, ...change } });
const moved = (from: string, to: string): DaySums['postings'] =>
    [...new Set([...sums.postings.map(({ account }) => account), from, to])].sort().map((account) => {
        const amount = sums.postings.find((each) => each.account === account)?.amount ?? 0n;
        return { account, amount: nanos(amount + (account === to ? 1n : 0n) - (account === from ? 1n : 0n)) };
    });

describe('a scheduled day that is closed from public sums', () => {
    it.each<{ what: string; given: ScheduledPublicDay; says: RegExp }>([
        { what: 'a slot is missing', given: sumsWith({ energy: [] }), says: /1 slots/ },
        {
            what: 'there are fees',
            given: sumsWith({ bought: [wattHours(1n), wattHours(1n)] }),
            says: /no fees/,
        },
        {
            what: 'accounts stand twice',
            given: sumsWith({ postings: [...sums.postings, ...sums.postings] }),
            says: /rising/,
        },
        {
            what: 'money comes from nowhere',
            given: sumsWith({ postings: sums.postings.slice(1) }),
            says: /all accounts/,
        },
        {
            what: 'somebody is short of less than nothing',
            given: sumsWith({ energy: energy.map((each) => ({ ...each, short: -1n as never })) }),
            says: /short in slot/,
        },
        {
            what: 'somebody is long of less than nothing',
            given: sumsWith({ energy: energy.map((each) => ({ ...each, short: wattHours(549n) })) }),
            says: /long in slot/,
        },
        { what: 'the pool was stated long', given: slotWith({ side: 'long' }), says: /was stated long/ },
        {
            what: 'the pool was stated short, and nothing was missing',
            given: sumsWith({ energy: energy.map((each) => ({ ...each, metered: netEnergy(-1750n) })) }),
            says: /was stated short/,
        },
        {
            what: 'the pool has another sum',
            given: sumsWith({ postings: moved('households', 'deviation') }),
            says: /deviation pool/,
        },
        {
            what: 'more was metered',
            given: sumsWith({ energy: energy.map((each) => ({ ...each, metered: netEnergy(-2299n) })) }),
            says: /deviation pool/,
        },
        {
            what: 'the grid operator has a fee',
            given: sumsWith({ postings: moved('households', 'grid') }),
            says: /grid fees/,
        },
        {
            what: 'the community has a fee',
            given: sumsWith({ postings: moved('households', 'community') }),
            says: /community fees/,
        },
        {
            what: 'scheduled energy was paid at another price',
            given: sumsWith({ postings: moved('households', 'clearing') }),
            says: /scheduled energy/,
        },
        {
            what: 'less was bought than came in',
            given: sumsWith({ bought: [wattHours(1749n)] }),
            says: /from one another/,
        },
    ])('is not closed where $what', ({ given, says }) => {
        expect(() => scheduledTotals(given)).toThrow(Imbalance);
        expect(() => scheduledTotals(given)).toThrow(says);
    });

    it('of two households tells no slot: their operator states what follows, within what must add up', () => {
        const two = scheduledDay({
            ...STL_1,
            homes: { load2: STL_1.homes['load2'] ?? [], gen: STL_1.homes['gen'] ?? [] },
        });
        const open = closeScheduledDay(two).totals;
        const supplier = open.postings.find(({ account }) => account === 'supplier')?.amount ?? nanos(0n);
        const stated = { imported: open.imported, exported: open.exported, supplier };
        expect(closeScheduledDay({ ...two, stated }).totals).toEqual({ ...open, slots: [] });
        const greedy = { ...stated, supplier: nanos(supplier + 10n ** 12n) };
        expect(() => closeScheduledDay({ ...two, stated: greedy })).toThrow(/gain by deviations/);
    });
});

describe('energy under contracts with storage, on a scheduled day', () => {
    const under = {
        gen: { contracted: netEnergy(100n) },
        load2: { contracted: netEnergy(-100n), received: wattHours(100n) },
    };
    const settlements = DAY.settlements.map((each) => {
        const change = each.mspId === 'load1' ? {} : under[each.mspId as keyof typeof under];
        return settleDay(
            DAY.day,
            each.mspId,
            each.slots.map((slot) => ({ ...slot, ...change })),
        );
    });

    it('is no deviation, bears no fee, and changes nothing of what the community comes to', () => {
        const { totals } = closeScheduledDay({ ...DAY, settlements });
        expect(totals.postings).toEqual(closeScheduledDay(DAY).totals.postings);
        const deviations = settlements.map(({ mspId, slots: [slot] }) => [mspId, slot?.deviation, slot?.gridFee]);
        expect(deviations).toEqual([
            ['load1', 0n, 0n],
            ['load2', -200n, 0n],
            ['gen', -350n, 0n],
        ]);
    });
});

describe('a scheduled day that is closed by who has seen every settlement', () => {
    const replaced = (change: (day: ScheduledDayToClose) => Partial<ScheduledDayToClose>): ScheduledDayToClose => ({
        ...DAY,
        ...change(DAY),
    });
    const settledWith = (change: object): ScheduledDayToClose =>
        replaced(({ day, settlements: [first, ...rest] }) => ({
            settlements: [
                settleDay(day, first?.mspId ?? '', first?.slots.map((each) => ({ ...each, ...change })) ?? []),
                ...rest,
            ],
        }));

    it.each<{ what: string; day: ScheduledDayToClose; says: RegExp }>([
        {
            what: 'a settlement is missing',
            day: replaced(({ settlements }) => ({ settlements: settlements.slice(1) })),
            says: /2 settlements of 3/,
        },
        {
            what: 'one counts twice',
            day: replaced(({ settlements: [one, two] }) => ({
                settlements: [one, one, two].flatMap((each) => each ?? []),
            })),
            says: /3 settlements of 3/,
        },
        {
            what: 'money does not follow from energy',
            day: replaced(({ settlements: [one, ...rest] }) => ({
                settlements: [{ ...one, postings: [] } as never, ...rest],
            })),
            says: /is not what its energy and prices give/,
        },
        {
            what: 'one was settled as if a round had traded',
            day: settledWith({ scheduled: undefined }),
            says: /price of a short pool/,
        },
        {
            what: 'one had another imbalance price',
            day: settledWith({
                prices: { retail: microsPerKwh(1n), feedIn: microsPerKwh(1n), gridFee: 0n, communityFee: 0n },
            }),
            says: /price of a short pool/,
        },
        { what: 'one paid another price', day: settledWith({ paid: nanos(1n) }), says: /the schedule's price/ },
        {
            what: 'one was settled for other energy than it agreed to',
            day: settledWith({ bought: wattHours(4001n), paid: nanos(4001n * 300_000n) }),
            says: /-1751 Wh were settled as scheduled of -1750/,
        },
    ])('is not closed where $what', ({ day, says }) => {
        expect(() => closeScheduledDay(day)).toThrow(says);
    });
});
