import type { LocalDay } from '../slot';
import { ACCOUNTS, assertBalanced, householdAccount, summed, type Posting } from '../postings';
import {
    cost,
    minus,
    negated,
    net,
    netEnergy,
    plus,
    wattHours,
    type Nanos,
    type NetEnergy,
    type WattHours,
} from '../quantity';
import type { MarketPrices } from '../market-prices';
import type { DaySettlement, SlotPosition, SlotSettlement } from './position';

/**
 * The money of one household in one slot. Local trade as its round decided and the two fees on what was bought, and received under
 * contracts; the deviation at retail (short) or feed-in (long). What contracts cost is paid by escrow. Nothing is rounded.
 */
export function settleSlot(position: SlotPosition): SlotSettlement {
    const { slot, prices, bought, sold, paid, earned, metered, contracted = netEnergy(0n) } = position;
    if ((bought === 0n && paid !== 0n) || (sold === 0n && earned !== 0n)) {
        throw new RangeError(`money was moved in slot ${slot} without energy`);
    }
    const deviation = netEnergy(metered - net(sold, bought) - contracted);
    const used = withFees(position);
    return {
        ...position,
        deviation,
        local: minus(earned, paid),
        gridFee: negated(cost(used, prices.gridFee)),
        communityFee: negated(cost(used, prices.communityFee)),
        balancing: atTheGrid(deviation, prices),
    };
}

/** What was taken from others of the community by who uses it, in a round or under a contract. */
export const withFees = ({ bought, received = wattHours(0n) }: SlotPosition): WattHours => plus(bought, received);

/** What net energy costs or earns under retail and feed-in alone. */
export function atTheGrid(energy: NetEnergy, { retail, feedIn }: Pick<MarketPrices, 'retail' | 'feedIn'>): Nanos {
    return energy < 0n ? negated(cost(wattHours(0n - energy), retail)) : cost(wattHours(energy), feedIn);
}

/** What the household would pay or earn in the slot if there were no market: the yardstick of who is better off. */
export const withoutMarket = ({ metered, prices }: SlotPosition): Nanos => atTheGrid(metered, prices);

/** What the household pays or earns in the slot. */
export const slotBalance = ({ local, gridFee, communityFee, balancing }: SlotSettlement): Nanos =>
    plus(plus(local, balancing), plus(gridFee, communityFee));

/** Both sides of the money of a slot. */
export function slotPostings(mspId: string, slot: SlotSettlement): Posting[] {
    return assertBalanced(
        [
            { account: householdAccount(mspId), amount: slotBalance(slot) },
            { account: ACCOUNTS.clearing, amount: negated(slot.local) },
            { account: ACCOUNTS.grid, amount: negated(slot.gridFee) },
            { account: ACCOUNTS.community, amount: negated(slot.communityFee) },
            { account: ACCOUNTS.deviation, amount: negated(slot.balancing) },
        ],
        `${mspId} in slot ${slot.slot}`,
    );
}

/** Settle a household's day. `positions` must be the slots of the day, each once, in order of time: a RangeError if not. */
export function settleDay(day: LocalDay, mspId: string, positions: readonly SlotPosition[]): DaySettlement {
    if (positions.length !== day.count || positions.some(({ slot }, i) => slot !== day.first + i)) {
        throw new RangeError(`the positions of ${mspId} are not the ${day.count} slots of ${day.day}`);
    }
    const slots = positions.map(settleSlot);
    const postings = summed(slots.flatMap((slot) => slotPostings(mspId, slot)));
    return {
        day: day.day,
        mspId,
        slots,
        postings: assertBalanced(postings, `${mspId} on ${day.day}`),
        provisional: slots.some(({ estimated }) => estimated),
    };
}
