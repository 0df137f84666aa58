import { ClassicLevel } from 'classic-level';

type Blocks = ClassicLevel<Buffer, Buffer>;

/**
 * Blocks that the engine has decided and too few seats have signed yet, by number. What a power cut takes from here the engine decides
 * again: writes are not synced.
 */
export class DecidedBlocks {
    readonly #blocks: Blocks;

    private constructor(blocks: Blocks) {
        this.#blocks = blocks;
    }

    static async open(directory: string): Promise<DecidedBlocks> {
        const blocks: Blocks = new ClassicLevel(directory, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
        await blocks.open();
        return new DecidedBlocks(blocks);
    }

    async put(number: number, block: Buffer): Promise<void> {
        await this.#blocks.put(key(number), block);
    }

    async get(number: number): Promise<Buffer | undefined> {
        return this.#blocks.get(key(number));
    }

    /** Once it is served, or does not follow what is kept. */
    async remove(number: number): Promise<void> {
        await this.#blocks.del(key(number));
    }

    /** Those that follow each other from this number on; all others are removed. */
    async from(number: number): Promise<readonly Buffer[]> {
        const found: Buffer[] = [];
        for await (const [at, block] of this.#blocks.iterator()) {
            if (Number(at.readBigUInt64BE()) === number + found.length) {
                found.push(block);
            } else {
                await this.#blocks.del(at);
            }
        }
        return found;
    }

    async close(): Promise<void> {
        await this.#blocks.close();
    }
}

function key(number: number): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(number));
    return bytes;
}
