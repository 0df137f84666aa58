import { NotDone, TransactionRefused } from '../failures';
import type { Absences } from './absences';
import { candidatesOf, isEnough, smallestSet, type EndorsementRule } from './rule';

/** One organisation's endorsement. */
export interface Endorsement {
    readonly mspId: string;
    /** What its peer computed and signed: equal of all who are to count together. */
    readonly computed: string;
}

export interface Gathering<E extends Endorsement> {
    readonly rule: EndorsementRule;
    readonly own: string;
    readonly absences: Absences;
    /** After so many ms without an answer somebody else is asked as well. */
    readonly slowMs: number;
    /** Asks one organisation, once. */
    readonly ask: (mspId: string) => Promise<E>;
}

/** What came of it: just enough endorsements of one result, or who gave none and why. */
export type Gathered<E extends Endorsement> =
    | { readonly enough: true; readonly endorsements: readonly E[] }
    | {
          readonly enough: false;
          readonly endorsed: readonly string[];
          readonly refused: ReadonlyMap<string, TransactionRefused>;
          readonly failed: ReadonlyMap<string, NotDone>;
      };

/**
 * Asks as few organisations as the rule needs, all at once; for each that refuses, fails or is slow, at once a substitute.
 * Nobody is asked twice, and an endorsement that was given counts for whatever set it fits into.
 *
 * @throws whatever `ask` throws that is neither a refusal nor that organisation's failure.
 */
export function gather<E extends Endorsement>(gathering: Gathering<E>): Promise<Gathered<E>> {
    return new Round(gathering).run();
}

class Round<E extends Endorsement> {
    readonly #gathering: Gathering<E>;
    readonly #endorsed = new Map<string, E>();
    readonly #refused = new Map<string, TransactionRefused>();
    readonly #failed = new Map<string, NotDone>();
    /** Asked, and not answered yet. */
    readonly #asked = new Set<string>();
    readonly #slow = new Set<string>();
    #changed: () => void = () => undefined;
    #fault: { readonly error: unknown } | undefined;

    constructor(gathering: Gathering<E>) {
        this.#gathering = gathering;
    }

    async run(): Promise<Gathered<E>> {
        for (;;) {
            if (this.#fault !== undefined) {
                throw this.#fault.error;
            }
            const enough = this.#enough();
            if (enough !== undefined) {
                this.#slow.forEach((mspId) => {
                    this.#gathering.absences.note(mspId);
                });
                return { enough: true, endorsements: enough };
            }
            this.#askMore();
            if (this.#asked.size === 0) {
                return {
                    enough: false,
                    endorsed: [...this.#endorsed.keys()],
                    refused: this.#refused,
                    failed: this.#failed,
                };
            }
            await this.#somethingHappens();
        }
    }

    /** Those who computed the same and are enough together, nobody to spare. */
    #enough(): readonly E[] | undefined {
        for (const agreeing of this.#byResult()) {
            const given = new Set(agreeing.map(({ mspId }) => mspId));
            if (isEnough(this.#gathering.rule, given)) {
                const set = this.#smallest(given, (mspId) => !given.has(mspId)) ?? [];
                return agreeing.filter(({ mspId }) => set.includes(mspId));
            }
        }
        return undefined;
    }

    /**
     * Asks whoever is missing from the set that can be completed with the fewest questions. A refusal is mostly everybody's: nobody is
     * asked instead before those have answered who were asked with it.
     */
    #askMore(): void {
        const expected = new Set([...this.#asked].filter((mspId) => !this.#slow.has(mspId)));
        if (expected.size > 0) {
            [...this.#refused.keys()].forEach((mspId) => expected.add(mspId));
        }
        const wanted = [...this.#byResult(), []]
            .map((agreeing) => this.#missing(new Set(agreeing.map(({ mspId }) => mspId)), expected))
            .filter((missing) => missing !== undefined)
            .toSorted((a, b) => a.length - b.length)[0];
        for (const mspId of wanted ?? []) {
            this.#ask(mspId);
        }
    }

    /** Who has to be asked so that these who agree become enough, if those do too who are expected to. */
    #missing(agreeing: ReadonlySet<string>, expected: ReadonlySet<string>): string[] | undefined {
        const isOut = (mspId: string): boolean =>
            [this.#refused, this.#failed, this.#slow, this.#endorsed].some((lost) => lost.has(mspId));
        const counted = new Set([...agreeing, ...expected]);
        const set = this.#smallest(counted, (mspId) => isOut(mspId) && !counted.has(mspId));
        return set?.filter((mspId) => !counted.has(mspId));
    }

    #smallest(given: ReadonlySet<string>, isOut: (mspId: string) => boolean): string[] | undefined {
        const { rule, own, absences } = this.#gathering;
        const out = new Set(candidatesOf(rule).filter(isOut));
        return smallestSet(rule, { given, out, doubtful: absences.now, own });
    }

    #ask(mspId: string): void {
        const { ask, absences, slowMs } = this.#gathering;
        const late = setTimeout(() => {
            this.#slow.add(mspId);
            this.#changed();
        }, slowMs);
        this.#asked.add(mspId);
        ask(mspId)
            .then(
                (endorsement) => {
                    this.#endorsed.set(mspId, endorsement);
                    absences.forget(mspId);
                },
                (error: unknown) => {
                    this.#notEndorsed(mspId, error);
                },
            )
            .finally(() => {
                clearTimeout(late);
                this.#asked.delete(mspId);
                this.#slow.delete(mspId);
                this.#changed();
            })
            .catch(() => undefined);
    }

    #notEndorsed(mspId: string, error: unknown): void {
        if (error instanceof TransactionRefused) {
            this.#refused.set(mspId, error);
            this.#gathering.absences.forget(mspId);
        } else if (error instanceof NotDone) {
            this.#failed.set(mspId, error);
            if (error.retryable) {
                this.#gathering.absences.note(mspId);
            }
        } else {
            this.#fault ??= { error };
        }
    }

    /** An answer, or that none came in time. */
    #somethingHappens(): Promise<void> {
        return new Promise((resolve) => {
            this.#changed = resolve;
        });
    }

    /** Endorsements by what was computed, the most first. */
    #byResult(): E[][] {
        const groups = new Map<string, E[]>();
        for (const endorsement of this.#endorsed.values()) {
            const group = groups.get(endorsement.computed) ?? [];
            groups.set(endorsement.computed, [...group, endorsement]);
        }
        return [...groups.values()].toSorted((a, b) => b.length - a.length);
    }
}
