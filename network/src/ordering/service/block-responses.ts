import { common, orderer } from '@hyperledger/fabric-protos';
import { BinaryWriter } from 'google-protobuf';
import { decodeBlock, encodeBlock, isConfigBlock } from '../../fabric/blocks';
import type { BlockStore } from './block-store';

/** Number of the field `block` in `DeliverResponse`. */
const BLOCK_FIELD = 2;
/** All peers ask for the same newest blocks: their answers are encoded once. */
const KEPT = 16;

/** Encoded `DeliverResponse`s. */
export class BlockResponses {
    readonly #store: BlockStore;
    readonly #blocks = new Map<number, Promise<Buffer>>();
    readonly #headers = new Map<number, Promise<Buffer>>();

    constructor(store: BlockStore) {
        this.#store = store;
    }

    block(number: number): Promise<Buffer> {
        return kept(this.#blocks, number, async () => blockResponse(await this.#store.get(number)));
    }

    /** Header and signatures; configuration blocks whole, because readers need what is in them. */
    header(number: number): Promise<Buffer> {
        return kept(this.#headers, number, async () => headerResponse(await this.#store.get(number)));
    }

    status(status: keyof common.StatusMap): Buffer {
        const response = new orderer.DeliverResponse();
        response.setStatus(common.Status[status]);
        return Buffer.from(response.serializeBinary());
    }
}

function kept(cache: Map<number, Promise<Buffer>>, number: number, make: () => Promise<Buffer>): Promise<Buffer> {
    const there = cache.get(number);
    if (there !== undefined) {
        return there;
    }
    const made = make();
    cache.set(number, made);
    made.catch(() => cache.delete(number));
    for (const oldest of cache.keys()) {
        if (cache.size <= KEPT) {
            break;
        }
        cache.delete(oldest);
    }
    return made;
}

/** The block's bytes as they are: to decode and encode them again would be for nothing. */
function blockResponse(block: Uint8Array): Buffer {
    const writer = new BinaryWriter();
    writer.writeBytes(BLOCK_FIELD, block);
    return Buffer.from(writer.getResultBuffer());
}

function headerResponse(bytes: Buffer): Buffer {
    const block = decodeBlock(bytes);
    if (isConfigBlock(block)) {
        return blockResponse(bytes);
    }
    block.clearData();
    return blockResponse(encodeBlock(block));
}
