import { expect, it } from '@jest/globals';
import { nextOfOperator, type OperatorFacts } from './operator-next';

const OVER: OperatorFacts = {
    isOpen: true,
    opens: true,
    ahead: 'none',
    unfinished: 0,
    unread: [],
    isPoolStated: true,
    unsettled: [],
    isClosed: true,
    isCompared: true,
    isReported: true,
    unbilled: [],
    isPublished: true,
};

it.each<{ name: string; facts: Partial<OperatorFacts>; next: unknown }>([
    { name: 'has nothing left', facts: {}, next: 'done' },
    { name: 'publishes what the bills come to', facts: { isPublished: false }, next: { do: 'publish' } },
    {
        name: 'waits for bills',
        facts: { isPublished: false, unbilled: ['H2'] },
        next: { wait: 'H2 to sign their bills' },
    },
    { name: 'reports who opened nothing', facts: { isReported: false, unbilled: ['H2'] }, next: { do: 'report' } },
    { name: 'compares first', facts: { isCompared: false, isReported: false }, next: { do: 'compare' } },
    { name: 'closes before it compares', facts: { isClosed: false, isCompared: false }, next: { do: 'close' } },
    {
        name: 'waits for settlements',
        facts: { isClosed: false, unsettled: ['H1', 'H2'] },
        next: { wait: 'H1, H2 to settle' },
    },
    {
        name: 'states the pool first',
        facts: { isClosed: false, isPoolStated: false, unsettled: ['H1'] },
        next: { do: 'statePool' },
    },
    {
        name: 'states it over all readings',
        facts: { isClosed: false, isPoolStated: false, unread: ['H1'] },
        next: { wait: 'H1 to record their readings' },
    },
    {
        name: 'waits for rounds',
        facts: { isClosed: false, unfinished: 2, unread: ['H1'] },
        next: { wait: 'the committee to clear 2 rounds' },
    },
    {
        name: 'has no rounds to wait for on a day that was agreed on',
        facts: { isClosed: false, unfinished: 2, ahead: 'agreed' },
        next: { do: 'close' },
    },
    { name: 'takes part in the day ahead', facts: { ahead: 'pending', unfinished: 2 }, next: { do: 'agreeAhead' } },
    { name: 'opens the day', facts: { isOpen: false, ahead: 'pending' }, next: { do: 'open' } },
    {
        name: 'opens only what it is asked to',
        facts: { isOpen: false, opens: false },
        next: { wait: 'somebody to ask for a day' },
    },
])('the grid operator $name', ({ facts, next }) => {
    expect(nextOfOperator({ ...OVER, ...facts })).toEqual(next);
});
