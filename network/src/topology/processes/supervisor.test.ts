import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout as layoutOf, type Layout } from '../layout';
import { identityOf, isRunning } from './process-identity';
import { type ProcessPlan, endProcesses, recordedProcesses, startProcess, untilReady } from './supervisor';

let layout: Layout;

beforeEach(() => {
    layout = layoutOf(mkdtempSync(join(tmpdir(), 'supervisor-')));
});

afterEach(async () => {
    await endProcesses(recordedProcesses(layout), layout);
    rmSync(layout.home, { recursive: true });
});

/** A process that runs this script and is ready when it has made the file `ready`. */
function plan(name: string, script: string): ProcessPlan {
    const ready = layout.readyFile(name);
    return {
        name,
        command: ['-e', `const ready = () => require('fs').writeFileSync(${JSON.stringify(ready)}, ''); ${script}`],
        directory: layout.home,
        endpoints: [],
        staleFiles: [ready],
        isReady: () => Promise.resolve(existsSync(ready)),
    };
}

const FOR_EVER = 'setInterval(() => {}, 1000);';
const never = new AbortController().signal;

describe('a supervised process', () => {
    test('is ready, is recorded, and ends when it is told to', async () => {
        const one = plan('one', `${FOR_EVER} ready();`);
        const record = startProcess(one, layout);
        await untilReady(one, record, layout, never);
        expect(recordedProcesses(layout)).toEqual([record]);
        expect(isRunning(record)).toBe(true);
        await endProcesses([record], layout);
        expect(isRunning(record)).toBe(false);
        expect(recordedProcesses(layout)).toEqual([]);
    });

    test('that ends while starting is an error with the end of its log', async () => {
        const one = plan('one', `console.error('no disk'); process.exit(3)`);
        const record = startProcess(one, layout);
        await expect(untilReady(one, record, layout, never)).rejects.toThrow(
            /^one ended while starting: the end of .*one\.log:\nno disk$/,
        );
    });

    test('that is not ready in time is an error that says so', async () => {
        const one = plan('one', FOR_EVER);
        const record = startProcess(one, layout);
        const deadline = AbortSignal.abort(new Error('the limit of 1 ms has passed'));
        await expect(untilReady(one, record, layout, deadline)).rejects.toThrow(
            'one is not ready: the limit of 1 ms has passed; nothing in',
        );
    });

    test('does not take the readiness of an earlier one for its own', async () => {
        const first = plan('one', `${FOR_EVER} ready();`);
        const record = startProcess(first, layout);
        await untilReady(first, record, layout, never);
        await endProcesses([record], layout);
        const second = plan('one', FOR_EVER);
        startProcess(second, layout);
        expect(await second.isReady(0)).toBe(false);
    });

    test('a later process of the same number is somebody else, and is left alone', async () => {
        const foreign = spawn(process.execPath, ['-e', FOR_EVER], { stdio: 'ignore' });
        try {
            const identity = identityOf(foreign.pid ?? 0);
            const record = { name: 'one', pid: foreign.pid ?? 0, birth: 'another', startedAt: '' };
            expect(isRunning(record)).toBe(false);
            await endProcesses([record], layout);
            expect(identity !== undefined && isRunning(identity)).toBe(true);
        } finally {
            foreign.kill();
        }
    });
});
