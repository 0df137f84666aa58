import type { CalendarDay } from '../calendar';
import type { MarketPrices } from '../market-prices';
import type { Posting } from '../postings';
import type { Nanos, NetEnergy, WattHours } from '../quantity';
import type { Slot } from '../slot';

/** What is known of a household in a slot before money is computed. */
export interface SlotPosition {
    readonly slot: Slot;
    readonly prices: MarketPrices;
    readonly bought: WattHours;
    readonly sold: WattHours;
    /** What the round asks for `bought` and gives for `sold`, before fees. */
    readonly paid: Nanos;
    readonly earned: Nanos;
    /** Given (positive) or taken under contracts with storage; paid for beside the settlement. Absent where nothing was. */
    readonly contracted?: NetEnergy | undefined;
    /** What of that was taken by a buyer: the fees are due on it as on `bought`. */
    readonly received?: WattHours | undefined;
    /** Measured at the meter: generation less load. */
    readonly metered: NetEnergy;
    /** The reading is an estimate, so the settlement is provisional. */
    readonly estimated: boolean;
    /** Bought and sold were scheduled a day ahead; `prices` are those of deviations alone (`imbalanceOnly`). Absent where a round traded. */
    readonly scheduled?: true | undefined;
}

/** The money of a household in a slot. Amounts are the household's: positive is earned, negative is paid. */
export interface SlotSettlement extends SlotPosition {
    /** Metered less traded and contracted energy: negative is short, positive is long. */
    readonly deviation: NetEnergy;
    /** Earned less paid in the round: against `clearing`. */
    readonly local: Nanos;
    /** On what was bought or received: against `grid`. */
    readonly gridFee: Nanos;
    /** On what was bought or received: against `community`. */
    readonly communityFee: Nanos;
    /** Short at retail, long at feed-in: against `deviation`. */
    readonly balancing: Nanos;
}

/** A household's day: the record that household and grid operator agree on. */
export interface DaySettlement {
    readonly day: CalendarDay;
    readonly mspId: string;
    /** Every slot of the day, in order of time. */
    readonly slots: readonly SlotSettlement[];
    /** The day's sum for each account, the household's and the counter postings, by name. Sums to zero. */
    readonly postings: readonly Posting[];
    /** At least one reading is an estimate. */
    readonly provisional: boolean;
}
