import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { layout as layoutOf, type Layout } from '../layout';
import { alone } from './alone';

let layout: Layout;

beforeAll(() => {
    layout = layoutOf(mkdtempSync(join(tmpdir(), 'alone-')));
});

afterAll(() => {
    rmSync(layout.home, { recursive: true });
});

test('one at a time changes the membership, and the next one when it is done', async () => {
    const second = await alone(layout, () => alone(layout, () => Promise.resolve('both')).catch(String));
    expect(second).toContain(`process ${process.pid} is changing the membership`);
    expect(await alone(layout, () => Promise.resolve('next'))).toBe('next');
});

test('one that failed lets the next one in', async () => {
    await expect(alone(layout, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    expect(await alone(layout, () => Promise.resolve('next'))).toBe('next');
});

test('one that was killed is not waited for', async () => {
    writeFileSync(join(layout.run, 'membership.json'), JSON.stringify({ pid: process.pid, birth: 'another' }));
    expect(await alone(layout, () => Promise.resolve('next'))).toBe('next');
});
