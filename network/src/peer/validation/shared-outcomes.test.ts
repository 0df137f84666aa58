import { describe, expect, test } from '@jest/globals';
import type { common } from '@hyperledger/fabric-protos';

import { METADATA, newBlock } from '../../fabric/blocks';
import type { BlockOutcome } from '../ledger/commit/block-outcome';
import { sharedOutcome } from './shared-outcomes';

const HASH = Buffer.alloc(32, 1);
const OTHER = Buffer.alloc(32, 2);

function blockOf(number: number, envelopes: readonly string[], signatures = 'signed'): common.Block {
    const block = newBlock(
        number,
        HASH,
        envelopes.map((each) => Buffer.from(each)),
    );
    const metadata = block.getMetadata()?.getMetadataList_asU8() ?? [];
    metadata[METADATA.SIGNATURES] = Buffer.from(signatures);
    block.getMetadata()?.setMetadataList(metadata);
    return block;
}

/** How often the outcome of the blocks, each after this commit hash, had to be worked out. */
async function computed(...asked: readonly (readonly [common.Block, Uint8Array])[]): Promise<number> {
    let times = 0;
    for (const [block, commitHash] of asked) {
        await sharedOutcome(block, commitHash, () => {
            times += 1;
            return Promise.resolve({} as BlockOutcome);
        });
    }
    return times;
}

describe('the outcome of a block', () => {
    test('is worked out once by peers with the same state', async () => {
        expect(await computed([blockOf(1, ['a', 'b']), HASH], [blockOf(1, ['a', 'b']), HASH])).toBe(1);
    });

    const others: readonly { what: string; number: number; other: readonly [common.Block, Uint8Array] }[] = [
        { what: 'after another state', number: 11, other: [blockOf(11, ['a', 'b']), OTHER] },
        { what: 'of envelopes whose bytes in a row are the same', number: 12, other: [blockOf(12, ['ab', '']), HASH] },
        { what: 'with other signatures', number: 13, other: [blockOf(13, ['a', 'b'], 'by others'), HASH] },
        { what: 'at another height', number: 14, other: [blockOf(15, ['a', 'b']), HASH] },
    ];
    test.each(others)('is another one $what', async ({ number, other }) => {
        expect(await computed([blockOf(number, ['a', 'b']), HASH], other)).toBe(2);
    });

    test('that could not be worked out is worked out again', async () => {
        const block = blockOf(4, ['a']);
        await expect(sharedOutcome(block, HASH, () => Promise.reject(new Error('halted')))).rejects.toThrow('halted');
        expect(await computed([block, HASH])).toBe(1);
    });
});
