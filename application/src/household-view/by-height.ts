/** What stays the same until the peer has another block is asked for once. So many answers are kept; the one that was wanted longest ago goes first. */
const MOST_KEPT = 500;

interface Kept {
    /** `final`: it stays so whatever is added to the chain. */
    readonly height: number | 'final';
    readonly value: Promise<unknown>;
}

/** Answers of a peer by the height at which they were asked for. Who asks for the same at the same time waits for one answer. */
export class ByHeight {
    readonly #height: () => Promise<number>;
    readonly #kept = new Map<string, Kept>();

    constructor(height: () => Promise<number>) {
        this.#height = height;
    }

    /**
     * @param isFinal of an answer that no later block can change.
     * @throws what `load` throws; failures are not kept.
     */
    async get<T>(key: string, load: () => Promise<T>, isFinal: (value: T) => boolean = () => false): Promise<T> {
        const height = await this.#height();
        const known = this.#kept.get(key);
        if (known !== undefined && (known.height === 'final' || known.height === height)) {
            this.#keep(key, known);
            return known.value as Promise<T>;
        }
        const value = load();
        const kept: Kept = { height, value };
        this.#keep(key, kept);
        value.then(
            (loaded) => {
                if (isFinal(loaded) && this.#kept.get(key) === kept) {
                    this.#keep(key, { height: 'final', value });
                }
            },
            () => {
                if (this.#kept.get(key) === kept) {
                    this.#kept.delete(key);
                }
            },
        );
        return value;
    }

    #keep(key: string, kept: Kept): void {
        this.#kept.delete(key);
        this.#kept.set(key, kept);
        if (this.#kept.size > MOST_KEPT) {
            const [oldest] = this.#kept.keys();
            this.#kept.delete(oldest as string);
        }
    }
}
