/** How a day stands, as a household's agent sees it at its own peer and on its own disk. */
export interface HouseholdFacts {
    /** The day has been opened. */
    readonly isOpen: boolean;
    /** The household is a member on the day. */
    readonly isMember: boolean;
    /** Whether the day is to be agreed on ahead, and what came of it. */
    readonly ahead: 'none' | 'pending' | 'agreed' | 'failed';
    /** Slots that may be ordered for now. */
    readonly toOrder: number;
    /** Closed rounds with orders of ours that the committee does not hold. */
    readonly toReveal: number;
    /** Closed rounds with orders of ours where none of the seats holds all orders: one of them is to get ours, too. */
    readonly toHelp: number;
    /** Rounds without a result. */
    readonly unfinished: number;
    /** Slots that have been delivered and are not read. */
    readonly toRead: number;
    readonly isRead: boolean;
    /** Where the day was agreed on: how the community stood to its schedule has been stated. */
    readonly isPoolStated: boolean;
    readonly isSettled: boolean;
    readonly isClosed: boolean;
    /** Where losses are governed: the day's meters have been compared with the feeder's. */
    readonly isCompared: boolean;
    readonly isReleased: boolean;
    readonly isBilled: boolean;
}

export type HouseholdStep = 'agreeAhead' | 'order' | 'reveal' | 'help' | 'read' | 'settle' | 'release' | 'bill';

/** What to do, what to wait for (in words for people), or that nothing is left. */
export type Next<S> = { readonly do: S } | { readonly wait: string } | 'done';

/**
 * What is next for a household on a day: order, open its orders, read its meter, settle, free its cover, check and sign its bill. A step is taken only
 * where all before it are, and none twice: each shows in the facts once it is on the ledger.
 */
export function nextOfHousehold(facts: HouseholdFacts): Next<HouseholdStep> {
    if (!facts.isOpen) {
        return { wait: 'the grid operator to open the day' };
    }
    if (!facts.isMember) {
        return 'done';
    }
    if (facts.ahead === 'pending') {
        return { do: 'agreeAhead' };
    }
    return facts.ahead === 'agreed' ? afterTrade(facts) : inRounds(facts);
}

function inRounds(facts: HouseholdFacts): Next<HouseholdStep> {
    if (facts.toReveal > 0) {
        return { do: 'reveal' }; // Others wait for it.
    }
    if (facts.toHelp > 0) {
        return { do: 'help' };
    }
    if (facts.toOrder > 0) {
        return { do: 'order' };
    }
    if (facts.toRead > 0) {
        return { do: 'read' };
    }
    return facts.unfinished > 0 ? { wait: `the committee to clear ${facts.unfinished} rounds` } : afterTrade(facts);
}

function afterTrade(facts: HouseholdFacts): Next<HouseholdStep> {
    if (!facts.isRead) {
        return { do: 'read' };
    }
    if (!facts.isPoolStated) {
        return { wait: 'the grid operator to state how the community stood to its schedule' };
    }
    if (!facts.isSettled) {
        return { do: 'settle' };
    }
    if (!facts.isClosed) {
        return { wait: 'the others to settle and the grid operator to close the day' };
    }
    if (!facts.isReleased) {
        return { do: 'release' };
    }
    if (!facts.isCompared) {
        return { wait: "the grid operator to compare the day with the feeder's meter" };
    }
    return facts.isBilled ? 'done' : { do: 'bill' };
}
