/** Consumption with a fixed course that may begin at any slot of a window, as of a washing machine: `profile` (Wh by slot) from one start on. */
export interface DeferrableLoad {
    readonly kind: 'deferrable';
    readonly device: string;
    readonly profile: readonly bigint[];
    /** First and last slot in which it may begin. */
    readonly earliest: number;
    readonly latest: number;
}

/** What it takes in every slot of the day where it begins in `start`. */
export function courseFrom({ profile }: DeferrableLoad, start: number, slots: number): bigint[] {
    return Array.from({ length: slots }, (_, slot) => profile[slot - start] ?? 0n);
}

/** The starts that leave its course within window and day. @throws RangeError where there is none. */
export function startsOf({ device, profile, earliest, latest }: DeferrableLoad, slots: number): number[] {
    const [first, last] = [Math.max(0, earliest), Math.min(latest, slots - profile.length)];
    if (last < first) {
        throw new RangeError(`${device} finds no start between ${earliest} and ${latest}`);
    }
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
