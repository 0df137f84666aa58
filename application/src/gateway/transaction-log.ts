/** What became of one transaction, and how long its parts took. */
export interface Outcome {
    readonly transaction: string;
    readonly validationCode: string;
    readonly blockNumber: bigint;
    readonly endorseMs: number;
    /** From handing it to the ordering service until the member's own peer has committed it. */
    readonly commitMs: number;
}

/** Counts what this client has had committed. */
export class TransactionLog {
    readonly #outcomes: Outcome[] = [];

    note(outcome: Outcome): void {
        this.#outcomes.push(outcome);
    }

    get outcomes(): readonly Outcome[] {
        return this.#outcomes;
    }

    /** Transactions that are in a block, whether valid or not. */
    get committed(): number {
        return this.#outcomes.length;
    }

    /** How many were committed as invalid, by validation code. */
    get invalid(): Record<string, number> {
        const counts: Record<string, number> = {};
        for (const { validationCode } of this.#outcomes) {
            if (validationCode !== 'VALID') {
                counts[validationCode] = (counts[validationCode] ?? 0) + 1;
            }
        }
        return counts;
    }
}
