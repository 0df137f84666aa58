/** How a round stands, as a seat of its committee sees it. */
export interface SeatFacts {
    readonly stage: 'open' | 'closed';
    /** Of the committee's seats how many come before ours in this round: 0 where it is our turn. */
    readonly place: number;
    /** The time for orders is over; in a replay: everybody has ordered, or has been waited for. */
    readonly isDue: boolean;
    /** All orders that count are held by some of the committee, or have been waited for. */
    readonly isRevealed: boolean;
    /** For how long the round could have been taken further, ms. */
    readonly ripeForMs: number;
}

/** So long a seat waits for each that comes before it. */
export const TAKE_OVER_MS = 5_000;

/** Whether a seat takes a round further now: at once where it is its turn, else when those before it have not for a while. */
export function nextOfSeat({ stage, place, isDue, isRevealed, ripeForMs }: SeatFacts): 'close' | 'clear' | undefined {
    const isRipe = stage === 'open' ? isDue : isRevealed;
    if (!isRipe || ripeForMs < place * TAKE_OVER_MS) {
        return undefined;
    }
    return stage === 'open' ? 'close' : 'clear';
}
