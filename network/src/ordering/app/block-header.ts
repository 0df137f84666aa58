import type { common } from '@hyperledger/fabric-protos';

/** A block that we made or checked has a header; one without is a fault, not an answer. */
export function headerOf(block: common.Block): common.BlockHeader {
    const header = block.getHeader();
    if (header === undefined) {
        throw new Error('a block has no header');
    }
    return header;
}
