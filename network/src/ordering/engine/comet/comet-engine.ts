import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineBlock, OrderingApp, OrderingEngine, Refusal, Verdict } from '../engine';
import { AbciApplication } from './abci/abci-application';
import { AbciServer } from './abci/abci-server';
import { IntakeLog } from './intake-log';
import { MessagePool, POOL_LIMITS, type PooledMessage, type PoolLimits } from './message-pool';
import { EngineProcess } from './node/engine-process';
import { engineSockets } from './node/sockets';
import { RpcClient, type EngineStatus } from './rpc-client';

export interface CometEngineOptions {
    /** The engine's home, with the files that `writeEngineFiles` writes. */
    readonly directory: string;
    /** CometBFT, as `findComet` finds it. */
    readonly program: string;
    /** Of the engine's own output; it says little unless something is wrong. */
    readonly logFile: string;
    /** Nodes of the engines that it may talk to. */
    readonly admits: (nodeId: string) => boolean;
    /** Beyond these, new messages are refused as unavailable until blocks have taken some. */
    readonly limits?: PoolLimits;
    /** Told what a person should know: an engine that ended, a proposal that was refused, a message that was dropped. */
    readonly report?: (what: string) => void;
    /** Told of each engine process, and of its end by undefined. */
    readonly onProcess?: (pid: number | undefined) => void;
    /** Called once when the application or the disk failed: nothing more is taken, and the seat is best ended. */
    readonly onFailure?: (why: unknown) => void;
}

const READY_POLL_MS = 25;
/** An engine that has ended so often before it served once will not serve: a person has to look. */
const MOST_FALSE_STARTS = 5;
const HAND_OVER_MS = 250;
/** Messages that are not decided by then are given to the engine again: it may have lost them. */
const HAND_OVER_AGAIN_MS = 3_000;
const HAND_OVER_AT_ONCE = 64;

const STOPPED: Refusal = { status: 'SERVICE_UNAVAILABLE', why: 'the ordering service is stopping' };

interface Running {
    readonly app: OrderingApp;
    readonly pool: MessagePool;
    readonly intake: IntakeLog;
    readonly rpc: RpcClient;
}

/**
 * One seat's engine: CometBFT as a child process beside this one, which agrees with those of the other seats on one order of messages,
 * also where less than a third of the power is bad.
 *
 * What `submit` promises: the message is on this seat's disk, and is given to the engine, and again after every restart of either, until it
 * is decided or the configuration has made it void. It is lost only with this seat's disk, and not even then if the engines had told each
 * other of it. Nobody can promise more before it is decided.
 */
export class CometEngine implements OrderingEngine {
    readonly #options: CometEngineOptions;
    #running: Running | undefined;
    #abci: AbciApplication | undefined;
    #server: AbciServer | undefined;
    #process: EngineProcess | undefined;
    #handingOver: Promise<void> | undefined;
    #falseStarts = 0;
    #failure: unknown;
    readonly #stopping = new AbortController();
    #stopped: Promise<void> | undefined;

    constructor(options: CometEngineOptions) {
        this.#options = options;
    }

    /** Resolves when the engine has told the application all that it had decided before; others need not be there. */
    async start(app: OrderingApp): Promise<void> {
        const { directory, limits = POOL_LIMITS } = this.#options;
        const intakeDirectory = join(directory, 'intake');
        await mkdir(intakeDirectory, { recursive: true, mode: 0o700 });
        const { log: intake, messages } = await IntakeLog.open(intakeDirectory);
        const pool = new MessagePool(limits);
        for (const message of messages) {
            pool.add(message).isOwn = true;
        }
        this.#running = { app, pool, intake, rpc: new RpcClient(engineSockets(directory).rpc) };
        this.#abci = this.#abciApplication(this.#running);
        await this.#listen(this.#abci);
        this.#startProcess(this.#abci);
        await this.#untilReady();
        this.#handingOver = this.#keepHandingOver();
    }

    async submit(message: Uint8Array): Promise<Verdict> {
        const { pool } = this.#runningOrThrow();
        if (this.#stopping.signal.aborted || this.#failure !== undefined) {
            return { kind: 'refused', refusal: STOPPED };
        }
        const there = pool.find(message);
        if (there?.isOwn) {
            await there.kept;
            return { kind: 'known', ordered: false };
        }
        const refusal = there === undefined ? pool.refuses(message.length) : undefined;
        return refusal === undefined ? this.#takeIn(message, there !== undefined) : { kind: 'refused', refusal };
    }

    /** @param isTold whether other seats told the engine of it, which then has it. */
    async #takeIn(message: Uint8Array, isTold: boolean): Promise<Verdict> {
        const { app, pool, intake } = this.#runningOrThrow();
        const entry = pool.add(message);
        const verdict = app.check(entry.bytes);
        if (verdict.kind === 'refused' || (verdict.kind === 'known' && verdict.ordered)) {
            pool.remove(message);
            return verdict;
        }
        entry.isOwn = true;
        entry.kept = intake.append(entry.bytes).catch((failure: unknown) => {
            this.#fail(failure);
            throw failure;
        });
        if (isTold) {
            entry.handedOver = performance.now();
        } else {
            void this.#handOver(entry);
        }
        await entry.kept;
        return verdict;
    }

    /** How far the engine is. Throws while it does not serve. */
    status(): Promise<EngineStatus> {
        return this.#runningOrThrow().rpc.status();
    }

    /** How many other engines it is connected with. Throws while it does not serve. */
    peers(): Promise<number> {
        return this.#runningOrThrow().rpc.peers();
    }

    stop(): Promise<void> {
        this.#stopped ??= this.#stop();
        return this.#stopped;
    }

    async #stop(): Promise<void> {
        this.#stopping.abort();
        await this.#handingOver;
        await this.#process?.stop();
        await this.#server?.close();
        await this.#abci?.idle();
        this.#running?.rpc.close();
        await this.#running?.intake.close();
        await rm(engineSockets(this.#options.directory).directory, { recursive: true, force: true });
    }

    #runningOrThrow(): Running {
        if (this.#running === undefined) {
            throw new Error('the ordering engine has not been started');
        }
        return this.#running;
    }

    #abciApplication({ app, pool, intake }: Running): AbciApplication {
        return new AbciApplication({
            app,
            pool,
            admits: this.#options.admits,
            onFreshEngine: () => {
                pool.forgetForeign();
                app.forgetWaiting();
            },
            onDecided: ({ messages }: EngineBlock) => {
                messages.forEach((message) => {
                    intake.forget(message);
                });
            },
            onRefused: (proposer, height, why) => {
                this.#report(`the proposal of ${proposer} for height ${height} is refused: ${why}`);
            },
            onDropped: (message) => {
                intake.forget(message);
            },
        });
    }

    async #listen(abci: AbciApplication): Promise<void> {
        const { directory, application } = engineSockets(this.#options.directory);
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await rm(application, { force: true });
        this.#server = await AbciServer.listen({
            path: application,
            handle: async (request) => {
                try {
                    return await abci.answer(request);
                } catch (failure) {
                    this.#fail(failure);
                    throw failure;
                }
            },
            onBroken: (why) => {
                this.#report(`the connection with the engine was ended: ${String(why)}`);
            },
        });
    }

    #startProcess(abci: AbciApplication): void {
        const { directory, program, logFile, onProcess } = this.#options;
        this.#process = new EngineProcess({
            program,
            directory,
            logFile,
            prepare: async () => {
                await abci.idle();
                await rm(engineSockets(directory).rpc, { force: true });
            },
            onStarted: (pid) => onProcess?.(pid),
            onEnded: (how) => {
                onProcess?.(undefined);
                this.#falseStarts += 1;
                if (!this.#stopping.signal.aborted) {
                    this.#report(`the engine is gone and will be started again: ${how}`);
                }
            },
        });
        this.#process.start();
    }

    async #untilReady(): Promise<void> {
        const { rpc } = this.#runningOrThrow();
        while (!this.#stopping.signal.aborted) {
            if (this.#failure !== undefined) {
                throw new Error('the ordering engine did not start', { cause: this.#failure });
            }
            if (this.#falseStarts >= MOST_FALSE_STARTS) {
                throw new Error(`the ordering engine does not start: ${endOf(this.#options.logFile)}`);
            }
            const isReady = await rpc.status().then(
                () => true,
                () => false,
            );
            if (isReady) {
                return;
            }
            await sleep(READY_POLL_MS);
        }
        throw new Error('the ordering engine was stopped while it was starting');
    }

    async #keepHandingOver(): Promise<void> {
        const { signal } = this.#stopping;
        const { pool } = this.#runningOrThrow();
        while (!signal.aborted && this.#failure === undefined) {
            const before = performance.now() - HAND_OVER_AGAIN_MS;
            const due = pool.own().filter(({ handedOver }) => handedOver === undefined || handedOver < before);
            await Promise.all(due.slice(0, HAND_OVER_AT_ONCE).map((entry) => this.#handOver(entry)));
            await sleep(HAND_OVER_MS, undefined, { signal }).catch(() => undefined);
        }
    }

    /** Whether it works shows when the message is decided; until then it is tried again. */
    async #handOver(entry: PooledMessage): Promise<void> {
        const { app, pool, intake, rpc } = this.#runningOrThrow();
        const isFirst = entry.handedOver === undefined;
        entry.handedOver = performance.now();
        try {
            const verdict = isFirst ? app.check(entry.bytes) : undefined;
            if (verdict?.kind === 'refused' || (verdict?.kind === 'known' && verdict.ordered)) {
                pool.remove(entry.bytes);
                intake.forget(entry.bytes);
                return;
            }
            await rpc.broadcast(entry.bytes);
        } catch {
            entry.handedOver = undefined;
        }
    }

    #report(what: string): void {
        this.#options.report?.(what);
    }

    #fail(why: unknown): void {
        if (this.#failure === undefined && !this.#stopping.signal.aborted) {
            this.#failure = why;
            void this.#process?.stop();
            this.#options.onFailure?.(why);
        }
    }
}

const END_OF_LOG_BYTES = 8_000;

/** What an engine said last. */
function endOf(logFile: string): string {
    const lines = readFileSync(logFile).subarray(-END_OF_LOG_BYTES).toString('utf8').trim().split('\n');
    // A program in Go that gives up says why, and then where in many lines.
    const why = lines.findLast((line) => /^(panic|error):/i.test(line)) ?? lines.at(-1);
    return `${why || 'nothing said'} (in ${logFile})`;
}
