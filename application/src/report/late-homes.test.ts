import { describe, expect, it } from '@jest/globals';
import { lateSummary, lateText } from './late-homes';

const organisations = [{ id: 'H2', mspId: 'H2MSP' }];
const found = { mspId: 'H2MSP', day: '2014-10-03', iterations: 3, forfeitedNanos: 1_250_000_000n, isKnown: false };

describe('who was late in a run', () => {
    it('is told with what it forfeits', () => {
        const summary = lateSummary(found, { organisations });
        expect(summary).toEqual({ home: 'H2', iterations: 3, forfeitedNanos: 1_250_000_000, notTaken: null });
        expect(lateText(summary, 'EUR')).toBe(
            'H2 did not answer in 3 iterations of the schedule: it was reported, loses standing and forfeits 1.25 EUR of its deposit.',
        );
    });

    it.each([
        { given: { isKnown: true }, notTaken: 'it was reported before' },
        { given: { refused: 'PARAMETERS_MISSING' as const }, notTaken: 'PARAMETERS_MISSING' },
    ])('is told with why nothing was taken: $notTaken', ({ given, notTaken }) => {
        const summary = lateSummary({ ...found, forfeitedNanos: 0n, ...given }, { organisations: [] });
        expect(summary).toMatchObject({ home: 'H2MSP', notTaken });
        expect(lateText(summary, 'EUR')).toBe(
            `H2MSP did not answer in 3 iterations of the schedule; nothing more was taken from it (${notTaken}).`,
        );
    });
});
