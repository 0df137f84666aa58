import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ArgsOf } from '../../../api/transactions';
import { DAY, DSO, household, NOW, SEATS, TestCommunity } from '../../../testing/community';
import {
    closeIteration,
    closing,
    everySlot,
    openSchedule,
    scheduledCommunity,
    submission,
    submitAnswer,
} from '../../../testing/market/schedule';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const QUORUM = [...SEATS];

describe('schedule:close', () => {
    let community: TestCommunity;

    beforeAll(async () => {
        community = await scheduledCommunity(3, { iterations: 3 });
        await openSchedule(community);
        for (const mspId of [H1, H2]) {
            await submitAnswer(community, submission(mspId, 1, everySlot(100n)));
        }
    });

    type Change = (given: Awaited<ReturnType<typeof closing>>) => {
        args?: Partial<ArgsOf<'schedule:close'>>;
        transient?: object;
        by?: string;
    };

    async function refusal(change: Change, time = NOW): Promise<string> {
        const given = await closing(community, { time });
        const { args = {}, transient = {}, by = DSO } = change(given);
        return community.refusal(
            'schedule:close',
            { ...given.args, ...args },
            { ...given.options, by, transient: { ...given.options.transient, ...transient } },
        );
    }

    const LATE = NOW + 30;
    // Top to bottom is the order of precedence.
    it.each<{ code: string; why: string; change: Change; time?: number }>([
        { code: 'TRANSIENT_MALFORMED', why: 'a salt that is none', change: () => ({ transient: { salt: 'x' } }) },
        { code: 'SCHEDULE_OVERDUE', why: 'after the deadline', change: () => ({ by: H3 }), time: NOW + 600 },
        { code: 'FORBIDDEN', why: 'by who has no seat', change: () => ({ by: H3, args: { to: [H1] } }) },
        { code: 'FORBIDDEN', why: 'for who has no seat', change: () => ({ args: { to: [H1, H2, H3], iteration: 2 } }) },
        { code: 'COALITION_TOO_LIGHT', why: 'for one seat', change: () => ({ args: { to: [H1], iteration: 2 } }) },
        { code: 'ITERATION_WRONG', why: 'the next iteration', change: () => ({ args: { iteration: 2 } }) },
        {
            code: 'DEADLINE_OPEN',
            why: 'without one who still has a second',
            change: () => ({ transient: { submissions: [] } }),
            time: LATE - 1,
        },
        {
            code: 'OPENING_UNKNOWN',
            why: 'with an answer that nobody gave',
            change: ({ options }) => ({
                transient: {
                    submissions: [...options.transient.submissions.slice(1), submission(H3, 1, everySlot(0n))],
                },
            }),
            time: LATE,
        },
        {
            code: 'OPENING_UNKNOWN',
            why: 'with one twice',
            change: ({ options }) => ({
                transient: { submissions: options.transient.submissions.flatMap((each) => [each, each]) },
            }),
            time: LATE,
        },
        {
            code: 'OPENING_MISSING',
            why: 'without one that was given',
            change: ({ options }) => ({ transient: { submissions: options.transient.submissions.slice(1) } }),
            time: LATE,
        },
        {
            code: 'OPENING_MISMATCH',
            why: 'with one changed by a Wh',
            change: ({ options: { transient } }) => ({
                transient: {
                    submissions: transient.submissions.map((each) => ({ ...each, energiesWh: everySlot(101n) })),
                },
            }),
            time: LATE,
        },
        {
            code: 'SCHEDULE_SHAPE_WRONG',
            why: 'with a network of another bus',
            change: () => ({ transient: { network: [{ bus: 'b1', energiesWh: everySlot(0n) }] } }),
            time: LATE,
        },
        {
            code: 'SCHEDULE_SHAPE_WRONG',
            why: 'with a slot too few of the network',
            change: () => ({ transient: { network: [{ bus: 'root', energiesWh: everySlot(0n).slice(1) }] } }),
            time: LATE,
        },
        {
            code: 'NETWORK_LIMIT_BROKEN',
            why: 'with more than the grid takes',
            change: () => ({ transient: { network: [{ bus: 'root', energiesWh: everySlot(1_000_001n) }] } }),
            time: LATE,
        },
        {
            code: 'NETWORK_ANSWER_WRONG',
            why: 'with another grid than the prices ask for',
            change: () => ({ transient: { network: [{ bus: 'root', energiesWh: everySlot(0n) }] } }),
            time: LATE,
        },
    ])('refuses with $code and writes nothing: $why', async ({ code, change, time }) => {
        expect(await refusal(change, time)).toBe(code);
    });

    it('refuses what is not what the coordinators noted', async () => {
        await closeIteration(community, { time: LATE });
        const { book } = await community.query('schedule:openings', { day: DAY }, { by: DSO });
        const wrong = book && { ...book, network: book.network.map((each) => ({ ...each, scaled: everySlot(1n) })) };
        expect(await refusal(() => ({ transient: { book: wrong } }), LATE + 30)).toBe('BOOK_WRONG');
        const { args, options } = await closing(community, { time: LATE + 30 });
        const { submissions, salt } = options.transient;
        const without = { ...options, transient: { submissions, salt } };
        expect(await community.refusal('schedule:close', args, without)).toBe('BOOK_WRONG');
    });

    it('counts with grid operator and a quorum only', async () => {
        const { args, options } = await closing(community, { time: LATE + 30 });
        const simulated = await community.endorse('schedule:close', args, options);
        for (const endorsers of [[DSO, H1], [DSO, H3], QUORUM, [DSO, H1, H3]]) {
            expect(community.network.commit(simulated, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
        expect(community.network.commit(simulated, [DSO, ...QUORUM])).toBe('VALID');
    });
});
