import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordLog } from '../record-log';
import { digestOf } from './message-pool';

const NAME = /^intake-(\d+)\.log$/;
/** A file this long is replaced by one with what still waits. */
const LONGEST_FILE = 32 * 1024 * 1024;

/**
 * The messages that a seat has taken in and that are not decided yet, on the disk: what was acknowledged outlives a crash of this
 * seat and of its engine. Files are numbered; each one begins with all that waited when it was made, so the one before can go.
 */
export class IntakeLog {
    readonly #directory: string;
    readonly #longestFile: number;
    readonly #waiting: Map<string, Uint8Array>;
    #file: RecordLog;
    #number: number;
    #length = 0;
    /** Appends wait while a new file is begun. */
    #beginning: Promise<void> | undefined;

    private constructor(directory: string, opened: Opened, longestFile: number) {
        this.#directory = directory;
        this.#longestFile = longestFile;
        this.#file = opened.file;
        this.#number = opened.number;
        this.#waiting = opened.waiting;
    }

    /** @param directory exists. @returns the log and what it held, the oldest first; some of that may be decided meanwhile. */
    static async open(
        directory: string,
        longestFile = LONGEST_FILE,
    ): Promise<{ log: IntakeLog; messages: readonly Uint8Array[] }> {
        const numbers = await numbersIn(directory);
        const waiting = new Map<string, Uint8Array>();
        for (const number of numbers) {
            const { log, records } = await RecordLog.open(fileOf(directory, number));
            await log.close();
            for (const record of records) {
                waiting.set(digestOf(record), Uint8Array.from(record));
            }
        }
        const number = (numbers.at(-1) ?? 0) + 1;
        const { log: file } = await RecordLog.open(fileOf(directory, number));
        const log = new IntakeLog(directory, { file, number, waiting }, longestFile);
        await log.#copyWaiting();
        await removeBefore(directory, number);
        return { log, messages: [...waiting.values()] };
    }

    /** Resolves when the message is on the disk. */
    async append(message: Uint8Array): Promise<void> {
        this.#waiting.set(digestOf(message), message);
        if (this.#length >= this.#longestFile) {
            this.#beginning ??= this.#beginNext().finally(() => (this.#beginning = undefined));
        }
        // It may be among those that the next file begins with, and then stands there twice: that does no harm.
        await this.#beginning;
        this.#length += message.length;
        await this.#file.append(message);
    }

    /** Of a message that is decided, or never will be. */
    forget(message: Uint8Array): void {
        this.#waiting.delete(digestOf(message));
    }

    async close(): Promise<void> {
        await this.#beginning;
        await this.#file.close();
    }

    async #beginNext(): Promise<void> {
        const number = this.#number + 1;
        const { log } = await RecordLog.open(fileOf(this.#directory, number));
        const before = this.#file;
        this.#file = log;
        this.#number = number;
        await this.#copyWaiting();
        await before.close();
        await removeBefore(this.#directory, number);
    }

    async #copyWaiting(): Promise<void> {
        const messages = [...this.#waiting.values()];
        this.#length = messages.reduce((sum, { length }) => sum + length, 0);
        await Promise.all(messages.map((message) => this.#file.append(message)));
    }
}

interface Opened {
    readonly file: RecordLog;
    readonly number: number;
    readonly waiting: Map<string, Uint8Array>;
}

async function numbersIn(directory: string): Promise<number[]> {
    const names = await readdir(directory);
    return names
        .flatMap((name) => NAME.exec(name)?.[1] ?? [])
        .map(Number)
        .toSorted((one, other) => one - other);
}

async function removeBefore(directory: string, number: number): Promise<void> {
    for (const older of (await numbersIn(directory)).filter((each) => each < number)) {
        await rm(fileOf(directory, older));
    }
}

function fileOf(directory: string, number: number): string {
    return join(directory, `intake-${number}.log`);
}
