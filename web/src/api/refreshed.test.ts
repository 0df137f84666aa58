import { describe, expect, it } from '@jest/globals';
import { Refreshed } from './refreshed';

/** Questions that are answered when the test says so. */
function questions(): {
    readonly asked: { answer(text: string): Promise<void>; fail(): Promise<void> }[];
    readonly heard: string[];
    readonly refreshed: Refreshed<string>;
} {
    const asked: { answer(text: string): Promise<void>; fail(): Promise<void> }[] = [];
    const heard: string[] = [];
    const refreshed = new Refreshed<string>(
        () =>
            new Promise((resolve, reject) => {
                const settled = async (settle: () => void): Promise<void> => {
                    settle();
                    await Promise.resolve();
                    await Promise.resolve();
                };
                asked.push({
                    answer: (text) =>
                        settled(() => {
                            resolve(text);
                        }),
                    fail: () =>
                        settled(() => {
                            reject(new Error('unreachable'));
                        }),
                });
            }),
        (answer) => heard.push(answer),
        () => heard.push('failed'),
    );
    return { asked, heard, refreshed };
}

describe('what is asked again and again', () => {
    it('is asked once more after the answer, however often it was asked for meanwhile', async () => {
        const { asked, heard, refreshed } = questions();
        refreshed.ask();
        refreshed.ask();
        refreshed.ask();
        expect(asked).toHaveLength(1);
        await asked[0]?.answer('first');
        expect(heard).toEqual(['first']);
        expect(asked).toHaveLength(2);
        await asked[1]?.answer('second');
        expect(heard).toEqual(['first', 'second']);
        expect(asked).toHaveLength(2);
    });

    it('goes on after a failure', async () => {
        const { asked, heard, refreshed } = questions();
        refreshed.ask();
        refreshed.ask();
        await asked[0]?.fail();
        await asked[1]?.answer('second');
        expect(heard).toEqual(['failed', 'second']);
    });

    it('tells nothing once it is over', async () => {
        const { asked, heard, refreshed } = questions();
        refreshed.ask();
        refreshed.ask();
        refreshed.end();
        await asked[0]?.answer('first');
        expect([heard, asked.length]).toEqual([[], 1]);
    });
});
