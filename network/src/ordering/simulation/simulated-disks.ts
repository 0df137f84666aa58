import type { common } from '@hyperledger/fabric-protos';
import {
    blockEnvelopes,
    blockSignaturesValue,
    dataHash,
    headerHash,
    newBlock,
    setBlockSignatures,
} from '../../fabric/blocks';
import { sameBytes } from '../../fabric/wire';
import { headerOf } from '../app/block-header';
import { producerOf } from '../app/producer';

/** What a simulated seat does not lose with its process. */
export interface SimulatedDisk {
    /** Blocks that were decided, with the own signature, until they are sealed. */
    readonly decided: Map<number, Uint8Array>;
    readonly sealed: SealedBlocks;
}

/** Sealed blocks of one seat by number, without gaps from 1. */
export interface SealedBlocks {
    readonly length: number;
    append(block: common.Block): void;
    get(number: number): common.Block | undefined;
}

/** What a block says beside its envelopes and signatures, which all seats must agree on. */
interface Agreed {
    readonly hash: Uint8Array;
    readonly value: Uint8Array;
    /** Of the engine. */
    readonly height: number;
}

/**
 * The sealed blocks of all seats. A block is kept whole for each seat until all of them have sealed it; from then on only the hash of its
 * header and the value that was signed are kept, once for all, and the block is made again from the envelopes that the engine decided when a
 * seat starts anew: so a million messages need no more memory than what is on its way. Whoever seals another block than the first to seal
 * one of this number ends the simulation.
 */
export class SealedByAll {
    readonly #agreed: Agreed[] = [];
    readonly #whole = new Map<number, (common.Block | undefined)[]>();
    readonly #lengths: number[];

    /**
     * @param envelopes what the engine decided at this height.
     * @param genesis hash of the header that the first block follows.
     */
    constructor(
        seats: number,
        private readonly genesis: Uint8Array,
        private readonly envelopes: (height: number) => readonly Uint8Array[],
    ) {
        this.#lengths = Array.from({ length: seats }, () => 0);
    }

    /** Blocks that at least one seat has sealed. */
    get length(): number {
        return this.#agreed.length;
    }

    /** Blocks that are kept whole, because some seat has not sealed them. */
    get whole(): number {
        return this.#whole.size;
    }

    /** Of the last block; as every header names the one before it, this stands for the whole chain. */
    get lastHash(): Uint8Array {
        return this.#agreed.at(-1)?.hash ?? this.genesis;
    }

    of(seat: number): SealedBlocks {
        const length = (): number => this.#lengths[seat] ?? 0;
        return {
            get length() {
                return length();
            },
            append: (block) => {
                this.#append(seat, block);
            },
            get: (number) => (number < 1 || number > length() ? undefined : this.#get(seat, number)),
        };
    }

    #append(seat: number, block: common.Block): void {
        const header = headerOf(block);
        const number = header.getNumber();
        if (number !== (this.#lengths[seat] ?? 0) + 1)
            throw new Error(`seat ${seat} seals block ${number} out of turn`);
        if (!sameBytes(dataHash(blockEnvelopes(block)), header.getDataHash_asU8())) {
            throw new Error(`block ${number} of seat ${seat} has other envelopes than its header says`);
        }
        const value = Uint8Array.from(blockSignaturesValue(block));
        const own = { hash: headerHash(header), value, height: producerOf(block).height };
        const agreed = (this.#agreed[number - 1] ??= own);
        if (!sameBytes(own.hash, agreed.hash) || !sameBytes(own.value, agreed.value)) {
            throw new Error(`seat ${seat} seals another block ${number} than the others`);
        }
        const whole = this.#whole.get(number) ?? this.#lengths.map(() => undefined);
        whole[seat] = block;
        this.#lengths[seat] = number;
        this.#whole.set(number, whole);
        if (whole.every((each) => each !== undefined)) this.#whole.delete(number);
    }

    #get(seat: number, number: number): common.Block {
        const whole = this.#whole.get(number)?.[seat];
        if (whole !== undefined) return whole;
        const agreed = this.#agreed[number - 1];
        if (agreed === undefined) throw new Error(`block ${number} was never sealed`);
        const before = this.#agreed[number - 2]?.hash ?? this.genesis;
        const made = newBlock(number, before, this.envelopes(agreed.height));
        if (!sameBytes(headerHash(headerOf(made)), agreed.hash)) {
            throw new Error(`block ${number} was sealed with other envelopes than the engine decided`);
        }
        setBlockSignatures(made, agreed.value, []);
        return made;
    }
}
