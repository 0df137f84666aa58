/** What the time of a day ahead goes into. */
export const PARTS = ['solving', 'ledger', 'waiting'] as const;
export type Part = (typeof PARTS)[number];

/**
 * What of a run's time is accounted for, in seconds: the homes' own problems; transactions from the first proposal to the last commit; and
 * waiting for whoever is late and for peers that are behind. Less than the run's: reading and checking between them, and what comes before and after, are the rest.
 */
export class TimeSplit {
    readonly #seconds: Record<Part, number> = { solving: 0, ledger: 0, waiting: 0 };
    readonly #now: () => number;

    /** `now` counts milliseconds. */
    constructor(now: () => number = () => performance.now()) {
        this.#now = now;
    }

    get seconds(): Readonly<Record<Part, number>> {
        return this.#seconds;
    }

    /** Parts follow each other: what runs inside is counted once, for this part. */
    async during<T>(part: Part, work: () => Promise<T>): Promise<T> {
        const begin = this.#now();
        try {
            return await work();
        } finally {
            this.#seconds[part] += (this.#now() - begin) / 1000;
        }
    }
}
