import type { CalendarDay } from '../calendar';
import type { Posting } from '../postings';
import type { MicrosPerKwh, NetEnergy, WattHours } from '../quantity';
import type { LocalDay, Slot } from '../slot';
import type { DaySettlement } from './position';

/** What the channel says of a round that has ended. */
export interface RoundResult {
    readonly slot: Slot;
    readonly status: 'cleared' | 'void';
    readonly price?: MicrosPerKwh | undefined;
    /** Undefined where too few parties traded to publish it. */
    readonly volume?: WattHours | undefined;
}

/** The community's slot as its own connection to the grid sees it. */
export interface SlotTotal {
    readonly slot: Slot;
    /** Σ of the metered energy of all households. */
    readonly metered: NetEnergy;
    /** What the supplier gets (positive) or pays for it, in nanos, and what stays with the community of the pool. */
    readonly supplier: Posting['amount'];
    readonly spread: Posting['amount'];
}

/** The sums of a day, on the channel. */
export interface DayTotals {
    readonly day: CalendarDay;
    readonly households: number;
    readonly traded: WattHours;
    /** Σ of the slots in which the community imported, and in which it exported. */
    readonly imported: WattHours;
    readonly exported: WattHours;
    /** Empty where the community has too few households to publish sums over them. */
    readonly slots: readonly SlotTotal[];
    /** What each shared account received or paid in all, and all households together under `households`. Sums to zero. */
    readonly postings: readonly { readonly account: string; readonly amount: Posting['amount'] }[];
    readonly provisional: boolean;
}

export interface DayToClose {
    readonly day: LocalDay;
    /** The households that must be settled: each once, and no other. */
    readonly households: readonly string[];
    /** One for each slot of the day. */
    readonly rounds: readonly RoundResult[];
    readonly settlements: readonly DaySettlement[];
}

/**
 * Add up a day and compare every sum that can be had in two ways. Throws an `Imbalance` that names the first that differs.
 */
export function closeDay(_given: DayToClose): DayTotals {
    throw new Error('not yet');
}
