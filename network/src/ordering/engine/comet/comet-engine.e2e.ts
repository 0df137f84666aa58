import { afterEach, describe, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineBlock } from '../engine';
import { LocalEngine } from '../local-engine';
import type { CometEngine } from './comet-engine';
import { EnginesUnderTest } from './testing/engines';
import { installedComet } from './testing/installed-comet';
import { RecordingApp } from './testing/recording-app';
import { until } from './testing/until';

const FIRST_PORT = 24_800;
const program = installedComet();

interface Started {
    readonly made: EnginesUnderTest;
    readonly apps: readonly RecordingApp[];
    readonly engines: readonly CometEngine[];
}

(program === undefined ? describe.skip : describe)('CometBFT as engine', () => {
    let made: EnginesUnderTest | undefined;
    afterEach(async () => {
        await made?.end();
    });

    async function started(powers: readonly number[]): Promise<Started> {
        made = new EnginesUnderTest(program ?? '', powers, FIRST_PORT);
        const { seats } = made;
        const apps = powers.map(() => new RecordingApp(seats));
        return { made, apps, engines: await made.start(apps) };
    }

    /** Sends one message after the other, so that each is decided in a height of its own. */
    async function sendInTurn({ engines, apps }: Started, messages: readonly string[]): Promise<void> {
        for (const [at, each] of messages.entries()) {
            await engines[at % engines.length]?.submit(Buffer.from(each));
            await until(`${each} is decided by all`, () => apps.every((app) => app.messages.includes(each)));
        }
    }

    const producers = (blocks: readonly EngineBlock[]): string[] => blocks.map(({ proposer }) => proposer);
    const counted = (names: readonly string[]): Record<string, number> =>
        Object.fromEntries(
            [...new Set(names)].toSorted().map((name) => [name, names.filter((each) => each === name).length]),
        );

    /**
     * LocalEngine with the same seats, given the same messages at the same heights; where CometBFT has an empty height, as the first one, some
     * other message. The height after a change of powers it leaves empty by itself.
     */
    async function sameOnLocalEngine({ made: { seats, directory } }: Started, blocks: readonly EngineBlock[]) {
        const folder = join(directory, 'local');
        mkdirSync(folder);
        const engine = new LocalEngine({ directory: folder });
        const app = new RecordingApp(seats);
        await engine.start(app);
        for (const { height, messages } of blocks) {
            if (app.blocks.length >= height) continue;
            const [message = Buffer.from(`instead of nothing at ${height}`)] = messages;
            await engine.submit(message);
            await until(`height ${height} is decided`, () => app.blocks.length >= height);
        }
        await engine.stop();
        return app.blocks.slice(0, blocks.length);
    }

    /**
     * Both engines have the same seats produce, height by height, exactly: of a height that CometBFT has decided in its first round, which is
     * nearly every one. In a later round another one produces, whose turn it would be then; the turns that follow are the same.
     *
     * @returns whose turn each height was.
     */
    async function sameOnBoth(all: Started): Promise<readonly string[]> {
        // An empty height may still come.
        const blocks = [...(all.apps[0]?.blocks ?? [])];
        const local = await sameOnLocalEngine(all, blocks);
        const rounds = await all.made.rounds(blocks.length);
        const passedOver = rounds.filter((round) => round > 0).length;
        if (passedOver > 0) console.log(`${passedOver} of ${rounds.length} turns were passed over`);
        expect(passedOver).toBeLessThan(rounds.length / 2);
        const isFirst = (_: unknown, at: number): boolean => rounds[at] === 0;
        expect(producers(blocks).filter(isFirst)).toEqual(producers(local).filter(isFirst));
        return producers(local);
    }

    test('four of them decide on the same blocks, each message once, by whomever it was sent and how often', async () => {
        const { apps, engines } = await started([32, 28, 24, 16]);
        const sent = Array.from({ length: 200 }, (_, at) => `message ${at}`);
        await Promise.all(
            engines.map(async (engine, seat) => {
                for (const [at, each] of sent.entries()) {
                    if (at % 4 === seat || at % 10 === 0) await engine.submit(Buffer.from(each));
                }
            }),
        );
        await until('all messages are decided', () => apps.every((app) => app.messages.length >= sent.length));
        const shortest = Math.min(...apps.map(({ blocks }) => blocks.length));
        for (const app of apps) {
            expect(app.messages.toSorted()).toEqual(sent.toSorted());
            expect(app.blocks.slice(0, shortest)).toEqual(apps[0]?.blocks.slice(0, shortest));
        }
        const again = await engines[3]?.submit(Buffer.from('message 0'));
        expect(again).toEqual({ kind: 'known', ordered: true });
    });

    test('powers of 32, 28, 24 and 16 produce in exactly this proportion, in the same sequence as on LocalEngine', async () => {
        const all = await started([32, 28, 24, 16]);
        await sendInTurn(
            all,
            Array.from({ length: 202 }, (_, at) => `message ${at}`),
        );
        const turns = await sameOnBoth(all);
        for (const from of [0, 1, 50, 102]) {
            expect(counted(turns.slice(from, from + 100))).toEqual({ seat0: 32, seat1: 28, seat2: 24, seat3: 16 });
        }
    });

    test('equal powers take turns in the same sequence as on LocalEngine: ties go by address', async () => {
        const all = await started([5, 5, 5, 5]);
        await sendInTurn(
            all,
            Array.from({ length: 21 }, (_, at) => `message ${at}`),
        );
        expect(counted((await sameOnBoth(all)).slice(0, 20))).toEqual({ seat0: 5, seat1: 5, seat2: 5, seat3: 5 });
    });

    test('other powers count two heights later, and the sequence is again that of LocalEngine', async () => {
        const all = await started([4, 3, 2, 2]);
        const changes = ['powers 10,40,30,20', 'powers 10,40,30,0'];
        await sendInTurn(
            all,
            changes.flatMap((change, at) => [...Array.from({ length: 6 }, (_, of) => `before ${at}.${of}`), change]),
        );
        // The last one has left by then, and is told no more.
        await sendInTurn(
            { ...all, apps: all.apps.slice(0, 3), engines: all.engines.slice(0, 3) },
            Array.from({ length: 12 }, (_, at) => `after ${at}`),
        );
        const turns = await sameOnBoth(all);
        expect(turns.slice(-10)).not.toContain('seat3');
    });
});
