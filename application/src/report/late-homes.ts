import type { ReportedLate } from '../day/silent-agents';
import { decimal, exactNumber } from './decimal';

export interface LateSummary {
    readonly home: string;
    /** Iterations of the day's schedule in which it did not answer. */
    readonly iterations: number;
    readonly forfeitedNanos: number;
    /** Why no deposit was taken; null where it was. */
    readonly notTaken: string | null;
}

/** `organisations`: which is which. */
export function lateSummary(
    { mspId, iterations, forfeitedNanos, isKnown, refused }: ReportedLate,
    { organisations }: { readonly organisations: readonly { readonly id: string; readonly mspId: string }[] },
): LateSummary {
    return {
        home: organisations.find((each) => each.mspId === mspId)?.id ?? mspId,
        iterations,
        forfeitedNanos: exactNumber(forfeitedNanos),
        notTaken: refused ?? (isKnown ? 'it was reported before' : null),
    };
}

const NANOS_DECIMALS = 9;

export function lateText({ home, iterations, forfeitedNanos, notTaken }: LateSummary, currency: string): string {
    const forfeited = `${decimal(BigInt(forfeitedNanos), NANOS_DECIMALS).slice(0, -7)} ${currency}`;
    const why = `${home} did not answer in ${iterations} iterations of the schedule`;
    return notTaken === null
        ? `${why}: it was reported, loses standing and forfeits ${forfeited} of its deposit.`
        : `${why}; nothing more was taken from it (${notTaken}).`;
}
