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
    type MicrosPerKwh,
    type Nanos,
    type NetEnergy,
    type WattHours,
} from '../quantity';
import type { LocalDay, Slot } from '../slot';
import type { RoundResult } from './close-day';
import type { DaySettlement, SlotSettlement } from './position';
import { atTheGrid, settleDay, withFees } from './settle';

/** What all households together did in a slot. */
export interface SlotPool {
    readonly slot: Slot;
    readonly traded: WattHours;
    readonly metered: NetEnergy;
    readonly short: WattHours;
    readonly supplier: Nanos;
    readonly spread: Nanos;
    /** What buyers paid and sellers did not get. */
    readonly surplus: Nanos;
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
    const { traded, surplus } = checkRound(round, households);
    equal(
        round,
        'contracted energy',
        total(households.map(({ contracted = netEnergy(0n) }) => contracted)),
        'none',
        0n,
    );
    const deviations = households.map(({ deviation }) => deviation);
    const metered = total(households.map((one) => one.metered));
    equal(round, 'deviations', total(deviations), 'metered energy', metered);
    const prices = households[0]?.prices;
    if (prices === undefined) {
        const none = { metered: netEnergy(0n), short: wattHours(0n), supplier: nanos(0n), spread: nanos(0n) };
        return { slot: round.slot, traded, ...none, surplus };
    }
    const supplier = negated(atTheGrid(metered, prices));
    const long = energy(deviations.filter((deviation) => deviation > 0n));
    const short = energy(deviations.filter((deviation) => deviation < 0n).map((deviation) => negated(deviation)));
    const spread = cost(least(long, short), microsPerKwh(prices.retail - prices.feedIn));
    const pool = negated(total(households.map(({ balancing }) => balancing)));
    equal(round, 'deviation pool', pool, 'supplier and spread', supplier + spread);
    const used = total(households.map(withFees));
    equal(round, 'grid fees', paid(households, 'gridFee'), 'their rates', gridFees(households));
    equal(round, 'community fees', paid(households, 'communityFee'), 'their rate', cost(used, prices.communityFee));
    return { slot: round.slot, traded, metered, short, supplier, spread, surplus };
}

/** Energy and money of the trades are those of the round. */
function checkRound(round: RoundResult, households: readonly SlotSettlement[]): { traded: WattHours; surplus: Nanos } {
    // Grid fees may differ by zone; everything else is the same for all.
    if (new Set(households.map(({ prices }) => canonicalJson({ ...prices, gridFee: 0n }))).size > 1) {
        throw new Imbalance(`round ${round.slot} was settled under different tariffs`);
    }
    return { traded: checkEnergy(round, households), surplus: checkMoney(round, households) };
}

function checkEnergy(round: RoundResult, households: readonly SlotSettlement[]): WattHours {
    const bought = total(households.map((one) => one.bought));
    equal(round, "buyers' fills", bought, "sellers' fills", total(households.map((one) => one.sold)));
    if (round.volume !== undefined) {
        equal(round, "buyers' fills", bought, 'volume', round.volume);
    }
    if (round.status === 'void') {
        equal(round, 'fills of a void round', bought, 'none', 0n);
    }
    return bought;
}

/** What buyers pay less what sellers get, which is what their counter postings leave on `clearing`. */
function checkMoney(round: RoundResult, households: readonly SlotSettlement[]): Nanos {
    const { price } = round;
    for (const { bought, paid: amount } of price === undefined ? [] : households) {
        equal(round, 'what a buyer pays', amount, 'its price', cost(bought, price as MicrosPerKwh));
    }
    const surplus = negated(total(households.map(({ local }) => local)));
    if (surplus < 0n) {
        throw new Imbalance(
            `round ${round.slot}: sellers got ${(0n - surplus).toString()} nanos more than buyers paid`,
        );
    }
    if (round.surplus !== undefined) {
        equal(round, 'what buyers paid and sellers did not get', surplus, 'surplus', round.surplus);
    }
    return surplus;
}

const energy = (parts: readonly NetEnergy[]): WattHours => wattHours(total(parts));

const paid = (households: readonly SlotSettlement[], fee: 'gridFee' | 'communityFee'): Nanos =>
    negated(total(households.map((one) => one[fee])));

const gridFees = (households: readonly SlotSettlement[]): Nanos =>
    total(households.map((one) => cost(withFees(one), one.prices.gridFee)));

function equal(round: RoundResult, one: string, a: bigint, other: string, b: bigint): void {
    if (a !== b) {
        throw new Imbalance(`round ${round.slot}: ${one} ${a.toString()}, but ${other} ${b.toString()}`);
    }
}
