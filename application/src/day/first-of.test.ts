import { expect, it } from '@jest/globals';
import { firstOf } from './first-of';

const LONG_MS = 60_000;
const never = (): Promise<string> => new Promise(() => undefined);
const fails = (why: string) => (): Promise<string> => Promise.reject(new Error(why));
const answers = (what: string) => (): Promise<string> => Promise.resolve(what);

it('asks nobody else where the first one answers', async () => {
    const asked: string[] = [];
    const attempts = ['one', 'two'].map((name) => () => {
        asked.push(name);
        return Promise.resolve(name);
    });
    expect(await firstOf(attempts, 0)).toBe('one');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked).toEqual(['one']);
});

it('goes on to the next where one fails, without waiting', async () => {
    expect(await firstOf([fails('away'), answers('two')], LONG_MS)).toBe('two');
});

it('goes on to the next where one keeps silent', async () => {
    expect(await firstOf([never, never, answers('three')], 5)).toBe('three');
});

it('says why the first one failed where all have', async () => {
    await expect(firstOf([fails('one'), fails('two')], LONG_MS)).rejects.toThrow('one');
});

it('takes a late answer where the others fail', async () => {
    const late = (): Promise<string> => new Promise((resolve) => setTimeout(resolve, 30, 'late'));
    expect(await firstOf([late, fails('two')], 5)).toBe('late');
});
