import { expect, it } from '@jest/globals';
import { journalEntry } from '../server/schemas/agent';
import { plainTrouble } from './organisation-agent';

/** As a hostile seat's peer may answer. */
const ANSWER = `ROUND\u001b[2J\u0007\u202e\r\nH2: all is well ${'x'.repeat(10_000)}`;

it('what went wrong is plain text on one line, and no longer than pages show', () => {
    const why = plainTrouble(new Error(ANSWER));
    expect(why).toMatch(/^ROUND \[2J {4}H2: all is well x+$/);
    expect(why).toHaveLength(500);
    expect(plainTrouble('no error')).toBe('no error');
    const entry = {
        sequence: '1',
        at: '1',
        slot: null,
        kind: 'trouble',
        facts: { doing: 'seat', why, again: true },
    };
    expect(journalEntry.safeParse(entry).error).toBeUndefined();
});

it('half a character at the end is none', () => {
    expect(plainTrouble(`${'x'.repeat(499)}\u{1f50b}`)).toBe(`${'x'.repeat(499)} `);
});
