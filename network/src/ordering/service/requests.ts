import type { Readable } from 'node:stream';

/** What the other side sends. Leaving the loop leaves the stream open: the last answer still has to go out. */
export function requests<Request>(stream: Readable): AsyncIterable<Request> {
    return stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Request>;
}
