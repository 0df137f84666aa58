import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

import { decodeBlock, validationFlags } from '../../fabric/blocks';
import { RANGE } from './store/keys';
import type { KeyRange } from './store/keys';
import type { LedgerStore } from './store/ledger-store';

/** Lengths stand before keys and values, so that no two different states hash the same bytes. */
function addLength(hash: Hash, length: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    hash.update(bytes);
}

async function addRange(hash: Hash, store: LedgerStore, range: KeyRange): Promise<void> {
    for await (const [key, value] of store.entries(range)) {
        addLength(hash, Buffer.byteLength(key));
        hash.update(key);
        addLength(hash, value.length);
        hash.update(value);
    }
}

/** SHA-256 over all that every peer of the channel holds: keys, values, versions and metadata, public and hashed. */
export async function stateDigest(store: LedgerStore): Promise<string> {
    const hash = createHash('sha256');
    await addRange(hash, store, RANGE.allState);
    await addRange(hash, store, RANGE.allHashed);
    return hash.digest('hex');
}

/** SHA-256 over the validation codes of all blocks. */
export async function codesDigest(store: LedgerStore): Promise<string> {
    const hash = createHash('sha256');
    for await (const [, bytes] of store.entries(RANGE.allBlocks)) {
        const codes = validationFlags(decodeBlock(bytes)) ?? new Uint8Array();
        addLength(hash, codes.length);
        hash.update(codes);
    }
    return hash.digest('hex');
}
