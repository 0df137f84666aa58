import type { common } from '@hyperledger/fabric-protos';
import type { BlockStream } from './model';

/** How much is taken in at once, and how many blocks may wait. */
const MOST_TRANSACTIONS = 400;
const MOST_BLOCKS = 200;

/** Where blocks come from failed: it may answer another time. */
export class SourceFailed extends Error {
    override readonly name = 'SourceFailed';
}

/** Reads ahead while whoever takes the blocks is busy. */
export class PendingBlocks {
    readonly #stream: BlockStream;
    readonly #upTo: number;
    readonly #blocks: common.Block[] = [];
    #end: { readonly failure: SourceFailed | undefined } | undefined;
    #changed: () => void = () => undefined;

    constructor(stream: BlockStream, upTo: number) {
        this.#stream = stream;
        this.#upTo = upTo;
        void this.#read();
    }

    /**
     * What has come, at least one block, in order; undefined at the end.
     *
     * @throws SourceFailed after the last block that came before
     */
    async next(): Promise<readonly common.Block[] | undefined> {
        while (this.#blocks.length === 0 && this.#end === undefined) {
            await this.#change();
        }
        if (this.#blocks.length === 0 && this.#end?.failure !== undefined) {
            throw this.#end.failure;
        }
        const taken = this.#blocks.splice(0, this.#fitting());
        this.#changed();
        return taken.length === 0 ? undefined : taken;
    }

    /** How many of those that wait are taken in at once. */
    #fitting(): number {
        let [count, transactions] = [0, 0];
        while (count < this.#blocks.length && transactions < MOST_TRANSACTIONS) {
            transactions += this.#blocks[count]?.getData()?.getDataList_asU8().length ?? 0;
            count += 1;
        }
        return count;
    }

    /** No more are wanted; what waits is dropped. */
    stop(): void {
        this.#blocks.length = 0;
        this.#finish(undefined);
    }

    async #read(): Promise<void> {
        try {
            for await (const block of this.#stream) {
                if (this.#end !== undefined) {
                    return;
                }
                this.#blocks.push(block);
                this.#changed();
                if ((block.getHeader()?.getNumber() ?? 0) >= this.#upTo) {
                    this.#finish(undefined);
                    return;
                }
                while (this.#blocks.length >= MOST_BLOCKS) {
                    await this.#change();
                }
            }
            this.#finish(undefined);
        } catch (error) {
            const why = error instanceof Error ? error.message : String(error);
            this.#finish(new SourceFailed(`no more blocks come: ${why}`, { cause: error }));
        }
    }

    /** The first end counts: a stream that is closed may fail. */
    #finish(failure: SourceFailed | undefined): void {
        if (this.#end === undefined) {
            this.#end = { failure };
            this.#stream.close();
            this.#changed();
        }
    }

    /** Both sides wait by turns: the reader while there is too much, the taker while there is nothing. */
    #change(): Promise<void> {
        return new Promise((resolve) => {
            this.#changed = resolve;
        });
    }
}
