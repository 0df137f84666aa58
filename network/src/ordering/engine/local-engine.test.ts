import { copyFile, mkdir, mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AppInfo, EngineBlock, Finalized, OrderingApp, Proposal, Verdict } from './engine';
import { LocalEngine } from './local-engine';

/** Orders words: each once, none that starts with `bad`, none twice in its life, up to three in a block. */
class Words implements OrderingApp {
    readonly blocks: string[] = [];
    readonly #timeoutMs: number;
    readonly #maxMessages: number;
    readonly #known = new Map<string, 'waiting' | 'ordered'>();
    #finalized: EngineBlock | undefined;

    constructor(timeoutMs = 20, maxMessages = 3) {
        this.#timeoutMs = timeoutMs;
        this.#maxMessages = maxMessages;
    }

    info(): AppInfo {
        return {
            height: this.blocks.length,
            appHash: new Uint8Array(32),
            seats: [
                { id: 'A', power: 2n },
                { id: 'B', power: 1n },
            ],
            batch: { timeoutMs: this.#timeoutMs, maxMessages: this.#maxMessages, preferredBytes: 1000 },
        };
    }

    check(message: Uint8Array): Verdict {
        const word = text(message);
        if (word.startsWith('bad')) {
            return { kind: 'refused', refusal: { status: 'BAD_REQUEST', why: 'a bad word' } };
        }
        if (this.#known.has(word)) {
            return { kind: 'known', ordered: this.#known.get(word) === 'ordered' };
        }
        this.#known.set(word, 'waiting');
        return { kind: 'new' };
    }

    prepare(pending: readonly Uint8Array[]): Proposal {
        const considered = Math.min(pending.length, this.#maxMessages);
        const dropped = [...pending.slice(0, considered).keys()].filter((at) =>
            text(pending[at] ?? new Uint8Array()).startsWith('drop'),
        );
        return { considered, dropped };
    }

    process(): string | undefined {
        return undefined;
    }

    recheck(): boolean {
        return true;
    }

    forgetWaiting(): void {
        this.#known.clear();
    }

    finalize(block: EngineBlock): Finalized {
        this.#finalized = block;
        return { appHash: new Uint8Array(32) };
    }

    async commit(): Promise<void> {
        await Promise.resolve();
        const { height, proposer, messages } = this.#finalized ?? { height: 0, proposer: '', messages: [] };
        const words = messages.map(text);
        this.blocks.push(`${height} ${proposer}: ${words.join(' ')}`);
        words.forEach((word) => this.#known.set(word, 'ordered'));
    }

    get words(): string[] {
        return this.blocks.flatMap((block) => block.split(': ')[1]?.split(' ') ?? []);
    }
}

const text = (message: Uint8Array): string => Buffer.from(message).toString();
const word = (value: string): Uint8Array => Buffer.from(value);

let root: string;

beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'local-engine-'));
});

afterEach(async () => {
    await rm(root, { recursive: true });
});

async function started(directory = root, timeoutMs = 20): Promise<{ engine: LocalEngine; app: Words }> {
    const [engine, app] = [new LocalEngine({ directory }), new Words(timeoutMs)];
    await engine.start(app);
    return { engine, app };
}

async function until(condition: () => boolean): Promise<void> {
    for (let tries = 0; !condition(); tries += 1) {
        if (tries > 200) {
            throw new Error('waited in vain');
        }
        await sleep(5);
    }
}

async function order(engine: LocalEngine, ...words: string[]): Promise<void> {
    await Promise.all(words.map((each) => engine.submit(word(each))));
}

describe('local engine', () => {
    test('orders what is submitted, in blocks of at most three, producers by their power', async () => {
        const { engine, app } = await started();
        await order(engine, 'a', 'b', 'c', 'd', 'e', 'f', 'g');
        await until(() => app.words.length === 7);
        await engine.stop();
        expect(app.blocks).toEqual(['1 A: a b c', '2 B: d e f', '3 A: g']);
    });

    test('waits for more no longer than a fifth of the timeout, and is not kept waiting by more', async () => {
        const { engine, app } = await started(root, 1_000);
        const begin = performance.now();
        await order(engine, 'a', 'b');
        await until(() => app.words.length === 2);
        const waited = performance.now() - begin;
        await engine.stop();
        expect(app.blocks).toEqual(['1 A: a b']);
        expect(waited).toBeGreaterThanOrEqual(195);
        expect(waited).toBeLessThan(900);
    });

    test('makes no more blocks than the timeout allows, however small they are', async () => {
        const { engine, app } = await started(root, 500);
        const begin = performance.now();
        await order(engine, 'a');
        await until(() => app.words.length === 1);
        await order(engine, 'b');
        await until(() => app.words.length === 2);
        await engine.stop();
        // The first after the pause of 100 ms, the second a timeout later.
        expect(performance.now() - begin).toBeGreaterThanOrEqual(595);
    });

    test('cuts at the timeout what keeps coming without a pause', async () => {
        const [engine, app] = [new LocalEngine({ directory: root }), new Words(300, 1_000)];
        await engine.start(app);
        for (let count = 0; app.blocks.length === 0; count += 1) {
            await order(engine, `w${count}`);
            await sleep(5);
        }
        await engine.stop();
        expect(app.words.length).toBeGreaterThan(5);
    });

    test('orders a message once, however often it comes', async () => {
        const { engine, app } = await started();
        const verdicts = await Promise.all(['a', 'a', 'b', 'a'].map((each) => engine.submit(word(each))));
        expect(verdicts.map(({ kind }) => kind)).toEqual(['new', 'known', 'new', 'known']);
        await until(() => app.words.length === 2);
        await engine.stop();
        expect(app.words).toEqual(['a', 'b']);
    });

    test('does not take what the application refuses', async () => {
        const { engine, app } = await started();
        expect(await engine.submit(word('bad'))).toEqual({
            kind: 'refused',
            refusal: { status: 'BAD_REQUEST', why: 'a bad word' },
        });
        await engine.stop();
        expect(app.blocks).toEqual([]);
    });

    test('leaves out what the proposer drops, and takes no turn for a block of nothing', async () => {
        const { engine, app } = await started();
        await order(engine, 'drop1', 'drop2', 'drop3', 'a', 'drop4', 'b');
        await until(() => app.words.length === 2);
        await engine.stop();
        expect(app.blocks).toEqual(['1 A: a b']);
        const again = await started();
        await again.engine.stop();
        expect(again.app.blocks).toEqual(app.blocks);
    });

    test('makes the same blocks again after a restart, and goes on in turn', async () => {
        const first = await started();
        await order(first.engine, 'a', 'b', 'c', 'd', 'e');
        await until(() => first.app.words.length === 5);
        await first.engine.stop();

        const second = await started();
        expect(second.app.blocks).toEqual(first.app.blocks);
        await order(second.engine, 'a', 'f');
        await until(() => second.app.words.length === 6);
        await second.engine.stop();
        expect(second.app.blocks).toEqual([...first.app.blocks, '3 A: f']);
    });

    test('orders after a restart what was acknowledged and not yet decided', async () => {
        const first = await started(root, 60_000);
        await first.engine.submit(word('a'));
        await first.engine.stop();
        expect(first.app.blocks).toEqual([]);

        const second = await started();
        await until(() => second.app.words.length === 1);
        await second.engine.stop();
        expect(second.app.blocks).toEqual(['1 A: a']);
    });

    test('wherever the log is cut, a restart gives a beginning of the same blocks and loses no whole message', async () => {
        const whole = await started();
        await order(whole.engine, 'a', 'b', 'c', 'd', 'e');
        await until(() => whole.app.words.length === 5);
        await whole.engine.stop();
        const { size } = await stat(join(root, 'ordering.log'));
        for (let length = 0; length <= size; length += 7) {
            const directory = join(root, `cut${length}`);
            await mkdir(directory);
            await copyFile(join(root, 'ordering.log'), join(directory, 'ordering.log'));
            await truncate(join(directory, 'ordering.log'), length);
            const { engine, app } = await started(directory);
            expect(whole.app.blocks.slice(0, app.blocks.length)).toEqual(app.blocks);
            await engine.stop();
        }
    });

    test('says that it is unavailable when too much waits, and takes more when blocks have been made', async () => {
        const app = new Words(200);
        const engine = new LocalEngine({ directory: root, maxPendingMessages: 1 });
        await engine.start(app);
        await engine.submit(word('a'));
        expect(await engine.submit(word('b'))).toMatchObject({ refusal: { status: 'SERVICE_UNAVAILABLE' } });
        await until(() => app.words.length === 1);
        expect(await engine.submit(word('b'))).toEqual({ kind: 'new' });
        await engine.stop();
        expect(await engine.submit(word('c'))).toMatchObject({ refusal: { status: 'SERVICE_UNAVAILABLE' } });
    });
});
