import type { common } from '@hyperledger/fabric-protos';
import { createHash } from 'node:crypto';

import { blockEnvelopes, blockHeader, headerHash } from '../../fabric/blocks';
import { BoundedCache } from '../../fabric/bounded-cache';
import type { BlockOutcome } from '../ledger/commit/block-outcome';

/** Peers of a process are rarely further apart than this. An outcome holds its block. */
const OUTCOMES_KEPT = 3;
const outcomes = new BoundedCache<string, Promise<BlockOutcome>>(OUTCOMES_KEPT);

/**
 * What a block comes to, worked out once for all peers of a process that have the same state before it. They have when their commit hashes
 * and the hashes of their last blocks are equal: the one covers every value and every validation code since the first block, the other is
 * in this block's header. Each peer has verified the block itself, and writes what comes of it, with its own private data, to its own disk.
 */
export async function sharedOutcome(
    block: common.Block,
    commitHash: Uint8Array,
    compute: () => Promise<BlockOutcome>,
): Promise<BlockOutcome> {
    const name = outcomeName(block, commitHash);
    const outcome = outcomes.remember(name, compute);
    try {
        return await outcome;
    } catch (cause) {
        outcomes.delete(name);
        throw cause;
    }
}

/** All that goes into an outcome: what was committed before, the header, where one envelope ends, and the metadata, which are stored. */
function outcomeName(block: common.Block, commitHash: Uint8Array): string {
    const hash = createHash('sha256')
        .update(commitHash)
        .update(headerHash(blockHeader(block)));
    hash.update(JSON.stringify(blockEnvelopes(block).map(({ length }) => length)));
    for (const metadata of block.getMetadata()?.getMetadataList_asU8() ?? []) {
        hash.update(`:${metadata.length}:`).update(metadata);
    }
    return hash.digest('base64');
}
