import type { common } from '@hyperledger/fabric-protos';
import { decodeBlock, encodeBlock, headerHash, setBlockSignatures, signHeader } from '../../fabric/blocks';
import { headerOf } from '../app/block-header';
import type { UnsignedBlock } from '../app/ordering-app';
import type { BlockStore } from './block-store';
import type { SeatKeys } from './seat-keys';

/**
 * Signs decided blocks with every seat's key and keeps them. Blocks that are kept already, which happens after a restart,
 * are compared instead: a log that makes another block than the one that was served must not go on.
 */
export class BlockSealer {
    readonly #store: BlockStore;
    readonly #seats: readonly SeatKeys[];

    constructor(store: BlockStore, seats: readonly SeatKeys[]) {
        this.#store = store;
        this.#seats = seats;
    }

    async seal({ block, value, bundle }: UnsignedBlock): Promise<void> {
        const header = headerOf(block);
        if (header.getNumber() < this.#store.height) {
            await this.#compare(header);
            return;
        }
        const signatures = this.#seats.map((keys) => signHeader(header, value, keys.namedOrFirst(bundle).identity));
        setBlockSignatures(block, value, signatures);
        await this.#store.append(header.getNumber(), Buffer.from(encodeBlock(block)));
    }

    async #compare(header: common.BlockHeader): Promise<void> {
        const kept = headerOf(decodeBlock(await this.#store.get(header.getNumber())));
        if (!Buffer.from(headerHash(kept)).equals(headerHash(header))) {
            throw new Error(`block ${header.getNumber()} is kept with another hash than the ordering log gives`);
        }
    }
}
