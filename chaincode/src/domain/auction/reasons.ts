/**
 * Every way in which an order can end. The numbers are on the ledger, masked, for ever: never renumber, rename or reuse one.
 */
export const OUTCOME_REASONS = {
    FILLED: { code: 0, text: 'filled in full' },
    RATIONED: { code: 1, text: 'at the margin, where orders of one limit share what is left' },
    PRICE: { code: 2, text: "the limit is worse than the round's price" },
    NO_MATCH: { code: 3, text: 'no bid reaches an ask: nothing was traded in the round' },
    OUTSIDE_GRID: { code: 4, text: 'no price that beats the grid for the other side is within the limit' },
    SELF_TRADE: { code: 5, text: "crosses an order of the same member's: both are dropped" },
    ROUND_SHUT: {
        code: 6,
        text: 'the feed-in price is above the retail price less fees: local trade is worth it to nobody',
    },
    OUT_OF_RANGE: {
        code: 7,
        text: "no energy, more than the connection carries together with the member's orders before it, or a limit outside floor and cap",
    },
    NOT_ACTIVE: { code: 8, text: 'the member is not active in the community when the round is cleared' },
    UNREVEALED: { code: 9, text: 'the order was not opened, or the opening is not what the marker holds' },
    FORGED: { code: 10, text: "the opened order does not name its own key or is not signed with its member's key" },
    VOID: { code: 11, text: 'the round was declared void' },
    REDUCED: { code: 12, text: 'left out although it could trade, so that nobody gains by another limit than its own' },
    LOT_SIZE: { code: 13, text: 'this rule trades one lot of a fixed energy for each order' },
    ONE_ORDER: {
        code: 14,
        text: 'this rule takes one order of each member on a side: all of its orders there are dropped',
    },
    NO_SHARE: { code: 15, text: 'no share was left: what the members generate was allocated by the agreed keys' },
    ISLANDED: { code: 16, text: 'the community has no connection to the grid and not enough energy of its own' },
    NOT_VALID_YET: { code: 17, text: 'the order says that it is valid from a later time than the gate' },
    PARTLY_REVEALED: { code: 18, text: 'another order of the same member in the round was not opened' },
} as const;

export type OutcomeReason = keyof typeof OUTCOME_REASONS;

export function reasonOf(code: number): OutcomeReason | undefined {
    const found = Object.entries(OUTCOME_REASONS).find(([, reason]) => reason.code === code);
    return found?.[0] as OutcomeReason | undefined;
}
