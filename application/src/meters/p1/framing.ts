/** Telegrams are two or three kilobytes, with the longest message of the grid operator in it. */
export const MOST_TELEGRAM_BYTES = 16_384;

const [SLASH, BANG, NEWLINE] = [0x2f, 0x21, 0x0a];

/**
 * Cuts a stream of bytes into telegrams: from a `/` at the start of a line to the end of the line that starts with `!`. What comes before the first
 * `/` is dropped, and so is a telegram that another one begins within, or that does not end.
 */
export class TelegramFrames {
    #open: number[] | undefined;
    /** Whether the next byte starts a line. */
    #isLineStart = true;
    #isLastLine = false;

    push(bytes: Uint8Array): Uint8Array[] {
        const whole: Uint8Array[] = [];
        for (const byte of bytes) {
            const telegram = this.#take(byte);
            if (telegram !== undefined) {
                whole.push(telegram);
            }
        }
        return whole;
    }

    #take(byte: number): Uint8Array | undefined {
        const startsLine = this.#isLineStart;
        this.#isLineStart = byte === NEWLINE;
        // A telegram also begins where the line was cut while nobody listened.
        if (byte === SLASH && (startsLine || this.#open === undefined)) {
            [this.#open, this.#isLastLine] = [[byte], false];
            return undefined;
        }
        if (this.#open === undefined) {
            return undefined;
        }
        this.#open.push(byte);
        this.#isLastLine ||= startsLine && byte === BANG;
        if (this.#open.length > MOST_TELEGRAM_BYTES) {
            this.#open = undefined;
            return undefined;
        }
        if (this.#isLastLine && byte === NEWLINE) {
            const telegram = Uint8Array.from(this.#open);
            this.#open = undefined;
            return telegram;
        }
        return undefined;
    }
}
