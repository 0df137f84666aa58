import { count, slot } from '@commonwatt/chaincode/api/wire';
import { z } from 'zod';
import { preferencesSchema } from '../../agent/preferences';
import { JOURNAL_KINDS, type FACTS, type JournalKind } from '../../agent/store/journal-facts';

/** What the agent did and why: facts by kind, see agent/store/journal-facts, for which the pages have words. */
export const journalEntry = z.strictObject({
    sequence: count,
    /** Unix seconds. */
    at: count,
    slot: slot.nullable(),
    kind: z.enum(JOURNAL_KINDS),
    facts: z.record(z.string().max(64), z.union([z.string().max(1_000), z.boolean(), z.null()])),
});

interface Entry<Kind extends JournalKind> {
    readonly sequence: string;
    readonly at: string;
    readonly slot: string | null;
    readonly kind: Kind;
    readonly facts: z.input<(typeof FACTS)[Kind]>;
}
/** As JSON: the kind says which facts there are. */
export type JournalEntry = { readonly [Kind in JournalKind]: Entry<Kind> }[JournalKind];

export const journal = z.strictObject({
    /** The newest first. */
    entries: z.array(journalEntry).max(200),
    /** To be asked for next, as `before`; null at the end. */
    before: count.nullable(),
});
export interface Journal {
    readonly entries: readonly JournalEntry[];
    readonly before: string | null;
}

/** What the agent is at. */
export const agentState = z.strictObject({
    /** Unix seconds. */
    at: count,
    doing: z.string(),
    waitsFor: z.string().nullable(),
    trouble: z.string().nullable(),
});
export type AgentState = z.input<typeof agentState>;

/** By what the agent acts for the household; those of the community's file where it has stated none. */
export const preferences = preferencesSchema;
export type Preferences = z.input<typeof preferences>;
