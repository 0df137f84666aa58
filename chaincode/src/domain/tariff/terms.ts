import { compareStrings, microsPerKwh, type Fraction } from '../quantity';
import { choiceFlaw, type MechanismChoice } from '../mechanisms/mechanism';
import type { LossTerms } from '../feeder/comparison';
import type { MarketPrices } from '../market-prices';

/** Tariffs and market parameters for a range of local days. Prices in micros per kWh; they may be negative. */
export interface Terms {
    readonly fromDay: string;
    /** Last day, or null: until further terms. */
    readonly toDay: string | null;
    readonly retail: bigint;
    readonly feedIn: bigint;
    readonly gridFee: bigint;
    readonly communityFee: bigint;
    readonly floor: bigint;
    readonly cap: bigint;
    readonly k: Fraction;
    readonly gateSlots: number;
    /** Without one: the uniform price. */
    readonly mechanism?: MechanismChoice | undefined;
    readonly islanded?: boolean | undefined;
    /** Without it nothing is compared with the feeder's meter. */
    readonly losses?: LossTerms | undefined;
}

/** Why these are no terms, or undefined if they are. */
export function termsFlaw({ fromDay, toDay, retail, feedIn, floor, cap, mechanism }: Terms): string | undefined {
    if (toDay !== null && toDay < fromDay) {
        return `the last day ${toDay} is before the first, ${fromDay}`;
    }
    if (floor > cap) {
        return `the floor ${floor.toString()} is above the cap ${cap.toString()}`;
    }
    const flaw = mechanism && choiceFlaw(mechanism);
    if (flaw !== undefined) {
        return flaw;
    }
    // Deviations that cancel inside would otherwise cost the community money.
    return feedIn > retail ? `feed-in ${feedIn.toString()} is above retail ${retail.toString()}` : undefined;
}

/** Whether some day belongs to both. */
export function overlap(one: Terms, other: Terms): boolean {
    return reaches(one, other.fromDay) && reaches(other, one.fromDay);
}

const reaches = ({ toDay }: Terms, day: string): boolean => toDay === null || toDay >= day;

/** The terms of the day. As overlaps are refused, there is at most one. */
export function termsOn<T extends Terms>(terms: readonly T[], day: string): T | undefined {
    return terms.find((each) => each.fromDay <= day && reaches(each, day));
}

export const byFirstDay = (one: Terms, other: Terms): number => compareStrings(one.fromDay, other.fromDay);

export function pricesOf({ retail, feedIn, gridFee, communityFee }: Terms): MarketPrices {
    return {
        retail: microsPerKwh(retail),
        feedIn: microsPerKwh(feedIn),
        gridFee: microsPerKwh(gridFee),
        communityFee: microsPerKwh(communityFee),
    };
}
