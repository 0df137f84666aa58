/** For how long somebody who could not be reached is asked last, in ms. */
const MEMORY_MS = 30_000;

/** Who could not be reached lately, so that not every transaction waits for the same dead peer. */
export class Absences {
    readonly #until = new Map<string, number>();
    readonly #now: () => number;

    /** @param now in ms, of a clock that only runs forward. */
    constructor(now: () => number = () => performance.now()) {
        this.#now = now;
    }

    note(mspId: string): void {
        this.#until.set(mspId, this.#now() + MEMORY_MS);
    }

    forget(mspId: string): void {
        this.#until.delete(mspId);
    }

    get now(): ReadonlySet<string> {
        const present = this.#now();
        for (const [mspId, until] of this.#until) {
            if (until <= present) {
                this.#until.delete(mspId);
            }
        }
        return new Set(this.#until.keys());
    }
}
