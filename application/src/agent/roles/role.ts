import type { Topic } from '../hearing/news';

/** What came of one look at how things stand. */
export type Outcome =
    | { readonly how: 'did' | 'done' }
    | {
          readonly how: 'waits';
          /** In words, for people. */
          readonly for: string;
          /** Looks again after so long, whatever is announced. */
          readonly withinMs?: number | undefined;
      };

export const DID: Outcome = { how: 'did' };
export const DONE: Outcome = { how: 'done' };
export const waits = (what: string, withinMs?: number): Outcome => ({ how: 'waits', for: what, withinMs });

/** One of the things that an organisation has to do on a day. Everything may be tried again: what is on the ledger stays. */
export interface Role {
    readonly name: string;
    /** What it wants to hear of. */
    readonly topics: readonly Topic[];
    /** Takes the next step, if there is one. */
    step(): Promise<Outcome>;
    /** Something may have been missed: what is known is looked up again. */
    doubt(): void;
}
