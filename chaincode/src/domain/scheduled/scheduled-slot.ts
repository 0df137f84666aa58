import type { MarketPrices } from '../market-prices';
import {
    cost,
    dividedHalfEven,
    microsPerKwh,
    nanos,
    netEnergy,
    total,
    wattHours,
    type MicrosPerKwh,
    type Nanos,
    type NetEnergy,
} from '../quantity';
import type { NanosPerKwh, PoolEnergy } from '../schedule/exchange';
import type { SlotPosition } from '../settlement/position';

// What was agreed on a day ahead becomes money here. The one place where the schedule's sign (from the pool is positive) becomes
// the settlement's (towards the grid is positive).

/** What the community charges who was short and pays who was long of the schedule: one price holds in a slot, for both. */
export interface ImbalancePrices {
    /** In a slot in which the community as a whole is short of its schedule. */
    readonly shortPrice: MicrosPerKwh;
    /** In every other slot. */
    readonly longPrice: MicrosPerKwh;
}

/** How the community stood to its schedule in a slot. Where both are equal nobody gains by which price holds: it is called long. */
export type PoolSide = 'short' | 'long';

export const poolSide = (metered: NetEnergy, scheduled: NetEnergy): PoolSide =>
    metered < scheduled ? 'short' : 'long';

export const imbalancePrice = (side: PoolSide, { shortPrice, longPrice }: ImbalancePrices): MicrosPerKwh =>
    side === 'short' ? shortPrice : longPrice;

/** The schedule's price as it is settled: rounded half to even, so that neither side gains in the long run. */
export const settledPrice = (price: NanosPerKwh): MicrosPerKwh => microsPerKwh(dividedHalfEven(price, 1000n));

/** What a household gives (positive) or takes by the schedule. */
export const scheduledEnergy = (energy: PoolEnergy): NetEnergy => netEnergy(0n - energy);

/** The prices of a slot that was scheduled: whoever differs pays or earns the same for each kWh, and nothing local bears a fee. */
export function imbalanceOnly(imbalance: MicrosPerKwh): MarketPrices {
    const none = microsPerKwh(0n);
    return { retail: imbalance, feedIn: imbalance, gridFee: none, communityFee: none };
}

export type ScheduledTrade = Pick<SlotPosition, 'bought' | 'sold' | 'paid' | 'earned'>;

/** Scheduled energy at the schedule's price, whatever the meter shows later. */
export function scheduledTrade(energy: PoolEnergy, price: NanosPerKwh): ScheduledTrade {
    const bought = wattHours(energy > 0n ? energy : 0n);
    const sold = wattHours(energy < 0n ? 0n - energy : 0n);
    const at = settledPrice(price);
    return { bought, sold, paid: cost(bought, at), earned: cost(sold, at) };
}

/** What is taken at a bus in a slot, by all its households or by one of them, and at which price. */
export interface BusSlot {
    readonly price: NanosPerKwh;
    readonly taken: PoolEnergy;
}

/** What is paid for scheduled energy less what is got. Where no limit binds it is the price × what the grid gives. */
export const scheduledWorth = (buses: Iterable<BusSlot>): Nanos =>
    total(Array.from(buses, ({ price, taken }) => nanos(taken * settledPrice(price))));

/** How far a household's day was from what it had agreed to. */
export interface MarginOfError {
    /** Σ |agreed − metered|. */
    readonly absolute: bigint;
    /** Σ (metered − agreed): what did not cancel over the day. */
    readonly bias: bigint;
    /** Σ |agreed|, to put the first in relation to. */
    readonly agreed: bigint;
}

/** Slot by slot; both of the same slots, positive towards the grid. A RangeError where they are not. */
export function marginOfError(agreed: readonly NetEnergy[], metered: readonly NetEnergy[]): MarginOfError {
    if (agreed.length !== metered.length) {
        throw new RangeError(`${agreed.length} slots were agreed on, ${metered.length} metered`);
    }
    const size = (n: bigint): bigint => (n < 0n ? 0n - n : n);
    const sum = (of: (one: bigint, other: bigint) => bigint): bigint =>
        agreed.reduce((so, each, i) => so + of(each, metered[i] ?? 0n), 0n);
    return {
        absolute: sum((one, other) => size(other - one)),
        bias: sum((one, other) => other - one),
        agreed: sum(size),
    };
}
