import { count, integer, natural, slot } from '@commonwatt/chaincode/api/wire';
import { z } from 'zod';

/** What the agent did and why: facts, for which the pages have words. */
export const journalEntry = z.strictObject({
    sequence: count,
    /** Unix seconds. */
    at: count,
    slot: slot.nullable(),
    kind: z.string().max(64),
    facts: z.record(z.string().max(64), z.string().max(1_000)),
});
export type JournalEntry = z.input<typeof journalEntry>;

export const journal = z.strictObject({
    /** The newest first. */
    entries: z.array(journalEntry).max(200),
    /** To be asked for next, as `before`; null at the end. */
    before: count.nullable(),
});
export type Journal = z.input<typeof journal>;

export const source = z.enum(['local', 'green', 'grid']);

/** By what the agent acts for the household. */
export const preferences = z.strictObject({
    /** Micros per kWh: buys from neighbours up to the one, sells from the other. */
    buyUpTo: integer,
    sellFrom: integer,
    /** Where energy is to come from, the dearest wish first. */
    order: z.array(source).length(3),
    /** So much stays in the battery for the home itself. */
    batteryReservePercent: natural.refine((n) => n <= 100n, 'at most 100 percent'),
    /** What the agent expects by. */
    forecast: z.enum(['perfect', 'yesterday', 'smoothed']),
});
export type Preferences = z.input<typeof preferences>;
