import { Absences } from '../gateway/endorsement/absences';
import { smallestSet, type Share } from '../gateway/endorsement/rule';
import { NotDone } from '../gateway/failures';

/**
 * The seats that get to see the answers of a day ahead: just enough for a quorum, the same ones for as long as they can be reached, so that
 * nobody else learns what homes would take at which prices.
 */
export class Seats {
    readonly #share: Share;
    readonly #absences = new Absences();

    constructor(share: Share) {
        this.#share = share;
    }

    get all(): string[] {
        return this.#share.of.map(({ mspId }) => mspId);
    }

    /**
     * Does something that these seats have to endorse; again with others where one of them cannot be reached.
     *
     * @throws the last failure, where too few seats are left.
     */
    async endorsing<T>(work: (to: readonly string[]) => Promise<T>): Promise<T> {
        const out = new Set<string>();
        for (;;) {
            const to = this.#chosen(out);
            try {
                return await work(to);
            } catch (error) {
                const lost = error instanceof NotDone ? to.filter((mspId) => isNamed(mspId, error)) : [];
                lost.forEach((mspId) => {
                    this.#absences.note(mspId);
                    out.add(mspId);
                });
                if (lost.length === 0 || this.#find(out) === undefined) {
                    throw error;
                }
            }
        }
    }

    #chosen(out: ReadonlySet<string>): readonly string[] {
        const found = this.#find(out);
        if (found === undefined) {
            throw new Error(`the committee has no quorum without ${[...out].join(', ') || 'anybody'}`);
        }
        return found;
    }

    #find(out: ReadonlySet<string>): string[] | undefined {
        const rule = { what: 'those who get to see the answers', anyOf: [[this.#share]] };
        // No seat comes first for being our own: all members open their answers to the same ones.
        return smallestSet(rule, { given: new Set(), out, doubtful: this.#absences.now, own: '' });
    }
}

const isNamed = (mspId: string, { answers, message }: NotDone): boolean =>
    answers.length > 0 ? answers.some((answer) => answer.mspId === mspId) : message.includes(mspId);
