import { canonicalJson } from '../canonical';
import { Imbalance } from '../postings';
import { cost, net, netEnergy, total, type MicrosPerKwh } from '../quantity';
import type { DayTotals } from '../settlement/close-day';
import { checkSettlement } from '../settlement/checks';
import type { DaySettlement, SlotSettlement } from '../settlement/position';
import { daySums, type DaySums, type StatedSums } from '../settlement/public-day';
import { imbalanceOnly, imbalancePrice } from './scheduled-slot';
import { scheduledTotals, type ScheduledPublicDay } from './scheduled-totals';

export interface ScheduledDayToClose extends Omit<ScheduledPublicDay, 'households' | 'provisional' | 'sums'> {
    readonly settlements: readonly DaySettlement[];
    /** What each household that must be settled pays for scheduled energy, slot by slot: its bus's price. */
    readonly prices: ReadonlyMap<string, readonly MicrosPerKwh[]>;
    /** Instead of the slots, where there are too few households to tell them. */
    readonly stated?: StatedSums | undefined;
}

export interface ClosedScheduledDay {
    readonly totals: DayTotals;
    readonly sums: DaySums;
}

/**
 * Add up a scheduled day and compare what can be compared household by household, for who has seen every settlement: each one's money is
 * what its energy and prices give, its scheduled energy is paid at its price and its deviation at the slot's imbalance price, and together they
 * give the grid what the schedule says. Then what everybody can compare (`scheduledTotals`). Throws an `Imbalance` that names the first that
 * differs; a RangeError where settlements are missing or too many.
 */
export function closeScheduledDay(given: ScheduledDayToClose): ClosedScheduledDay {
    const { day, slots, settlements, prices, imbalance, worth } = given;
    const names = settlements.map(({ mspId }) => mspId);
    if (
        names.length !== prices.size ||
        new Set(names).size !== names.length ||
        names.some((name) => !prices.has(name))
    ) {
        throw new RangeError(`${day.day} has ${names.length} settlements of ${prices.size} households`);
    }
    for (const settlement of settlements) {
        checkSettlement(day, settlement);
        checkPrices(given, settlement);
    }
    for (const [i, { net: scheduled }] of slots.entries()) {
        const traded = total(settlements.map((each) => tradedIn(each.slots[i])));
        if (traded !== scheduled) {
            throw new Imbalance(
                `slot ${day.first + i}: ${traded.toString()} Wh were settled as scheduled of ${scheduled.toString()}`,
            );
        }
    }
    const sums = daySums(settlements, given.stated);
    const provisional = settlements.some((each) => each.provisional);
    const totals = scheduledTotals({ day, households: names.length, provisional, imbalance, worth, slots, sums });
    return { totals, sums };
}

function tradedIn(slot: SlotSettlement | undefined): ReturnType<typeof net> {
    return slot === undefined ? netEnergy(0n) : netEnergy(slot.sold - slot.bought + (slot.contracted ?? 0n));
}

function checkPrices(
    { slots, prices, imbalance }: ScheduledDayToClose,
    { mspId, slots: settled }: DaySettlement,
): void {
    for (const [i, each] of settled.entries()) {
        const price = prices.get(mspId)?.[i];
        const side = slots[i]?.side;
        if (price === undefined || side === undefined) {
            throw new RangeError(`no price of ${mspId} for slot ${each.slot}`);
        }
        const expected = imbalanceOnly(imbalancePrice(side, imbalance));
        if (each.scheduled !== true || canonicalJson(each.prices) !== canonicalJson(expected)) {
            throw new Imbalance(`slot ${each.slot} of ${mspId} was not settled at the price of a ${side} pool`);
        }
        if (each.paid !== cost(each.bought, price) || each.earned !== cost(each.sold, price)) {
            throw new Imbalance(`slot ${each.slot} of ${mspId} was not settled at the schedule's price`);
        }
    }
}
