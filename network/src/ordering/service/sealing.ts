import type { common } from '@hyperledger/fabric-protos';
import { decodeBlock, encodeBlock, headerHash, setBlockSignatures, signHeader } from '../../fabric/blocks';
import type { SigningIdentity } from '../../fabric/signing';
import { headerOf } from '../app/block-header';
import type { UnsignedBlock } from '../app/ordering-app';
import type { BlockStore } from './block-store';

/**
 * Signs decided blocks with every seat's key and keeps them. Blocks that are kept already, which happens after a restart,
 * are compared instead: a log that makes another block than the one that was served must not go on.
 */
export class BlockSealer {
    readonly #store: BlockStore;
    readonly #signers: readonly SigningIdentity[];

    constructor(store: BlockStore, signers: readonly SigningIdentity[]) {
        this.#store = store;
        this.#signers = signers;
    }

    async seal({ block, value }: UnsignedBlock): Promise<void> {
        const header = headerOf(block);
        if (header.getNumber() < this.#store.height) {
            await this.#compare(header);
            return;
        }
        const signatures = this.#signers.map((signer) => signHeader(header, value, signer));
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
