import { assertBalanced, summed, type Posting } from '../postings';
import { negated, type NetEnergy } from '../quantity';
import type { LocalDay, Slot } from '../slot';
import type { DaySettlement, SlotPosition } from './position';
import { settleDay } from './settle';

/** A slot whose reading changed after its day was settled. */
export interface CorrectedSlot {
    readonly slot: Slot;
    readonly metered: NetEnergy;
    readonly estimated: boolean;
}

/** What a correction adds to a settlement that stays as it is. */
export interface Correction {
    /** The day as it would have been settled with the readings of now. */
    readonly corrected: DaySettlement;
    /** New less old, by account. Sums to zero. */
    readonly postings: readonly Posting[];
}

/**
 * Settles slots again whose readings changed: the difference, not a new settlement. Trades are what their rounds made them; only the deviation
 * moves, and with it what is balanced at retail and feed-in. `settled` is the day with all earlier corrections. Corrections add up:
 * the settlement and the postings of all corrections together are what settling the last readings gives. A RangeError where a slot
 * is none of the day's or named twice.
 */
export function correct(day: LocalDay, settled: DaySettlement, slots: readonly CorrectedSlot[]): Correction {
    const changed = new Map(slots.map((each) => [each.slot, each]));
    if (changed.size !== slots.length || slots.some(({ slot }) => slot < day.first || slot >= day.first + day.count)) {
        throw new RangeError(`the corrected slots are not different slots of ${day.day}`);
    }
    const positions = settled.slots.map((position): SlotPosition => {
        const { metered, estimated } = changed.get(position.slot) ?? position;
        return { ...position, metered, estimated };
    });
    const corrected = settleDay(day, settled.mspId, positions);
    const taken = settled.postings.map(({ account, amount }) => ({ account, amount: negated(amount) }));
    const postings = summed([...corrected.postings, ...taken]);
    return { corrected, postings: assertBalanced(postings, `the correction of ${settled.mspId} on ${day.day}`) };
}
