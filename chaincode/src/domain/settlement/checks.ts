import { canonicalJson } from '../canonical';
import { Imbalance } from '../postings';
import {
    cost,
    least,
    microsPerKwh,
    nanos,
    negated,
    netEnergy,
    total,
    wattHours,
    type Nanos,
    type NetEnergy,
    type WattHours,
} from '../quantity';
import type { LocalDay, Slot } from '../slot';
import type { RoundResult } from './close-day';
import type { DaySettlement, SlotSettlement } from './position';
import { atTheGrid, settleDay } from './settle';

/** What all households together did in a slot. */
export interface SlotPool {
    readonly slot: Slot;
    readonly traded: WattHours;
    readonly metered: NetEnergy;
    readonly supplier: Nanos;
    readonly spread: Nanos;
}

/** A settlement's money is what its energy and prices give when computed again. */
export function checkSettlement(day: LocalDay, settlement: DaySettlement): void {
    const again = settleDay(day, settlement.mspId, settlement.slots);
    if (canonicalJson(again) !== canonicalJson(settlement)) {
        throw new Imbalance(
            `the settlement of ${settlement.mspId} on ${day.day} is not what its energy and prices give`,
        );
    }
}

/** Add up a round over its households and compare. */
export function poolSlot(round: RoundResult, households: readonly SlotSettlement[]): SlotPool {
    const traded = checkRound(round, households);
    const deviations = households.map(({ deviation }) => deviation);
    const metered = total(households.map((one) => one.metered));
    equal(round, 'deviations', total(deviations), 'metered energy', metered);
    const prices = households[0]?.prices;
    if (prices === undefined) {
        return { slot: round.slot, traded, metered: netEnergy(0n), supplier: nanos(0n), spread: nanos(0n) };
    }
    const supplier = negated(atTheGrid(metered, prices));
    const long = energy(deviations.filter((deviation) => deviation > 0n));
    const short = energy(deviations.filter((deviation) => deviation < 0n).map((deviation) => negated(deviation)));
    const spread = cost(least(long, short), microsPerKwh(prices.retail - prices.feedIn));
    const pool = negated(total(households.map(({ balancing }) => balancing)));
    equal(round, 'deviation pool', pool, 'supplier and spread', supplier + spread);
    equal(round, 'grid fees', paid(households, 'gridFee'), 'their rate', cost(traded, prices.gridFee));
    equal(round, 'community fees', paid(households, 'communityFee'), 'their rate', cost(traded, prices.communityFee));
    return { slot: round.slot, traded, metered, supplier, spread };
}

/** Energy and price of the trades are those of the round. Returns the energy traded. */
function checkRound(round: RoundResult, households: readonly SlotSettlement[]): WattHours {
    const bought = total(households.map((one) => one.bought));
    const sold = total(households.map((one) => one.sold));
    equal(round, "buyers' fills", bought, "sellers' fills", sold);
    if (round.volume !== undefined) {
        equal(round, "buyers' fills", bought, 'volume', round.volume);
    }
    if (round.status === 'void' || round.price === undefined) {
        equal(round, 'fills of a round without a price', bought, 'none', 0n);
    }
    const terms = new Set(households.map(({ price, prices }) => canonicalJson({ price, prices })));
    if (terms.size > 1 || households.some(({ price }) => price !== round.price)) {
        throw new Imbalance(`round ${round.slot} was settled at different prices`);
    }
    equal(round, 'account clearing', total(households.map(({ local }) => local)), 'zero', 0n);
    return bought;
}

const energy = (parts: readonly NetEnergy[]): WattHours => wattHours(total(parts));

const paid = (households: readonly SlotSettlement[], fee: 'gridFee' | 'communityFee'): Nanos =>
    negated(total(households.map((one) => one[fee])));

function equal(round: RoundResult, one: string, a: bigint, other: string, b: bigint): void {
    if (a !== b) {
        throw new Imbalance(`round ${round.slot}: ${one} ${a.toString()}, but ${other} ${b.toString()}`);
    }
}
