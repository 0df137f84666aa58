/**
 * A map that forgets: it holds at least the last `size` entries used and at most twice as many.
 *
 * Two generations instead of a list of uses, because a look-up must cost next to nothing: peers that share a process ask the
 * same question once each. Values have to be pure functions of their key, or forgetting one would change an answer.
 */
export class BoundedCache<K, V> {
    readonly #size: number;
    #young = new Map<K, V>();
    #old = new Map<K, V>();

    constructor(size: number) {
        this.#size = size;
    }

    get(key: K): V | undefined {
        const young = this.#young.get(key);
        if (young !== undefined) return young;
        const old = this.#old.get(key);
        if (old !== undefined) this.set(key, old);
        return old;
    }

    set(key: K, value: V): void {
        if (this.#young.size >= this.#size) {
            this.#old = this.#young;
            this.#young = new Map();
        }
        this.#young.set(key, value);
    }

    delete(key: K): void {
        this.#young.delete(key);
        this.#old.delete(key);
    }

    /** The kept value, or the computed one, kept from now on; what throws is not kept. */
    remember(key: K, compute: () => V): V {
        const kept = this.get(key);
        if (kept !== undefined) return kept;
        const value = compute();
        this.set(key, value);
        return value;
    }
}
