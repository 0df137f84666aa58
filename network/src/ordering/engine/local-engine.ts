import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { EngineBlock, OrderingApp, OrderingEngine, Proposal, Refusal, Verdict } from './engine';
import { decodeRecord, encodeDecision, encodeMessage, type Decision } from './local-records';
import { RecordLog } from './record-log';
import { ProposerRotation } from './rotation';

export interface LocalEngineOptions {
    /** Existing folder of the log. */
    readonly directory: string;
    /** Beyond these, new messages are refused as unavailable until blocks have taken some. */
    readonly maxPendingMessages?: number;
    readonly maxPendingBytes?: number;
    /** Called once when the log or the application failed: what was acknowledged is safe, nothing more is taken. */
    readonly onFailure?: (why: unknown) => void;
}

/**
 * A block is cut when nothing has come for this part of the batch timeout, unless the last one was cut less than a timeout ago: who waits for
 * a block sends nothing more until it is there, so to wait on for others is for nothing. There are no more blocks than without it, only sooner
 * ones.
 */
const PAUSE_SHARE = 0.2;

interface Pending {
    readonly bytes: Uint8Array;
    readonly since: number;
}

const OVERLOADED: Refusal = {
    status: 'SERVICE_UNAVAILABLE',
    why: 'too many transactions wait to be ordered, try again',
};
const STOPPED: Refusal = { status: 'SERVICE_UNAVAILABLE', why: 'the ordering service is stopping' };

/**
 * All seats in one process: convenience for development and demonstrations, no protection against a bad seat. It makes the
 * same calls as an engine of many processes and rotates the producers by the same weights.
 *
 * Everything is in one log: messages in the order they were taken, and decisions that say how many of the waiting ones
 * became a block. A message is acknowledged when it is on the disk; a block exists when its decision is. So a restart
 * makes the same blocks again, and what was acknowledged but not yet decided waits as before.
 */
export class LocalEngine implements OrderingEngine {
    readonly #options: Required<Omit<LocalEngineOptions, 'onFailure'>> & Pick<LocalEngineOptions, 'onFailure'>;
    readonly #pending: Pending[] = [];
    #pendingBytes = 0;
    /** Of messages that are on their way to the disk, by digest: a copy of one waits for the same write. */
    readonly #writing = new Map<string, Promise<void>>();
    #log: RecordLog | undefined;
    #app: OrderingApp | undefined;
    #rotation: ProposerRotation | undefined;
    #height = 0;
    #timer: NodeJS.Timeout | undefined;
    /** When, on the clock of `performance.now`. */
    #lastCut = -Infinity;
    #cutting: Promise<void> | undefined;
    #failure: unknown;
    #stopped = false;

    constructor(options: LocalEngineOptions) {
        this.#options = { maxPendingMessages: 20_000, maxPendingBytes: 256 * 1024 * 1024, ...options };
    }

    async start(app: OrderingApp): Promise<void> {
        const { log, records } = await RecordLog.open(join(this.#options.directory, 'ordering.log'));
        if (app.info().height > 0) {
            throw new Error('the log makes all blocks again: the application cannot have any before');
        }
        this.#log = log;
        this.#app = app;
        this.#rotation = new ProposerRotation(app.info().seats);
        for (const record of records) {
            const { message, decision } = decodeRecord(record);
            if (message !== undefined) {
                this.#enqueue(Uint8Array.from(message));
            } else if (decision !== undefined) {
                await this.#replay(decision);
            }
        }
        for (const { bytes } of this.#pending) {
            app.check(bytes);
        }
        this.#schedule();
    }

    async submit(message: Uint8Array): Promise<Verdict> {
        const unavailable = this.#unavailable();
        if (unavailable !== undefined) {
            return { kind: 'refused', refusal: unavailable };
        }
        const { log, app } = this.#running();
        const verdict = app.check(message);
        if (verdict.kind === 'refused') {
            return verdict;
        }
        const digest = createHash('sha256').update(message).digest('hex');
        if (verdict.kind === 'known') {
            await this.#writing.get(digest);
            return verdict;
        }
        const written = log.append(encodeMessage(message));
        this.#writing.set(digest, written);
        this.#enqueue(message);
        this.#schedule();
        try {
            await written;
        } catch (failure) {
            this.#fail(failure);
            throw failure;
        } finally {
            this.#writing.delete(digest);
        }
        return verdict;
    }

    async stop(): Promise<void> {
        this.#stopped = true;
        clearTimeout(this.#timer);
        await this.#cutting;
        await Promise.allSettled(this.#writing.values());
        await this.#log?.close();
    }

    #unavailable(): Refusal | undefined {
        if (this.#stopped || this.#failure !== undefined) {
            return STOPPED;
        }
        const { maxPendingMessages, maxPendingBytes } = this.#options;
        return this.#pending.length >= maxPendingMessages || this.#pendingBytes >= maxPendingBytes
            ? OVERLOADED
            : undefined;
    }

    #running(): { log: RecordLog; app: OrderingApp; rotation: ProposerRotation } {
        if (this.#log === undefined || this.#app === undefined || this.#rotation === undefined) {
            throw new Error('the ordering engine has not been started');
        }
        return { log: this.#log, app: this.#app, rotation: this.#rotation };
    }

    #enqueue(bytes: Uint8Array): void {
        this.#pending.push({ bytes, since: performance.now() });
        this.#pendingBytes += bytes.length;
    }

    #dequeue(count: number): void {
        for (const { bytes } of this.#pending.splice(0, count)) {
            this.#pendingBytes -= bytes.length;
        }
    }

    /** Cuts now if a block is full, else when the oldest waiting message has waited for the batch timeout, or the newest for the pause. */
    #schedule(): void {
        if (this.#cutting !== undefined || this.#stopped || this.#failure !== undefined) {
            return;
        }
        if (this.#isFull()) {
            this.#startCut();
        } else {
            this.#timer ??= this.#cutLater();
        }
    }

    /** One timer for many messages: where more have come when it ends, it is set again. */
    #cutLater(): NodeJS.Timeout | undefined {
        const [oldest, newest] = [this.#pending[0], this.#pending.at(-1)];
        if (oldest === undefined || newest === undefined) {
            return undefined;
        }
        const { timeoutMs } = this.#running().app.info().batch;
        const pause = Math.max(newest.since + timeoutMs * PAUSE_SHARE, this.#lastCut + timeoutMs);
        const due = Math.min(oldest.since + timeoutMs, pause);
        const wait = due - performance.now();
        if (wait <= 0) {
            this.#startCut();
            return undefined;
        }
        return setTimeout(() => {
            this.#timer = undefined;
            this.#schedule();
        }, wait);
    }

    #startCut(): void {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#lastCut = performance.now();
        this.#cutting = this.#cut()
            .catch((failure: unknown) => {
                this.#fail(failure);
            })
            .finally(() => {
                this.#cutting = undefined;
                this.#schedule();
            });
    }

    #isFull(): boolean {
        const { maxMessages, preferredBytes } = this.#running().app.info().batch;
        return this.#pending.length >= maxMessages || this.#pendingBytes >= preferredBytes;
    }

    async #cut(): Promise<void> {
        const { log, app } = this.#running();
        const proposal = app.prepare(this.#pending.map(({ bytes }) => bytes));
        const block = this.#blockOf(proposal);
        if (block === undefined) {
            await log.append(encodeDecision(proposal));
            this.#dequeue(proposal.considered);
            return;
        }
        const objection = app.process(block);
        if (objection !== undefined) {
            throw new Error(`the ordering application objects to its own proposal: ${objection}`);
        }
        await log.append(encodeDecision({ ...proposal, height: block.height, proposer: block.proposer }));
        await this.#apply(block, proposal.considered);
    }

    async #replay(decision: Decision): Promise<void> {
        if (decision.considered > this.#pending.length) {
            throw new Error('the ordering log is damaged: it decides on messages that it does not hold');
        }
        const block = this.#blockOf(decision);
        if (block?.height !== decision.height || block?.proposer !== decision.proposer) {
            throw new Error('the ordering log is damaged: it decides on another block than the next one');
        }
        if (block === undefined) {
            this.#dequeue(decision.considered);
        } else {
            await this.#apply(block, decision.considered);
        }
    }

    /** Takes a turn of the rotation when there is a block to make. */
    #blockOf({ considered, dropped }: Proposal): EngineBlock | undefined {
        const without = new Set(dropped);
        const messages = this.#pending
            .slice(0, considered)
            .flatMap(({ bytes }, at) => (without.has(at) ? [] : [bytes]));
        return messages.length === 0
            ? undefined
            : { height: this.#height + 1, proposer: this.#running().rotation.next(), messages };
    }

    async #apply(block: EngineBlock, considered: number): Promise<void> {
        await this.#decide(block);
        this.#dequeue(considered);
        await this.#untilOthersVote();
    }

    /** The heights that pass until a change of the seats counts: the log has no decision on them, because they follow from the change. */
    async #untilOthersVote(): Promise<void> {
        const { app, rotation } = this.#running();
        for (let next = app.info().nextSeats; next !== undefined; next = app.info().nextSeats) {
            await this.#decide({ height: this.#height + 1, proposer: rotation.next(), messages: [] });
            rotation.change(next);
        }
    }

    async #decide(block: EngineBlock): Promise<void> {
        const { app } = this.#running();
        app.finalize(block);
        await app.commit();
        this.#height = block.height;
    }

    #fail(why: unknown): void {
        if (this.#failure === undefined) {
            this.#failure = why;
            clearTimeout(this.#timer);
            this.#options.onFailure?.(why);
        }
    }
}
