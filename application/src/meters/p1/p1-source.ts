import { createReadStream } from 'node:fs';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../data/input-error';
import type { RegisterReading } from '../register-reading';
import type { Notes, RunningSource, Sink } from '../sink';
import { TelegramFrames } from './framing';
import { readTelegram, type Telegram } from './telegram';

export interface P1Meter {
    readonly meterId: string;
    readonly source: string;
    /** What says that this is still the same meter; false where another one has taken its place. */
    isSame(equipment: string): boolean;
}

export interface P1Parts {
    readonly sink: Sink;
    readonly notes: Notes;
    /** Unix seconds. */
    readonly now?: () => number;
}

const SECONDS = (): number => Math.floor(Date.now() / 1000);
const CLOCK_AHEAD_SECONDS = 300;
const REOPEN_MS = 2_000;
const REOPEN_MOST_MS = 60_000;

/** Takes bytes of a P1 port and hands on what whole and right telegrams say. */
export class P1Reader {
    readonly #frames = new TelegramFrames();
    readonly #meter: P1Meter;
    readonly #parts: P1Parts;
    readonly #now: () => number;
    /** Telegrams that were kept, and that were not. */
    readonly counts = { kept: 0, dropped: 0 };

    constructor(meter: P1Meter, parts: P1Parts) {
        [this.#meter, this.#parts, this.#now] = [meter, parts, parts.now ?? SECONDS];
    }

    /** @param isLive whether the bytes come as the meter sends them, so that a telegram without a time is of now */
    push(bytes: Uint8Array, isLive: boolean): void {
        for (const frame of this.#frames.push(bytes)) {
            const telegram = readTelegram(frame);
            const flaw = typeof telegram === 'string' ? telegram : this.#flawOf(telegram, isLive);
            if (flaw !== undefined || typeof telegram === 'string') {
                this.counts.dropped += 1;
                this.#parts.notes(`a telegram is not used: ${flaw ?? ''}`);
            } else {
                this.#keep(telegram, telegram.at ?? this.#now());
            }
        }
    }

    #flawOf({ at, equipment }: Telegram, isLive: boolean): string | undefined {
        if (at === undefined && !isLive) {
            return 'it has no time of its own (DSMR 2 and 3): it can only be read as the meter sends it';
        }
        if ((at ?? 0) > this.#now() + CLOCK_AHEAD_SECONDS) {
            return "the meter's clock is more than five minutes ahead of ours";
        }
        if (equipment !== undefined && !this.#meter.isSame(equipment)) {
            return `another meter has taken the place of ${this.#meter.meterId}: give it a name of its own, --meter`;
        }
        return undefined;
    }

    #keep({ importWh, exportWh, isChecked }: Telegram, at: number): void {
        const { meterId, source } = this.#meter;
        const reading = (register: RegisterReading['register'], wh: bigint): RegisterReading => ({
            meterId,
            register,
            at,
            wh,
            source: isChecked ? source : `${source}, without a checksum`,
        });
        if (!isChecked) {
            this.#parts.notes(
                'telegrams of this meter bear no checksum (DSMR 2 and 3): an error on the line may pass for a reading',
            );
        }
        this.#parts.sink([
            reading('import', importWh),
            ...(exportWh === undefined ? [] : [reading('export', exportWh)]),
        ]);
        this.counts.kept += 1;
    }
}

/** Opens `/dev/ttyUSB0` or `tcp://host:port`. @throws InputError */
export function openerOf(where: string): () => Readable {
    if (!where.startsWith('tcp://')) {
        return () => createReadStream(where);
    }
    const url = URL.canParse(where) ? new URL(where) : undefined;
    const port = Number(url?.port);
    if (url === undefined || url.hostname === '' || port === 0) {
        throw new InputError({ file: '--p1' }, `'${where}' is no address; write it as tcp://host:port`);
    }
    return () => connect(port, url.hostname.replace(/^\[(.*)\]$/, '$1'));
}

/** Listens to a port until it is told to stop; opens it again, ever less often, where it ends or cannot be opened. */
export function p1Source(
    open: () => Readable,
    reader: P1Reader,
    { notes }: P1Parts,
    reopenMs = REOPEN_MS,
): RunningSource {
    const stopping = new AbortController();
    const isStopped = (): boolean => stopping.signal.aborted;
    const listen = async (): Promise<void> => {
        let wait = reopenMs;
        while (!isStopped()) {
            const { kept } = reader.counts;
            const why = await listened(open, reader, stopping.signal);
            wait = reader.counts.kept > kept ? reopenMs : Math.min(wait * 2, REOPEN_MOST_MS);
            if (!isStopped()) {
                notes(`the P1 port is not there (${why}); trying again`);
                await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
            }
        }
    };
    const running = listen();
    return {
        stop: () => {
            stopping.abort();
            return running;
        },
    };
}

async function listened(open: () => Readable, reader: P1Reader, signal: AbortSignal): Promise<string> {
    try {
        const stream = open();
        const end = (): void => {
            stream.destroy();
        };
        signal.addEventListener('abort', end, { once: true });
        for await (const chunk of stream) {
            reader.push(chunk as Buffer, true);
        }
        signal.removeEventListener('abort', end);
        return 'it ended';
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}
