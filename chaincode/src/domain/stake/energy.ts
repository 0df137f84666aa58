/** What is known of a household's slot after settlement. */
export interface SettledSlot {
    /** Net energy at the meter, positive towards the grid. */
    readonly meteredWh: bigint;
    readonly soldWh: bigint;
    /** The grid operator's word instead of a meter's. */
    readonly isEstimated: boolean;
}

/**
 * Energy that a household's meter exported and that it had sold to other parties in the same slot: the lesser of the two, summed
 * over the day. A household's own crossing orders are dropped before clearing, so everything sold was bought by another
 * member; what was sold and not delivered, or delivered and not sold, does not count; neither do estimates.
 */
export function matchedEnergy(slots: readonly SettledSlot[]): bigint {
    return slots.reduce((sum, { meteredWh, soldWh, isEstimated }) => {
        const exported = meteredWh > 0n && !isEstimated ? meteredWh : 0n;
        return sum + (soldWh < exported ? soldWh : exported);
    }, 0n);
}

/** Whole tokens: what is below a step is neither counted nor told. */
export const tokensOf = (matchedWh: bigint, stepWh: bigint): bigint => matchedWh / stepWh;

/** Slots of the longest day: clocks that go back add an hour. */
const LONGEST_DAY = 100n;
const SLOTS_PER_HOUR = 4n;

/**
 * No more tokens than the connection can carry in a day. Household and grid operator together can publish any number; without a
 * limit one such number would leave nothing of E to everybody else.
 */
export function plausibleTokens(tokens: bigint, exportLimitW: bigint, stepWh: bigint): bigint {
    const most = tokensOf((exportLimitW * LONGEST_DAY) / SLOTS_PER_HOUR, stepWh);
    return tokens < most ? tokens : most;
}
