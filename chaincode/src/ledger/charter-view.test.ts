import { describe, expect, it } from '@jest/globals';
import type { Charter } from '../api/records';
import { Refusal } from '../domain/refusals';
import { requireLawfulVersion } from './charter-view';

/** The day begins in slot 1000; each term is `fromSlot recorded-in-slot`, recorded under versions 2, 3, … */
const FIRST = 1_000;
const elected = (from: number, slot: number) => ({ from, slot, electedIn: `slot ${slot}` });
const appointed = (from: number, slot: number) => ({ from, slot, electedIn: undefined });
type Term = ReturnType<typeof elected> | ReturnType<typeof appointed>;

function outcome(terms: readonly Term[], version: number, replayAllowed = false): string {
    const committees = terms.map(({ from, slot, electedIn }, i) => ({
        fromSlot: from,
        seats: [{ mspId: 'H1MSP', weight: 1n }],
        quorum: { numerator: 1n, denominator: 2n },
        recorded: { version: i + 2, slot },
        ...(electedIn === undefined ? {} : { electedIn }),
    }));
    const charter = { version: 9, members: {}, committees, rules: { replayAllowed, openAheadDays: 7 } };
    try {
        requireLawfulVersion(charter as unknown as Charter, FIRST, version);
        return 'lawful';
    } catch (error) {
        return error instanceof Refusal ? error.code : String(error);
    }
}

describe('the version under which a day stands', () => {
    it.each<{ what: string; terms: readonly Term[]; version: number; is: string }>([
        { what: 'the newest', terms: [elected(904, 890), elected(1_000, 986)], version: 3, is: 'lawful' },
        {
            what: 'one from before the election of its committee, which was over',
            terms: [elected(904, 890), elected(1_000, 986)],
            version: 2,
            is: 'KEY_POLICY_WRONG',
        },
        {
            what: 'one that leaves out elections between, the day being opened far ahead',
            terms: [elected(712, 700), elected(808, 796), elected(904, 892)],
            version: 2,
            is: 'KEY_POLICY_WRONG',
        },
        {
            what: 'one from before an election in the last two hours, when the day was open already',
            terms: [elected(904, 890), elected(1_000, 992)],
            version: 2,
            is: 'lawful',
        },
        {
            what: 'one from before its own committee was filled up',
            terms: [elected(904, 890), elected(1_000, 986), elected(1_000, 988)],
            version: 3,
            is: 'lawful',
        },
        {
            what: 'one from before the first election, when days were opened far ahead',
            terms: [appointed(400, 390), elected(904, 892)],
            version: 2,
            is: 'lawful',
        },
        {
            what: 'one from before an election for a later day',
            terms: [elected(904, 890), elected(1_096, 986)],
            version: 2,
            is: 'lawful',
        },
        {
            what: 'one that misses what was known before the day could have been opened',
            terms: [appointed(100, 90), appointed(200, 190)],
            version: 2,
            is: 'KEY_POLICY_WRONG',
        },
    ])('$what: $is', ({ terms, version, is }) => {
        expect(outcome(terms, version)).toBe(is);
        expect(outcome(terms, version, true)).toBe('lawful');
    });
});
