import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SubmissionRecord } from '../../../api/records';
import type { ArgsOf } from '../../../api/transactions';
import { DAY, DSO, household, NOW, ownerKey, SEATS, TestCommunity } from '../../../testing/community';
import { testSalt } from '../../../testing/identities';
import {
    closeIteration,
    everySlot,
    flat,
    openSchedule,
    scheduledCommunity,
    submission,
    submitAnswer,
} from '../../../testing/market/schedule';

const [H1, H2, H3, H4] = [household(1), household(2), household(3), household(4)];
const QUORUM = [...SEATS];
/** Of everybody's connection: 6 kW in, 4 kW out. */
const [MOST, LEAST] = [1500n, -1000n];

const withLast = (energy: bigint): SubmissionRecord => submission(H3, 1, [...everySlot(0n).slice(1), energy]);

describe('schedule:submit', () => {
    let community: TestCommunity;

    beforeAll(async () => {
        community = await scheduledCommunity(4);
        await openSchedule(community);
        await submitAnswer(community, submission(H2, 1, everySlot(0n)));
    });

    interface Row {
        readonly code: string;
        readonly why: string;
        readonly given: SubmissionRecord | string;
        readonly args?: Partial<ArgsOf<'schedule:submit'>>;
        readonly by?: string;
        readonly time?: number;
    }

    const own = submission(H3, 1, everySlot(0n));
    const forged = (record: SubmissionRecord): SubmissionRecord => ({
        ...record,
        signature: ownerKey(H1).sign(new Uint8Array()),
    });
    // Top to bottom is the order of precedence: each case is also wrong in every way below it that it can be.
    it.each<Row>([
        { code: 'TRANSIENT_MALFORMED', why: 'no submission', given: 'nothing' },
        { code: 'DAY_UNKNOWN', why: 'another day', given: own, args: { day: '2014-10-04', to: [H4] } },
        { code: 'SCHEDULE_OVERDUE', why: 'after the deadline', given: own, args: { to: [H4] }, time: NOW + 600 },
        { code: 'FORBIDDEN', why: 'an outsider', given: own, args: { to: [H4] }, by: DSO },
        { code: 'FORBIDDEN', why: 'for who has no seat', given: own, args: { to: [H1, H2, H3], iteration: 2 } },
        { code: 'COALITION_TOO_LIGHT', why: 'for one seat', given: own, args: { to: [H1], iteration: 2 } },
        {
            code: 'ITERATION_WRONG',
            why: 'an iteration ahead',
            given: submission(H2, 1, []),
            args: { iteration: 2 },
            by: H2,
        },
        { code: 'ITERATION_WRONG', why: 'iteration 0', given: submission(H2, 1, []), args: { iteration: 0 }, by: H2 },
        { code: 'SUBMISSION_EXISTS', why: 'a second answer', given: submission(H3, 1, []), by: H2 },
        { code: 'RECORD_WRONG', why: "in another's name", given: submission(H2, 1, []) },
        { code: 'RECORD_WRONG', why: 'of another iteration', given: submission(H3, 2, []) },
        { code: 'RECORD_WRONG', why: 'of another day', given: submission(H3, 1, [], { day: '2014-10-04' }) },
        { code: 'RECORD_WRONG', why: 'an agreement', given: submission(H3, 1, [], { claim: testSalt('claim') }) },
        {
            code: 'SCHEDULE_SHAPE_WRONG',
            why: 'a slot too few',
            given: forged(submission(H3, 1, everySlot(MOST + 1n).slice(1))),
        },
        {
            code: 'SCHEDULE_SHAPE_WRONG',
            why: 'a slot too many',
            given: forged(submission(H3, 1, [...everySlot(0n), 0n])),
        },
        { code: 'ENERGY_ABOVE_LIMIT', why: 'a Wh too much from the pool', given: forged(withLast(MOST + 1n)) },
        { code: 'ENERGY_ABOVE_LIMIT', why: 'a Wh too much to it', given: forged(withLast(LEAST - 1n)) },
        {
            code: 'SIGNATURE_INVALID',
            why: "with another's key",
            given: submission(H3, 1, everySlot(0n), {}, ownerKey(H2)),
        },
        { code: 'SIGNATURE_INVALID', why: 'changed after it was signed', given: { ...own, energiesWh: everySlot(1n) } },
    ])('refuses with $code and writes nothing: $why', async ({ code, given, args, by = H3, time = NOW }) => {
        const asked = { day: DAY, iteration: 1, to: QUORUM, ...args };
        const options = { by, endorsers: [by, DSO, H1, H2], transient: { submission: given }, time };
        expect(await community.refusal('schedule:submit', asked, options)).toBe(code);
    });

    it('refuses before and after a run, and where a day is run by certificate', async () => {
        const refusal = (of: TestCommunity) =>
            of.refusal(
                'schedule:submit',
                { day: DAY, iteration: 1, to: [H3] },
                { by: DSO, endorsers: [DSO, H1, H2], transient: { submission: own } },
            );
        expect(await refusal(await scheduledCommunity(3))).toBe('SCHEDULE_NOT_OPEN');
        const claimed = await scheduledCommunity(3, { mode: 'certificate' });
        expect(await refusal(claimed)).toBe('SCHEDULE_MODE_WRONG');
        const ended = await scheduledCommunity(3, { iterations: 1 });
        await openSchedule(ended, [flat(500_000_000n)]);
        await closeIteration(ended, { time: NOW + 30 });
        expect((await ended.query('schedule:get', { day: DAY })).status).toBe('notConverged');
        expect(await refusal(ended)).toBe('SCHEDULE_NOT_OPEN');
    });

    it('takes what the connection carries to the Wh', async () => {
        await submitAnswer(community, submission(H3, 1, [MOST, LEAST, ...everySlot(0n).slice(2)]));
    });
});
