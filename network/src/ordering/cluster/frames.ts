/** Length before each message, big-endian. */
const HEAD_BYTES = 4;
/** Header, metadata and signatures of a block by all seats are some kilobytes. */
const LONGEST_MESSAGE = 256 * 1024;

export function frame(message: Uint8Array): Buffer {
    const framed = Buffer.allocUnsafe(HEAD_BYTES + message.length);
    framed.writeUInt32BE(message.length);
    framed.set(message, HEAD_BYTES);
    return framed;
}

/** Cuts a stream of bytes into messages; never holds more than one message and a chunk. */
export class FrameReader {
    #rest: Buffer = Buffer.alloc(0);

    /** `broken` says why nothing more can be read from this stream. */
    push(chunk: Buffer): { readonly frames: readonly Buffer[]; readonly broken?: string } {
        this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
        const frames: Buffer[] = [];
        for (;;) {
            if (this.#rest.length < HEAD_BYTES) return { frames };
            const length = this.#rest.readUInt32BE();
            if (length > LONGEST_MESSAGE) return { frames, broken: `a message of ${length} bytes` };
            if (this.#rest.length < HEAD_BYTES + length) return { frames };
            frames.push(this.#rest.subarray(HEAD_BYTES, HEAD_BYTES + length));
            this.#rest = this.#rest.subarray(HEAD_BYTES + length);
        }
    }
}
