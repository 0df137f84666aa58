import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/** Length and CRC-32 of the body stand before it, big-endian. */
const HEADER_BYTES = 8;
/** Longer than any message that ordering takes; a length above it is no length but damage. */
const LONGEST_RECORD = 256 * 1024 * 1024;

interface Waiting {
    readonly frame: Buffer;
    readonly resolve: () => void;
    readonly reject: (why: unknown) => void;
}

/**
 * An append-only file of records. `append` resolves when the record is on the disk (`fdatasync`); appends that arrive
 * while the disk is busy share the next write. A record that was cut off by a crash was never acknowledged: opening
 * cuts it away, and everything before it is as it was written.
 */
export class RecordLog {
    readonly #file: FileHandle;
    #waiting: Waiting[] = [];
    #writer: Promise<void> | undefined;
    #failure: unknown;

    private constructor(file: FileHandle) {
        this.#file = file;
    }

    /** Opens or creates the file and hands over what it holds, in order. `cutBytes` tells how much of a torn tail went. */
    static async open(path: string): Promise<{ log: RecordLog; records: Buffer[]; cutBytes: number }> {
        const file = await open(path, 'a+', 0o600);
        try {
            const { size } = await file.stat();
            const content = Buffer.alloc(size);
            await readFully(file, content);
            const { records, end } = wholeRecords(content);
            if (end < size) {
                await file.truncate(end);
                await file.datasync();
            }
            await syncDirectory(dirname(path));
            return { log: new RecordLog(file), records, cutBytes: size - end };
        } catch (failure) {
            await file.close();
            throw failure;
        }
    }

    /** After one failed write all later ones fail: what the disk holds is only known again after opening. */
    append(body: Uint8Array): Promise<void> {
        if (body.length === 0 || body.length > LONGEST_RECORD) {
            return Promise.reject(new Error(`a record has 1 to ${LONGEST_RECORD} bytes, not ${body.length}`));
        }
        return new Promise((resolve, reject) => {
            this.#waiting.push({ frame: frame(body), resolve, reject });
            this.#writer ??= this.#writeWaiting().finally(() => (this.#writer = undefined));
        });
    }

    async close(): Promise<void> {
        await this.#writer;
        await this.#file.close();
    }

    async #writeWaiting(): Promise<void> {
        while (this.#waiting.length > 0) {
            const group = this.#waiting;
            this.#waiting = [];
            try {
                await this.#write(Buffer.concat(group.map((one) => one.frame)));
                group.forEach((one) => {
                    one.resolve();
                });
            } catch (failure) {
                this.#failure = failure;
                group.forEach((one) => {
                    one.reject(failure);
                });
            }
        }
    }

    async #write(bytes: Buffer): Promise<void> {
        if (this.#failure !== undefined) {
            throw new Error('the ordering log failed before and takes nothing more', { cause: this.#failure });
        }
        for (let written = 0; written < bytes.length;) {
            const { bytesWritten } = await this.#file.write(bytes, written);
            written += bytesWritten;
        }
        await this.#file.datasync();
    }
}

function frame(body: Uint8Array): Buffer {
    const framed = Buffer.allocUnsafe(HEADER_BYTES + body.length);
    framed.writeUInt32BE(body.length, 0);
    framed.writeUInt32BE(crc32(body), 4);
    framed.set(body, HEADER_BYTES);
    return framed;
}

/** No record is empty, so a tail that a crash left as zeros is not mistaken for records. */
function wholeRecords(content: Buffer): { records: Buffer[]; end: number } {
    const records: Buffer[] = [];
    let end = 0;
    while (end + HEADER_BYTES <= content.length) {
        const length = content.readUInt32BE(end);
        const next = end + HEADER_BYTES + length;
        if (length === 0 || length > LONGEST_RECORD || next > content.length) {
            break;
        }
        const body = content.subarray(end + HEADER_BYTES, next);
        if (crc32(body) !== content.readUInt32BE(end + 4)) {
            break;
        }
        records.push(body);
        end = next;
    }
    return { records, end };
}

async function readFully(file: FileHandle, into: Buffer): Promise<void> {
    for (let filled = 0; filled < into.length;) {
        const { bytesRead } = await file.read(into, filled, into.length - filled, filled);
        if (bytesRead === 0) {
            throw new Error(`the ordering log ended at ${filled} of ${into.length} bytes`);
        }
        filled += bytesRead;
    }
}

/** Makes a new file's name as durable as its content. */
async function syncDirectory(path: string): Promise<void> {
    const directory = await open(path);
    try {
        await directory.sync();
    } finally {
        await directory.close();
    }
}
