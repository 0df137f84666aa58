import { z } from 'zod';
import { count, integer, sum } from '@commonwatt/chaincode/api/wire';

const text = z.string();
const period = { from: text, to: text };

/**
 * What an agent notes, by kind: facts, not sentences; words come from catalogues of messages. Energies in Wh, prices in micros per kWh, money in
 * nanos unless a name says otherwise.
 */
export const FACTS = {
    /** The agent has begun to run, or runs again. */
    started: z.object({ organisation: text }),
    /** What became of a transaction of which it was not known when the agent ended. */
    recovered: z.object({ transaction: text, transactionId: text, outcome: text }),
    covered: z.object({ day: text, covered: z.boolean() }),
    /** What it ordered for a slot, and what it had reckoned with: net expected, of which the battery takes (negative) or gives. */
    ordered: z.object({
        day: text,
        side: z.enum(['buy', 'sell']),
        energyWh: integer,
        limit: integer,
        expectedWh: integer,
        batteryWh: integer,
    }),
    /** The market did not take an order. */
    refused: z.object({ day: text, code: text }),
    /** Orders of so many closed rounds were opened to the committee. */
    opened: z.object({ day: text, orders: count }),
    /** What came of an order. `reason` is null where it was filled, in part or whole. */
    traded: z.object({
        day: text,
        side: z.enum(['buy', 'sell']),
        orderedWh: integer,
        filledWh: integer,
        limit: integer,
        price: integer.nullable(),
        reason: text.nullable(),
    }),
    read: z.object({ day: text, slots: count, importedWh: integer, exportedWh: integer }),
    /** A day ahead that the community agreed on, or did not. */
    scheduled: z.object({ day: text, status: text }),
    settled: z.object({ day: text }),
    /** A bill came to the same by our own arithmetic, and was signed. In minor units of the currency: what is to pay, and what it would be without the market. */
    billSigned: z.object({ ...period, dueMinor: sum, dueWithoutMarketMinor: sum }),
    paid: z.object({ ...period, outcome: z.enum(['paid', 'provisional', 'unpaid']) }),
    /** A part in an election: committed, revealed or counted. */
    elected: z.object({ epoch: text, part: z.enum(['committed', 'revealed', 'confirmed']) }),
    /** As a seat of the committee. */
    roundClosed: z.object({ day: text, orders: count }),
    roundCleared: z.object({ day: text, price: integer.nullable() }),
    /** As the grid operator. */
    dayOpened: z.object({ day: text }),
    dayClosed: z.object({ day: text }),
    feederCompared: z.object({ day: text, fits: z.boolean() }),
    billsPublished: z.object({ day: text }),
    epoch: z.object({ epoch: text, part: z.enum(['opened', 'fixed', 'closed', 'rewarded']) }),
    /** What did not work, and what the agent does about it. */
    trouble: z.object({ doing: text, why: text, again: z.boolean() }),
} as const;

export type JournalKind = keyof typeof FACTS;
export const JOURNAL_KINDS = Object.keys(FACTS) as JournalKind[];
export type FactsOf<K extends JournalKind> = z.output<(typeof FACTS)[K]>;

/** An entry as it is read: `kind` says which facts there are. */
export type JournalEntry = {
    [K in JournalKind]: {
        readonly sequence: number;
        /** Unix milliseconds. */
        readonly at: number;
        /** ⌊unix seconds / 900⌋, of what is about one quarter hour. */
        readonly slot?: number | undefined;
        readonly kind: K;
        readonly facts: FactsOf<K>;
    };
}[JournalKind];

/** What an agent does now, for whoever looks at it. */
export interface AgentState {
    /** Unix milliseconds. */
    readonly at: number;
    /** The step that it is at: `order`, `reveal`, `settle`, … */
    readonly doing: string;
    /** Undefined while it waits for nothing. */
    readonly waitsFor?: string | undefined;
    /** What failed the last time, until it works. */
    readonly trouble?: string | undefined;
}
