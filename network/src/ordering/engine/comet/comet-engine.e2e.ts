import { afterEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CometEngine } from './comet-engine';
import { EnginesUnderTest } from './testing/engines';
import { installedComet } from './testing/installed-comet';
import { RecordingApp } from './testing/recording-app';

const FIRST_PORT = 24_800;
const LIMIT_MS = 30_000;
const program = installedComet();

async function until(what: string, isSo: () => boolean): Promise<void> {
    const limit = performance.now() + LIMIT_MS;
    while (!isSo()) {
        if (performance.now() > limit) {
            throw new Error(`not within ${LIMIT_MS} ms: ${what}`);
        }
        await sleep(20);
    }
}

(program === undefined ? describe.skip : describe)('CometBFT as engine', () => {
    const closing: (() => Promise<void> | void)[] = [];
    afterEach(async () => {
        for (const close of closing.splice(0).reverse()) {
            await close();
        }
    });

    async function started(
        powers: readonly number[],
    ): Promise<{ apps: RecordingApp[]; engines: CometEngine[]; made: EnginesUnderTest }> {
        const made = new EnginesUnderTest(program ?? '', powers, FIRST_PORT);
        closing.push(() => {
            made.remove();
        });
        const apps = powers.map(() => new RecordingApp(made.seats));
        const engines = await made.start(apps);
        closing.push(async () => {
            await Promise.all(engines.map((engine) => engine.stop()));
        });
        return { apps, engines, made };
    }

    test('four of them decide on the same blocks', async () => {
        const { apps, engines } = await started([32, 28, 24, 16]);
        const sent = Array.from({ length: 200 }, (_, at) => `message ${at}`);
        await Promise.all(
            engines.map(async (engine, seat) => {
                for (const each of sent.filter((_, at) => at % engines.length === seat)) {
                    await engine.submit(Buffer.from(each));
                }
            }),
        );
        await until('all messages are decided', () => apps.every((app) => app.messages.length >= sent.length));
        for (const app of apps) {
            expect(app.messages.toSorted()).toEqual(sent.toSorted());
            expect(app.blocks.slice(0, apps[0]?.blocks.length)).toEqual(apps[0]?.blocks.slice(0, app.blocks.length));
        }
    });
});
