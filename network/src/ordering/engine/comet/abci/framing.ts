/** The engine refuses frames above this itself; a length beyond it is damage or not our engine. */
export const LONGEST_FRAME = 104_857_600;

const MORE = 0x80;
const DIGIT_BITS = 7;
/** A length below 2³⁵ has at most five digits. */
const MOST_DIGITS = 5;

/** The other side does not speak the protocol: the connection is of no use any more. */
export class FramingError extends Error {
    override readonly name = 'FramingError';
}

/** A message as socket ABCI carries it: its length as unsigned varint, then its bytes. */
export function framed(body: Uint8Array): Buffer {
    const digits: number[] = [];
    let rest = body.length;
    while (rest >= MORE) {
        digits.push((rest % MORE) | MORE);
        rest = Math.floor(rest / MORE);
    }
    digits.push(rest);
    return Buffer.concat([Buffer.from(digits), body]);
}

interface FrameLength {
    readonly value: number;
    /** Bytes that the length itself takes. */
    readonly digits: number;
}

/** Cuts a stream of bytes into frames, however the bytes arrive. */
export class FrameReader {
    readonly #longest: number;
    #chunks: Buffer[] = [];
    #available = 0;
    /** Length of the frame that is being received. */
    #expected: FrameLength | undefined;

    constructor(longest: number = LONGEST_FRAME) {
        this.#longest = longest;
    }

    /** @returns the frames that are whole now, in order. @throws FramingError on a length that is none. */
    push(chunk: Buffer): Buffer[] {
        this.#chunks.push(chunk);
        this.#available += chunk.length;
        const frames: Buffer[] = [];
        for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
            frames.push(frame);
        }
        return frames;
    }

    #next(): Buffer | undefined {
        this.#expected ??= this.#lengthIn(this.#peek(MOST_DIGITS));
        if (this.#expected === undefined) {
            return undefined;
        }
        const { value, digits } = this.#expected;
        if (this.#available < digits + value) {
            return undefined;
        }
        this.#expected = undefined;
        return this.#take(digits + value).subarray(digits);
    }

    #lengthIn(head: Buffer): FrameLength | undefined {
        let value = 0;
        for (const [at, digit] of head.entries()) {
            value += (digit & (MORE - 1)) * 2 ** (DIGIT_BITS * at);
            if (value > this.#longest) {
                throw new FramingError(`a frame of ${value} bytes is longer than ${this.#longest}`);
            }
            if (digit < MORE) {
                return { value, digits: at + 1 };
            }
        }
        if (head.length === MOST_DIGITS) {
            throw new FramingError('a length without end');
        }
        return undefined;
    }

    /** The first bytes, as many as there are up to `count`, without taking them. */
    #peek(count: number): Buffer {
        const [first] = this.#chunks;
        if (first === undefined || first.length >= count || this.#chunks.length === 1) {
            return (first ?? Buffer.alloc(0)).subarray(0, count);
        }
        return Buffer.concat(this.#chunks.slice(0, count)).subarray(0, count);
    }

    #take(count: number): Buffer {
        const all = this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks);
        const rest = all.subarray(count);
        this.#chunks = rest.length === 0 ? [] : [rest];
        this.#available -= count;
        return all.subarray(0, count);
    }
}
