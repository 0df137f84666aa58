import { readingKind } from '@commonwatt/chaincode/api/records';
import { count, day, integer, natural, naturalSum, slot, sum } from '@commonwatt/chaincode/api/wire';
import { z } from 'zod';
import { agentState, journalEntry, type JournalEntry } from './agent';

/** Where energy went in a slot, in Wh. What comes in and what goes out of the home is the same. */
export const energyFlow = z.strictObject({
    slot,
    readingKind,
    roofWh: natural,
    homeWh: natural,
    /** Null where no meter tells: the battery is then part of what the home uses. */
    battery: z.strictObject({ chargedWh: natural, dischargedWh: natural, levelPercent: natural.nullable() }).nullable(),
    /** With neighbours, by the round or the schedule; under contracts with storage, too. */
    boughtWh: naturalSum,
    soldWh: naturalSum,
    /** With the supplier. */
    importedWh: naturalSum,
    exportedWh: naturalSum,
});
export type EnergyFlow = z.input<typeof energyFlow>;

/** What a kWh costs in a slot, in micros. `price` is the round's: null where nothing traded, or the round is not cleared yet. */
export const slotPrice = z.strictObject({
    slot,
    status: z.enum(['open', 'closed', 'cleared', 'void', 'scheduled']),
    price: integer.nullable(),
    retail: integer,
    feedIn: integer,
    /** Both fees on what is bought from neighbours. */
    fees: natural,
});
export type SlotPrice = z.input<typeof slotPrice>;

export const now = z.strictObject({
    /** How many blocks the household's peer had when this was read. */
    height: count,
    /** The newest day that there is; null before the first. */
    day: day.nullable(),
    /** A day of the past that is traded again: "now" is then the last slot that was metered. */
    replay: z.boolean(),
    /** The slot that is shown as now. */
    slot: slot.nullable(),
    flow: energyFlow.nullable(),
    price: slotPrice.nullable(),
    next: z.array(slotPrice).max(100),
    /** Of the day so far, energy alone, without charges and taxes. */
    today: z.strictObject({ paidNanos: sum, earnedNanos: sum, savedNanos: sum }).nullable(),
    /** What the agent is at; null where it never ran. */
    agent: agentState.nullable(),
    /** What it did last, the newest first. */
    journal: z.array(journalEntry).max(10),
});
export type Now = Omit<z.input<typeof now>, 'journal'> & { readonly journal: readonly JournalEntry[] };
