import { compareStrings, type Fraction } from '../quantity';
import { choiceFlaw, type MechanismChoice } from '../mechanisms/mechanism';
import type { LossTerms } from '../feeder/comparison';
import { energyFlaw, type EnergyTerms } from './bands';
import { chargesFlaw, type Charge } from './charges';
import type { BillEvery } from './periods';
import { vatFlaw, type VatTerms } from './vat';

/** Time to reveal orders where the terms name none: peers and agents that restart are back by then. */
export const REVEAL_SECONDS = 300;

/**
 * In a live round there are at least so many, whatever the terms say: the stamps that begin and end the time may each be half a minute off the clocks of
 * honest peers, and what is left is a minute to reveal in.
 */
export const LEAST_REVEAL_SECONDS = 120;

/** For so many seconds orders of a round may be revealed once they were called for. */
export function revealTime(
    { revealSeconds = REVEAL_SECONDS }: Pick<Terms, 'revealSeconds'>,
    isReplay: boolean,
): number {
    return isReplay ? revealSeconds : Math.max(revealSeconds, LEAST_REVEAL_SECONDS);
}

/** Tariffs and market parameters for a range of local days. Prices in micros per kWh, without tax; they may be negative. */
export interface Terms extends EnergyTerms {
    readonly fromDay: string;
    /** Last day, or null: until further terms. */
    readonly toDay: string | null;
    /** On bills, besides energy. */
    readonly charges?: readonly Charge[] | undefined;
    /** Without it no tax is charged. */
    readonly vat?: VatTerms | undefined;
    /** Without one: each day. */
    readonly billEvery?: BillEvery | undefined;
    readonly floor: bigint;
    readonly cap: bigint;
    readonly k: Fraction;
    readonly gateSlots: number;
    readonly revealSeconds?: number | undefined;
    /** Without one: the uniform price. */
    readonly mechanism?: MechanismChoice | undefined;
    readonly islanded?: boolean | undefined;
    /** Without it nothing is compared with the feeder's meter. */
    readonly losses?: LossTerms | undefined;
}

/** Why these are no terms, or undefined if they are. */
export function termsFlaw(terms: Terms): string | undefined {
    const { fromDay, toDay, floor, cap, mechanism, charges, vat } = terms;
    if (toDay !== null && toDay < fromDay) {
        return `the last day ${toDay} is before the first, ${fromDay}`;
    }
    if (floor > cap) {
        return `the floor ${floor.toString()} is above the cap ${cap.toString()}`;
    }
    return (
        (mechanism && choiceFlaw(mechanism)) ?? energyFlaw(terms) ?? chargesFlaw(charges ?? []) ?? (vat && vatFlaw(vat))
    );
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
