import { compareKeys } from '../../../fabric/rwset';
import type { RangeQuery, Read, Version } from '../../../fabric/rwset';
import { RangeSummary } from '../simulation/range-summary';
import type { RangeHashes } from '../simulation/range-summary';
import { sameVersion } from '../store/entries';
import { sortedEntries } from '../store/key-order';
import type { StateView, StoredRange } from '../store/ledger-store';
import type { SpaceUpdates, Update } from './updates';

interface Result {
    readonly key: string;
    readonly version: Version;
}

/** A range as it would be read after the block's updates so far. */
class MergedRange {
    readonly #stored: StoredRange;
    readonly #updates: readonly [string, Update][];
    #position = 0;
    #nextStored: Result | undefined;
    #isStarted = false;

    constructor(stored: StoredRange, updates: readonly [string, Update][]) {
        this.#stored = stored;
        this.#updates = updates;
    }

    async next(): Promise<Result | undefined> {
        if (!this.#isStarted) {
            this.#isStarted = true;
            await this.#advance();
        }
        for (;;) {
            const update = this.#updates[this.#position];
            const stored = this.#nextStored;
            if (update === undefined || (stored !== undefined && compareKeys(stored.key, update[0]) < 0)) {
                await this.#advance();
                return stored;
            }
            this.#position += 1;
            if (stored?.key === update[0]) {
                await this.#advance();
            }
            if (update[1].value !== undefined) {
                return { key: update[0], version: update[1].version };
            }
        }
    }

    close(): Promise<void> {
        return this.#stored.close();
    }

    async #advance(): Promise<void> {
        const found = await this.#stored.next();
        this.#nextStored = found && { key: found.key, version: found.entry.version };
    }
}

function updatesWithin(updates: SpaceUpdates, namespace: string, startKey: string, endKey: string): [string, Update][] {
    return sortedEntries(updates.keys(namespace)).filter(
        ([key]) => compareKeys(key, startKey) >= 0 && (endKey === '' || compareKeys(key, endKey) < 0),
    );
}

/** The last key that an unfinished range saw belongs to it, although ends are exclusive. */
function lastKeySeen(
    namespace: string,
    range: RangeQuery,
    updates: SpaceUpdates,
    state: StateView,
): Result | undefined {
    if (range.itrExhausted) {
        return undefined;
    }
    const update = updates.get(namespace, range.endKey);
    const version =
        update === undefined
            ? state.stateVersion(namespace, range.endKey)
            : update.value === undefined
              ? undefined
              : update.version;
    return version && { key: range.endKey, version };
}

async function* resultsNow(
    namespace: string,
    range: RangeQuery,
    updates: SpaceUpdates,
    state: StateView,
): AsyncGenerator<Result> {
    const { startKey, endKey } = range;
    const merged = new MergedRange(
        state.stateRange(namespace, startKey, endKey),
        updatesWithin(updates, namespace, startKey, endKey),
    );
    try {
        for (let result = await merged.next(); result !== undefined; result = await merged.next()) {
            yield result;
        }
        const last = lastKeySeen(namespace, range, updates, state);
        if (last !== undefined) {
            yield last;
        }
    } finally {
        await merged.close();
    }
}

async function readsAreTheSame(reads: readonly Read[], results: AsyncIterable<Result>): Promise<boolean> {
    let position = 0;
    for await (const result of results) {
        const read = reads[position];
        if (read?.key !== result.key || !sameVersion(read.version, result.version)) {
            return false;
        }
        position += 1;
    }
    return position === reads.length;
}

function sameHashes(one: RangeHashes, other: RangeHashes | undefined): boolean {
    return (
        other !== undefined &&
        one.maxDegree === other.maxDegree &&
        one.maxLevel === other.maxLevel &&
        one.maxLevelHashes.length === other.maxLevelHashes.length &&
        one.maxLevelHashes.every((hash, index) => Buffer.compare(hash, other.maxLevelHashes[index] ?? hash) === 0)
    );
}

async function summaryIsTheSame(expected: RangeHashes, results: AsyncIterable<Result>): Promise<boolean> {
    const summary = new RangeSummary(expected.maxDegree);
    for await (const { key, version } of results) {
        summary.add({ key, version });
    }
    return sameHashes(expected, summary.done().merkle);
}

/** Whether a range would give the same keys in the same versions now. */
export function rangeIsUnchanged(
    namespace: string,
    range: RangeQuery,
    updates: SpaceUpdates,
    state: StateView,
): Promise<boolean> {
    const results = resultsNow(namespace, range, updates, state);
    return range.merkle === undefined ? readsAreTheSame(range.reads, results) : summaryIsTheSame(range.merkle, results);
}
