import { expect, it } from '@jest/globals';
import { nextOfSeat, TAKE_OVER_MS, type SeatFacts } from './seat-next';

const OPEN: SeatFacts = { stage: 'open', place: 0, isDue: true, isRevealed: false, ripeForMs: 0 };
const CLOSED: SeatFacts = { stage: 'closed', place: 0, isDue: true, isRevealed: true, ripeForMs: 0 };

it.each<{ name: string; facts: SeatFacts; next: 'close' | 'clear' | undefined }>([
    { name: 'closes at once where it is its turn', facts: OPEN, next: 'close' },
    { name: 'closes nothing before the orders are in', facts: { ...OPEN, isDue: false }, next: undefined },
    { name: 'waits for the one before it', facts: { ...OPEN, place: 1, ripeForMs: TAKE_OVER_MS - 1 }, next: undefined },
    {
        name: 'closes where the one before it does not',
        facts: { ...OPEN, place: 1, ripeForMs: TAKE_OVER_MS },
        next: 'close',
    },
    {
        name: 'waits for each before it',
        facts: { ...OPEN, place: 3, ripeForMs: 3 * TAKE_OVER_MS - 1 },
        next: undefined,
    },
    { name: 'clears at once where it is its turn', facts: CLOSED, next: 'clear' },
    { name: 'clears nothing that is not revealed', facts: { ...CLOSED, isRevealed: false }, next: undefined },
    {
        name: 'clears where the two before it do not',
        facts: { ...CLOSED, place: 2, ripeForMs: 2 * TAKE_OVER_MS },
        next: 'clear',
    },
])('a seat $name', ({ facts, next }) => {
    expect(nextOfSeat(facts)).toBe(next);
});
