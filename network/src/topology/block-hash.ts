import type { common } from '@hyperledger/fabric-protos';
import { blockHeader, headerHash } from '../fabric/blocks';

/** SHA-256 of a block's header in hex: what the next block names as its predecessor. Throws FormatError where there is no header. */
export function blockHash(block: common.Block): string {
    return Buffer.from(headerHash(blockHeader(block))).toString('hex');
}
