import type { CalendarDay } from '../calendar';
import type { Posting } from '../postings';
import type { MicrosPerKwh, MinorUnits, Nanos, WattHours } from '../quantity';
import type { Slot } from '../slot';
import type { DaySettlement } from './position';

/** In the order in which a bill lists them. */
export const BILL_ITEMS = ['localSale', 'localPurchase', 'gridFee', 'communityFee', 'feedIn', 'retail'] as const;
export type BillItem = (typeof BILL_ITEMS)[number];

/** Energy of one kind at one price. `amount` = energy × price, negative where the household pays. */
export interface BillLine {
    readonly item: BillItem;
    readonly price: MicrosPerKwh;
    readonly energy: WattHours;
    readonly amount: Nanos;
    /** The rounds (slots) that the energy comes from, in order of time. */
    readonly rounds: readonly Slot[];
}

export interface Bill {
    readonly mspId: string;
    /** First and last day. */
    readonly from: CalendarDay;
    readonly to: CalendarDay;
    readonly lines: readonly BillLine[];
    /** Σ of the lines: positive is owed to the household. */
    readonly balance: Nanos;
    /** What the household has to pay, rounded once, half to even; negative is paid out to it. */
    readonly due: MinorUnits;
    /** The rounding's difference between the household and the account `rounding`. Sums to zero; empty where there is none. */
    readonly postings: readonly Posting[];
    readonly provisional: boolean;
}

/** The days that a bill is made of, without a gap: `settlements` in order of time. `nanosPerMinorUnit` is 10⁷ where the minor unit is a hundredth. */
export function issueBill(_mspId: string, _settlements: readonly DaySettlement[], _nanosPerMinorUnit: bigint): Bill {
    throw new Error('not yet');
}
