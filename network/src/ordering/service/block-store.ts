import { ClassicLevel } from 'classic-level';

type Blocks = ClassicLevel<Buffer, Buffer>;

/**
 * Signed blocks by number, without gaps from 0. What is lost here (by a power cut: writes are not synced) is made again
 * from the ordering log; headers are the same then, signatures are new.
 */
export class BlockStore {
    readonly #blocks: Blocks;
    readonly #waiting = new Set<() => void>();
    #height: number;

    private constructor(blocks: Blocks, height: number) {
        this.#blocks = blocks;
        this.#height = height;
    }

    static async open(directory: string): Promise<BlockStore> {
        const blocks: Blocks = new ClassicLevel(directory, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
        await blocks.open();
        const [last] = await blocks.keys({ reverse: true, limit: 1 }).all();
        return new BlockStore(blocks, last === undefined ? 0 : Number(last.readBigUInt64BE()) + 1);
    }

    /** Number of blocks; the next one has this number. */
    get height(): number {
        return this.#height;
    }

    async append(number: number, block: Buffer): Promise<void> {
        if (number !== this.#height) {
            throw new Error(`block ${number} does not follow: the store has ${this.#height} blocks`);
        }
        await this.#blocks.put(key(number), block);
        this.#height = number + 1;
        const waiting = [...this.#waiting];
        this.#waiting.clear();
        waiting.forEach((wake) => {
            wake();
        });
    }

    async get(number: number): Promise<Buffer> {
        const block = await this.#blocks.get(key(number));
        if (block === undefined) {
            throw new Error(`there is no block ${number}: the store has ${this.#height}`);
        }
        return block;
    }

    /** Resolves to true when the block is there, and to false when the signal says that nobody waits for it any more. */
    async reaches(number: number, signal: AbortSignal): Promise<boolean> {
        while (this.#height <= number && !signal.aborted) {
            await this.#change(signal);
        }
        return !signal.aborted;
    }

    async close(): Promise<void> {
        await this.#blocks.close();
    }

    #change(signal: AbortSignal): Promise<void> {
        return new Promise((resolve) => {
            const wake = (): void => {
                this.#waiting.delete(wake);
                signal.removeEventListener('abort', wake);
                resolve();
            };
            this.#waiting.add(wake);
            signal.addEventListener('abort', wake, { once: true });
        });
    }
}

/** Big-endian, so that LevelDB's order of keys is the order of blocks. */
function key(number: number): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(number));
    return bytes;
}
