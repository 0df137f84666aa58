import type { Version } from '../../../fabric/rwset';
import type { KeyValue, RangeIterator } from '../api';
import type { StoredRange } from '../store/ledger-store';

/** Follows the results as they are handed out. */
export interface RangeObserver {
    result(key: string, version: Version): void;
    exhausted(): void;
}

/** Hands out a stored range one result at a time; a page ends as if the range did. */
export class RangeIteration implements RangeIterator {
    readonly #range: StoredRange;
    readonly #pageSize: number;
    readonly #observer: RangeObserver | undefined;
    #returned = 0;

    constructor(range: StoredRange, pageSize: number, observer: RangeObserver | undefined) {
        this.#range = range;
        this.#pageSize = pageSize;
        this.#observer = observer;
    }

    async next(): Promise<KeyValue | undefined> {
        const pageIsFull = this.#pageSize > 0 && this.#returned >= this.#pageSize;
        const found = pageIsFull ? undefined : await this.#range.next();
        if (found === undefined) {
            this.#observer?.exhausted();
            return undefined;
        }
        this.#returned += 1;
        this.#observer?.result(found.key, found.entry.version);
        return { key: found.key, value: found.entry.value };
    }

    async bookmark(): Promise<string> {
        const found = await this.#range.next();
        await this.close();
        return found?.key ?? '';
    }

    close(): Promise<void> {
        return this.#range.close();
    }
}
