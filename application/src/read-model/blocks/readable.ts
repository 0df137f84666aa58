const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Anything but what text on one line or several is made of. Databases and terminals take no NUL, and lone surrogates are no characters. */
const UNREADABLE = /[^\P{C}\t\n\r]|\ufffd/u;

/**
 * Bytes as people can read them: text where they are text, `0x…` otherwise. Whatever a member puts on the channel, some of it invalid, this never
 * throws, and what it gives every database can store.
 */
export function readable(bytes: Uint8Array): string {
    try {
        const text = utf8.decode(bytes);
        return UNREADABLE.test(text) ? hex(bytes) : text;
    } catch {
        return hex(bytes);
    }
}

/** As `readable`, of what a decoder has made text already. */
export function readableText(text: string): string {
    return UNREADABLE.test(text) ? hex(Buffer.from(text)) : text;
}

function hex(bytes: Uint8Array): string {
    return `0x${Buffer.from(bytes).toString('hex')}`;
}

/** In milliseconds; undefined where it is no moment that can be told. */
export function moment(stamp: { getSeconds(): number; getNanos(): number } | undefined): number | undefined {
    const at = stamp === undefined ? NaN : stamp.getSeconds() * 1000 + Math.floor(stamp.getNanos() / 1_000_000);
    return Number.isSafeInteger(at) ? at : undefined;
}
