import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextOfHousehold, type HouseholdFacts, type HouseholdStep } from './household-next';

/** Traded, read, settled, closed, billed. */
const OVER: HouseholdFacts = {
    isOpen: true,
    isMember: true,
    ahead: 'none',
    toOrder: 0,
    toReveal: 0,
    toHelp: 0,
    unfinished: 0,
    toRead: 0,
    isRead: true,
    isPoolStated: true,
    isSettled: true,
    isClosed: true,
    isCompared: true,
    isReleased: true,
    isBilled: true,
};

/** Each row is what the rows above leave undone, and what of it comes first. */
it.each<{ name: string; facts: Partial<HouseholdFacts>; next: unknown }>([
    { name: 'nothing is left', facts: {}, next: 'done' },
    { name: 'a closed day is billed', facts: { isBilled: false }, next: { do: 'bill' } },
    {
        name: 'bills wait for the feeder',
        facts: { isBilled: false, isCompared: false },
        next: { wait: "the grid operator to compare the day with the feeder's meter" },
    },
    {
        name: 'covers are freed first',
        facts: { isBilled: false, isCompared: false, isReleased: false },
        next: { do: 'release' },
    },
    {
        name: 'nothing is freed before the day is closed',
        facts: { isBilled: false, isReleased: false, isClosed: false },
        next: { wait: 'the others to settle and the grid operator to close the day' },
    },
    {
        name: 'a day is settled before it is closed',
        facts: { isClosed: false, isSettled: false },
        next: { do: 'settle' },
    },
    {
        name: 'a scheduled day is settled at stated prices',
        facts: { isSettled: false, isPoolStated: false, ahead: 'agreed' },
        next: { wait: 'the grid operator to state how the community stood to its schedule' },
    },
    { name: 'readings come first', facts: { isSettled: false, isRead: false }, next: { do: 'read' } },
    {
        name: 'the day is read once all rounds have results',
        facts: { isRead: false, unfinished: 3 },
        next: { wait: 'the committee to clear 3 rounds' },
    },
    { name: 'with a pace slots are read as they end', facts: { unfinished: 3, toRead: 1 }, next: { do: 'read' } },
    { name: 'orders come before readings', facts: { unfinished: 3, toRead: 1, toOrder: 2 }, next: { do: 'order' } },
    {
        name: 'so is a seat that lacks one of them',
        facts: { unfinished: 3, toOrder: 2, toHelp: 1 },
        next: { do: 'help' },
    },
    {
        name: 'others wait for openings, so these come before orders',
        facts: { unfinished: 3, toOrder: 2, toHelp: 1, toReveal: 1 },
        next: { do: 'reveal' },
    },
    { name: 'nobody orders on a day that was agreed on', facts: { ahead: 'agreed', toOrder: 2 }, next: 'done' },
    { name: 'the day ahead comes first', facts: { ahead: 'pending', toOrder: 2 }, next: { do: 'agreeAhead' } },
    { name: 'who is no member does nothing', facts: { isMember: false, toOrder: 2 }, next: 'done' },
    {
        name: 'nothing happens before the day is open',
        facts: { isOpen: false, isMember: false, toOrder: 2 },
        next: { wait: 'the grid operator to open the day' },
    },
])('$name', ({ facts, next }) => {
    expect(nextOfHousehold({ ...OVER, ...facts })).toEqual(next);
});

/** What the ledger shows once a step is done. */
const AFTER: Readonly<Record<HouseholdStep, (facts: HouseholdFacts) => HouseholdFacts>> = {
    agreeAhead: (facts) => ({ ...facts, ahead: 'agreed' }),
    order: (facts) => ({ ...facts, toOrder: 0 }),
    reveal: (facts) => ({ ...facts, toReveal: 0 }),
    help: (facts) => ({ ...facts, toHelp: 0 }),
    read: (facts) => ({ ...facts, toRead: 0, isRead: facts.unfinished === 0 || facts.ahead === 'agreed' }),
    settle: (facts) => ({ ...facts, isSettled: true }),
    release: (facts) => ({ ...facts, isReleased: true }),
    bill: (facts) => ({ ...facts, isBilled: true }),
};

const anyFacts = fc.record<HouseholdFacts>({
    isOpen: fc.boolean(),
    isMember: fc.boolean(),
    ahead: fc.constantFrom('none', 'pending', 'agreed', 'failed'),
    toOrder: fc.nat(1),
    toReveal: fc.nat(1),
    toHelp: fc.nat(1),
    unfinished: fc.nat(1),
    toRead: fc.nat(1),
    isRead: fc.boolean(),
    isPoolStated: fc.boolean(),
    isSettled: fc.boolean(),
    isClosed: fc.boolean(),
    isCompared: fc.boolean(),
    isReleased: fc.boolean(),
    isBilled: fc.boolean(),
});

it('however a day stands when an agent begins, no step is taken twice, and it ends waiting for others or done', () => {
    fc.assert(
        fc.property(anyFacts, (start) => {
            const taken: string[] = [];
            let facts = start;
            for (
                let next = nextOfHousehold(facts);
                typeof next === 'object' && 'do' in next;
                next = nextOfHousehold(facts)
            ) {
                expect(taken).not.toContain(next.do);
                taken.push(next.do);
                facts = AFTER[next.do](facts);
            }
        }),
    );
});
