import type { common } from '@hyperledger/fabric-protos';
import { decodeBlock, encodeBlock, lastConfigIndex } from '../../fabric/blocks';
import type { OrderedChannel } from '../admin/participation';
import type { BlockStore } from './block-store';
import { takeIn, type BroadcastContext } from './broadcast';

/** What administrators are told of the channel, and may do to it. */
export function channelOf(store: BlockStore, context: BroadcastContext): OrderedChannel {
    const block = (number: number): Promise<Buffer> => store.get(number);
    return {
        channelId: context.bundle().channelId,
        height: () => store.height,
        configBlock: async () => lastConfigIndex(decodeBlock(await block(store.height - 1))),
        block,
        update: async (envelope) => {
            const refusal = await takeIn(envelope, context);
            return refusal && `${refusal.status}: ${refusal.why}`;
        },
    };
}

/** The first block of a chain; throws Error where the folder has another one. */
export async function keepGenesis(genesis: common.Block, store: BlockStore): Promise<void> {
    const bytes = Buffer.from(encodeBlock(genesis));
    if (store.height === 0) {
        await store.append(0, bytes);
    } else if (!(await store.get(0)).equals(bytes)) {
        throw new Error('the folder of the ordering service belongs to another channel: its genesis block differs');
    }
}
