import type { Next } from './household-next';

/** How a day stands, as the grid operator's agent sees it. */
export interface OperatorFacts {
    readonly isOpen: boolean;
    /** It is to open the day itself. */
    readonly opens: boolean;
    readonly ahead: 'none' | 'pending' | 'agreed' | 'failed';
    readonly unfinished: number;
    /** Households without all readings, by id; only asked where the day was agreed on ahead. */
    readonly unread: readonly string[];
    readonly isPoolStated: boolean;
    readonly unsettled: readonly string[];
    readonly isClosed: boolean;
    readonly isCompared: boolean;
    readonly isReported: boolean;
    readonly unbilled: readonly string[];
    readonly isPublished: boolean;
}

export type OperatorStep = 'open' | 'agreeAhead' | 'report' | 'statePool' | 'close' | 'compare' | 'publish';

/** What is next for the grid operator on a day: open it, close it once everybody has settled, compare it with the feeder's meter, publish what all bills come to. */
export function nextOfOperator(facts: OperatorFacts): Next<OperatorStep> {
    if (!facts.isOpen) {
        return facts.opens ? { do: 'open' } : { wait: 'somebody to ask for a day' };
    }
    if (facts.ahead === 'pending') {
        return { do: 'agreeAhead' };
    }
    if (facts.ahead !== 'agreed' && facts.unfinished > 0) {
        return { wait: `the committee to clear ${facts.unfinished} rounds` };
    }
    return facts.isClosed ? afterClose(facts) : beforeClose(facts);
}

function beforeClose(facts: OperatorFacts): Next<OperatorStep> {
    if (facts.unread.length > 0) {
        return { wait: `${facts.unread.join(', ')} to record their readings` };
    }
    if (!facts.isPoolStated) {
        return { do: 'statePool' };
    }
    return facts.unsettled.length > 0 ? { wait: `${facts.unsettled.join(', ')} to settle` } : { do: 'close' };
}

function afterClose(facts: OperatorFacts): Next<OperatorStep> {
    if (!facts.isCompared) {
        return { do: 'compare' };
    }
    if (!facts.isReported) {
        return { do: 'report' };
    }
    if (facts.unbilled.length > 0) {
        return { wait: `${facts.unbilled.join(', ')} to sign their bills` };
    }
    return facts.isPublished ? 'done' : { do: 'publish' };
}
