import { expect, it } from '@jest/globals';
import { untilStill, type Ledger } from './stillness';

const QUICK = { quietMs: 30, limitMs: 400, pollMs: 5 };

/** Says these heights one after the other, and the last for ever. */
function ledger(...heights: readonly (number | Error)[]): Ledger & { asked: number } {
    const made = {
        asked: 0,
        height: () => {
            const height = heights[Math.min(made.asked, heights.length - 1)];
            made.asked += 1;
            return height instanceof Error ? Promise.reject(height) : Promise.resolve(height ?? 0);
        },
    };
    return made;
}

it('waits for a peer that is behind, and for blocks that still come', async () => {
    const behind = ledger(new Error('starting'), 3, 4, 7, 7, 8);
    expect(await untilStill([ledger(7, 7, 7, 7, 7, 8), behind], QUICK)).toBe(true);
    expect(behind.asked).toBeGreaterThan(6);
});

it.each([
    { what: 'a peer that stays behind', ledgers: () => [ledger(7), ledger(6)] },
    { what: 'a peer that does not answer', ledgers: () => [ledger(7), ledger(new Error('gone'))] },
    {
        what: 'a channel that is busy',
        ledgers: () => [ledger(...Array.from({ length: 1_000 }, (_, height) => height))],
    },
])('gives up on $what', async ({ ledgers }) => {
    expect(await untilStill(ledgers(), QUICK)).toBe(false);
});
