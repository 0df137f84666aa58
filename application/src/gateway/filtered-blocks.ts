import type { Network } from '@hyperledger/fabric-gateway';
import { common } from '@hyperledger/fabric-protos';

/** What a block says of its transactions without showing them. */
export interface FilteredBlock {
    readonly number: number;
    readonly transactions: readonly { readonly code: number; readonly isOfChaincode: boolean }[];
}

export interface FilteredBlocks extends AsyncIterable<FilteredBlock> {
    close(): void;
}

/** The channel's blocks from one on; waits for the next at the end. Close it. */
export async function filteredBlocks(network: Network, from: number): Promise<FilteredBlocks> {
    const source = await network.getFilteredBlockEvents({ startBlock: BigInt(from) });
    const plain = async function* (): AsyncGenerator<FilteredBlock> {
        for await (const block of source) {
            yield {
                number: block.getNumber(),
                transactions: block.getFilteredTransactionsList().map((transaction) => ({
                    code: transaction.getTxValidationCode(),
                    isOfChaincode: transaction.getType() === common.HeaderType.ENDORSER_TRANSACTION,
                })),
            };
        }
    };
    return {
        [Symbol.asyncIterator]: plain,
        close: () => {
            source.close();
        },
    };
}
