import { ledger } from '@hyperledger/fabric-protos';

import type { RangeQuery, Read } from '../../../fabric/rwset';
import { sha256 } from '../store/keys';

export type RangeHashes = NonNullable<RangeQuery['merkle']>;

/** Fabric's peers write the results of a range into the read set up to this number, and hashes of them beyond. */
export const MAX_DEGREE = 50;

function hashOfReads(reads: readonly Read[]): Buffer {
    const message = new ledger.rwset.kvrwset.QueryReads();
    message.setKvReadsList(
        reads.map(({ key, version }) => {
            const read = new ledger.rwset.kvrwset.KVRead();
            read.setKey(key);
            if (version !== undefined) {
                const height = new ledger.rwset.kvrwset.Version();
                height.setBlockNum(version.block);
                height.setTxNum(version.tx);
                read.setVersion(height);
            }
            return read;
        }),
    );
    return sha256(message.serializeBinary());
}

/**
 * What a read set keeps of a range's results: the reads themselves while there are at most `maxDegree`, else a summary.
 * The summary is built as the results come: `maxDegree + 1` of them make a hash of level 1, as many hashes of a level make one
 * of the next. Both sides of the phantom check build it, so what it looks like in between is part of the rule.
 */
export class RangeSummary {
    readonly #maxDegree: number;
    #pending: Read[] = [];
    /** Hashes by level; level 1 is the lowest. */
    readonly #levels = new Map<number, Buffer[]>();
    #maxLevel = 1;

    constructor(maxDegree: number) {
        if (maxDegree < 2) {
            throw new Error(`maxDegree [${maxDegree}] should not be less than 2 in the merkle tree`);
        }
        this.#maxDegree = maxDegree;
    }

    add(read: Read): void {
        this.#pending.push(read);
        if (this.#pending.length > this.#maxDegree) {
            this.#hashPending();
        }
    }

    /** The summary as it stands; grows while results are added. */
    get hashes(): RangeHashes {
        return {
            maxDegree: this.#maxDegree,
            maxLevel: this.#maxLevel,
            maxLevelHashes: this.#level(this.#maxLevel),
        };
    }

    /** Call it once, after the last result. */
    done(): { readonly reads: readonly Read[]; readonly merkle?: RangeHashes } {
        if (this.#maxLevel === 1 && this.#level(1).length === 0) {
            return { reads: this.#pending };
        }
        if (this.#pending.length > 0) {
            this.#hashPending();
        }
        this.#complete();
        return { reads: [], merkle: this.hashes };
    }

    #level(level: number): Buffer[] {
        return this.#levels.get(level) ?? [];
    }

    #push(level: number, hash: Buffer): void {
        this.#levels.set(level, [...this.#level(level), hash]);
    }

    #hashPending(): void {
        const hash = hashOfReads(this.#pending);
        this.#pending = [];
        this.#push(1, hash);
        for (let level = 1; this.#level(level).length > this.#maxDegree; level += 1) {
            const combined = sha256(Buffer.concat(this.#level(level)));
            this.#levels.delete(level);
            this.#push(level + 1, combined);
            this.#maxLevel = Math.max(this.#maxLevel, level + 1);
        }
    }

    /** Lifts what is left on lower levels to the highest one; a single hash rises as it is. */
    #complete(): void {
        for (let level = 1; level < this.#maxLevel; level += 1) {
            const hashes = this.#level(level);
            const [single] = hashes;
            if (single !== undefined) {
                this.#levels.delete(level);
                this.#push(level + 1, hashes.length === 1 ? single : sha256(Buffer.concat(hashes)));
            }
        }
        const top = this.#level(this.#maxLevel);
        if (top.length > this.#maxDegree) {
            this.#levels.delete(this.#maxLevel);
            this.#maxLevel += 1;
            this.#levels.set(this.#maxLevel, [sha256(Buffer.concat(top))]);
        }
    }
}
