import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ledger } from '@hyperledger/fabric-protos';

import type { Read } from '../../../fabric/rwset';
import { RangeSummary } from './range-summary';

const read = (number: number): Read => ({ key: `key_${number}`, version: { block: 1, tx: number } });
const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

function hashOf(...reads: Read[]): Buffer {
    const message = new ledger.rwset.kvrwset.QueryReads();
    for (const { key, version } of reads) {
        const one = message.addKvReads(new ledger.rwset.kvrwset.KVRead());
        one.setKey(key);
        const height = new ledger.rwset.kvrwset.Version();
        height.setBlockNum(version?.block ?? 0);
        height.setTxNum(version?.tx ?? 0);
        one.setVersion(height);
    }
    return sha256(message.serializeBinary());
}

function summary(maxDegree: number, count: number): ReturnType<RangeSummary['done']> {
    const made = new RangeSummary(maxDegree);
    for (let number = 1; number <= count; number += 1) {
        made.add(read(number));
    }
    return made.done();
}

/** Reads of these numbers. */
const reads = (from: number, to: number): Read[] =>
    Array.from({ length: to - from + 1 }, (_, index) => read(from + index));

describe('the summary of a range', () => {
    test('is the reads themselves while there are few', () => {
        expect(summary(2, 0)).toEqual({ reads: [] });
        expect(summary(2, 2)).toEqual({ reads: reads(1, 2) });
    });

    const rows: { count: number; maxLevel: number; hashes: Buffer[] }[] = [
        { count: 3, maxLevel: 1, hashes: [hashOf(...reads(1, 3))] },
        { count: 4, maxLevel: 1, hashes: [hashOf(...reads(1, 3)), hashOf(read(4))] },
        {
            count: 9,
            maxLevel: 2,
            hashes: [sha256(hashOf(...reads(1, 3)), hashOf(...reads(4, 6)), hashOf(...reads(7, 9)))],
        },
        {
            count: 10,
            maxLevel: 2,
            hashes: [sha256(hashOf(...reads(1, 3)), hashOf(...reads(4, 6)), hashOf(...reads(7, 9))), hashOf(read(10))],
        },
        {
            count: 14,
            maxLevel: 2,
            hashes: [
                sha256(hashOf(...reads(1, 3)), hashOf(...reads(4, 6)), hashOf(...reads(7, 9))),
                sha256(hashOf(...reads(10, 12)), hashOf(...reads(13, 14))),
            ],
        },
    ];
    test.each(rows)('of $count keys at degree 2 has level $maxLevel', ({ count, maxLevel, hashes }) => {
        expect(summary(2, count)).toEqual({ reads: [], merkle: { maxDegree: 2, maxLevel, maxLevelHashes: hashes } });
    });
});
