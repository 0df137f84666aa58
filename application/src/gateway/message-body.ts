import type { IncomingMessage } from 'node:http';

/**
 * What came over HTTP, as text.
 *
 * @throws Error where it has more bytes than that.
 */
export async function textOf(message: IncomingMessage, mostBytes: number): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of message) {
        size += (chunk as Buffer).length;
        if (size > mostBytes) {
            throw new Error(`a message has at most ${mostBytes} bytes`);
        }
        chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString();
}
