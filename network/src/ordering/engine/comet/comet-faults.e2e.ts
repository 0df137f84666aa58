import { afterEach, describe, expect, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Proposal } from '../engine';
import type { CometEngine } from './comet-engine';
import { EnginesUnderTest } from './testing/engines';
import { installedComet } from './testing/installed-comet';
import { RecordingApp } from './testing/recording-app';
import { until } from './testing/until';

const FIRST_PORT = 24_820;
const program = installedComet();
const message = (content: string): Uint8Array => Uint8Array.from(Buffer.from(content));

/** Proposes whatever waits and something that may not be ordered. */
class Poisoner extends RecordingApp {
    override prepare(pending: readonly Uint8Array[]): Proposal {
        return { considered: pending.length, dropped: [] };
    }

    override check(): { kind: 'new' } {
        return { kind: 'new' };
    }

    override process(): undefined {
        return undefined;
    }
}

(program === undefined ? describe.skip : describe)('CometBFT as engine, when something goes wrong', () => {
    let made: EnginesUnderTest | undefined;
    afterEach(async () => {
        await made?.end();
    });

    function four(limitPowers: readonly number[] = [3, 3, 3, 3]): { made: EnginesUnderTest; apps: RecordingApp[] } {
        const files = new EnginesUnderTest(program ?? '', limitPowers, FIRST_PORT);
        made = files;
        return { made: files, apps: limitPowers.map(() => new RecordingApp(files.seats)) };
    }

    const decided = async (apps: readonly RecordingApp[], ...messages: readonly string[]): Promise<void> => {
        await until(`${messages.join()} decided`, () =>
            apps.every((app) => messages.every((each) => app.messages.includes(each))),
        );
    };

    async function send(engine: CometEngine | undefined, content: string): Promise<void> {
        expect(await engine?.submit(message(content))).toMatchObject({ kind: 'new' });
    }

    test('an engine that is killed is started again, and what was taken in meanwhile is decided once', async () => {
        const { made: files, apps } = four();
        const pids: (number | undefined)[] = [];
        const first = await files.startOne(0, apps[0] ?? new RecordingApp([]), { onProcess: (pid) => pids.push(pid) });
        const others = await Promise.all(apps.slice(1).map((app, at) => files.startOne(at + 1, app)));
        await send(first, 'before');
        await decided(apps, 'before');
        process.kill(pids.at(-1) ?? 0, 'SIGKILL');
        await until('the engine is gone', () => pids.at(-1) === undefined);
        await send(first, 'meanwhile, to the one without engine');
        await send(others[0], 'meanwhile, to another');
        await decided(apps, 'meanwhile, to the one without engine', 'meanwhile, to another');
        expect(files.at(0).reports.join('\n')).toContain('it was ended by SIGKILL');
        expect(apps.map(({ messages }) => messages.length)).toEqual([3, 3, 3, 3]);
        expect(pids.filter((pid) => pid !== undefined)).toHaveLength(2);
    });

    test('what a seat took in without a majority is decided when the others come, after a restart too', async () => {
        const { made: files, apps } = four();
        const alone = await files.startOne(0, apps[0] ?? new RecordingApp([]));
        await send(alone, 'taken in alone');
        await alone.stop();
        expect(await alone.submit(message('too late'))).toMatchObject({ kind: 'refused' });
        const restarted = apps.map(() => new RecordingApp(files.seats));
        await files.start(restarted);
        await decided(restarted, 'taken in alone');
        expect(restarted.map(({ messages }) => messages)).toEqual(restarted.map(() => ['taken in alone']));
    });

    test('a seat that lost its state is told everything again by its own engine', async () => {
        const { made: files, apps } = four();
        const engines = await files.start(apps);
        await send(engines[0], 'one');
        await decided(apps, 'one');
        await engines[0]?.stop();
        await send(engines[1], 'two');
        await decided(apps.slice(1), 'two');
        const empty = new RecordingApp(files.seats);
        const back = await files.startOne(0, empty);
        await decided([empty], 'one', 'two');
        expect(empty.blocks).toEqual(apps[1]?.blocks.slice(0, empty.blocks.length));
        expect(await back.submit(message('one'))).toEqual({ kind: 'known', ordered: true });
    });

    test('a seat whose engine lost its data, but not the blocks, does not go on: it could vote twice', async () => {
        const { made: files, apps } = four([3]);
        const engine = await files.startOne(0, apps[0] ?? new RecordingApp([]));
        await send(engine, 'one');
        await decided(apps, 'one');
        await engine.stop();
        rmSync(join(files.at(0).directory, 'engine', 'data'), { recursive: true });
        files.at(0).write();
        const start = files.startOne(0, apps[0] ?? new RecordingApp([]));
        await expect(start).rejects.toThrow(/does not start: .*AppHash does not match/);
    });

    test('a poisoned proposal is refused by the others, who say whose it was, and blocks go on', async () => {
        const { made: files, apps } = four();
        apps[2] = new Poisoner(files.seats);
        const engines = await files.start(apps);
        const good = [0, 1, 3].map((at) => apps[at] ?? new RecordingApp([]));
        // Its own engine hands it to nobody who would take it: only its proposals bring it up.
        await engines[2]?.submit(message('refused by all but one'));
        for (let at = 0; at < 8; at += 1) {
            await send(engines[0], `sound ${at}`);
            await decided(good, `sound ${at}`);
        }
        expect(good.flatMap(({ messages }) => messages)).not.toContain('refused by all but one');
        expect(files.at(0).reports.join('\n')).toMatch(/the proposal of seat2 for height \d+ is refused: it may not/);
    });

    test('no more is taken in than may wait, and again when there is room', async () => {
        const { made: files, apps } = four();
        const limits = { maxMessages: 3, maxBytes: 1_000 };
        const alone = await files.startOne(0, apps[0] ?? new RecordingApp([]), { limits });
        for (const each of ['one', 'two', 'three']) await send(alone, each);
        const refused = await alone.submit(message('four'));
        expect(refused).toMatchObject({ kind: 'refused', refusal: { status: 'SERVICE_UNAVAILABLE' } });
        expect(await alone.submit(message('three'))).toMatchObject({ kind: 'known' });
        await Promise.all(apps.slice(1).map((app, at) => files.startOne(at + 1, app)));
        await decided(apps, 'one', 'two', 'three');
        await send(alone, 'four');
        await decided(apps, 'four');
    });

    test('an engine that does not start is no secret', async () => {
        const { made: files, apps } = four([3]);
        const start = files.startOne(0, apps[0] ?? new RecordingApp([]), { program: '/bin/false' });
        await expect(start).rejects.toThrow(/does not start: nothing said \(in .*engine\.log\)/);
        expect(files.at(0).reports[0]).toContain('it ended with code 1');
    });
});
