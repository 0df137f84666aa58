import { afterEach, describe, expect, test } from '@jest/globals';
import { ProposerRotation } from '../rotation';
import type { EngineBlock } from '../engine';
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
    const turns = (rotation: ProposerRotation, count: number): string[] =>
        Array.from({ length: count }, () => rotation.next());
    const counted = (names: readonly string[]): Record<string, number> =>
        Object.fromEntries(
            [...new Set(names)].toSorted().map((name) => [name, names.filter((each) => each === name).length]),
        );

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

    test('powers of 32, 28, 24 and 16 produce in exactly this proportion, in the order of our own rotation', async () => {
        const all = await started([32, 28, 24, 16]);
        await sendInTurn(
            all,
            Array.from({ length: 102 }, (_, at) => `message ${at}`),
        );
        const names = producers(all.apps[0]?.blocks ?? []);
        expect(names).toEqual(turns(new ProposerRotation(all.made.seats), names.length));
        for (const from of [0, 1, 2]) {
            expect(counted(names.slice(from, from + 100))).toEqual({ seat0: 32, seat1: 28, seat2: 24, seat3: 16 });
        }
    });

    test('equal powers take turns in the order of our own rotation: ties go by address', async () => {
        const all = await started([5, 5, 5, 5]);
        await sendInTurn(
            all,
            Array.from({ length: 9 }, (_, at) => `message ${at}`),
        );
        const names = producers(all.apps[0]?.blocks ?? []);
        expect(names).toEqual(turns(new ProposerRotation(all.made.seats), names.length));
    });

    test('other powers count two heights later, in the order of our own rotation', async () => {
        const all = await started([4, 3, 2, 2]);
        const { seats } = all.made;
        const changes = ['powers 10,40,30,20', 'powers 10,40,30,0'];
        // The last one has left by then, and is told no more.
        const rotation = new ProposerRotation(seats);
        await sendInTurn(
            all,
            changes.flatMap((change, at) => [...Array.from({ length: 6 }, (_, of) => `before ${at}.${of}`), change]),
        );
        await sendInTurn(
            { ...all, apps: all.apps.slice(0, 3), engines: all.engines.slice(0, 3) },
            Array.from({ length: 12 }, (_, at) => `after ${at}`),
        );
        const blocks = all.apps[0]?.blocks ?? [];
        const expected = blocks.map(({ height }) => {
            const decided = blocks[height - 3]?.messages.map((each) => Buffer.from(each).toString()) ?? [];
            const change = decided.find((each) => each.startsWith('powers'));
            const powers = change?.slice('powers '.length).split(',').map(BigInt);
            if (powers !== undefined) {
                rotation.change(seats.flatMap((seat, at) => (powers[at] ? [{ ...seat, power: powers[at] }] : [])));
            }
            return rotation.next();
        });
        expect(producers(blocks)).toEqual(expected);
    });
});
