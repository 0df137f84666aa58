import { beforeAll, describe, expect, it } from '@jest/globals';
import { scheduleKey } from '../../../api/keys';
import { encodeBytes } from '../../../api/wire';
import { DAY, DSO, household, NOW, SEATS, TestCommunity } from '../../../testing/community';
import { PARAMETERS } from '../../../testing/epochs';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import {
    closeIteration,
    everySlot,
    openSchedule,
    scheduledCommunity,
    submission,
    submitAnswer,
} from '../../../testing/market/schedule';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const DEPOSIT = 1_000_000_000n;

let community: TestCommunity;

beforeAll(async () => {
    community = await scheduledCommunity(3);
    await community.submit('stake:setParameters', PARAMETERS);
    await community.submit('stake:deposit', { mspId: H3, amountNanos: DEPOSIT, reference: 'paid in' });
    await openSchedule(community);
    for (const mspId of [H1, H2]) {
        await submitAnswer(community, submission(mspId, 1, everySlot(1n)));
    }
    await closeIteration(community, { time: NOW + 30 });
});

describe('an agent that did not answer', () => {
    it.each([
        { code: 'FORBIDDEN', by: 'H9MSP', asked: { mspId: 'H9MSP', day: DAY } },
        { code: 'MEMBER_UNKNOWN', by: H1, asked: { mspId: 'H9MSP', day: DAY } },
        { code: 'EVIDENCE_INVALID', by: H1, asked: { mspId: H2, day: DAY } },
        { code: 'EVIDENCE_INVALID', by: H1, asked: { mspId: H3, day: '2014-10-04' } },
    ])('is not proved with $code: $asked', async ({ code, by, asked }) => {
        expect(await community.refusal('stake:reportSilent', asked, { by })).toBe(code);
    });

    it('loses a part of its deposit, once for the day, and the proof is the schedule itself', async () => {
        const { missedDuty } = PARAMETERS.penalties;
        await community.submit('stake:reportSilent', { mspId: H3, day: DAY }, { by: H1 });
        const account = (await community.query('stake:accounts', {})).find(({ mspId }) => mspId === H3);
        expect(account?.depositNanos).toBe(DEPOSIT - missedDuty.depositNanos);
        const again = community.refusal('stake:reportSilent', { mspId: H3, day: DAY }, { by: H1 });
        expect(await again).toBe('MISCONDUCT_PUNISHED');
    });

    it('is not proved by a schedule that grid operator and a household made', async () => {
        const other = '2014-10-04';
        const found = await community.query('schedule:get', { day: DAY });
        const { type, parts } = scheduleKey(other);
        const writes = new Map([[placeOf('market', compositeKey(type, parts)), encodeBytes({ ...found, day: other })]]);
        expect(community.network.forge({ writes }, [DSO, H1])).toBe('VALID');
        const asked = { mspId: H3, day: other };
        expect(await community.refusal('stake:reportSilent', asked, { by: H1, endorsers: [DSO, ...SEATS] })).toBe(
            'KEY_POLICY_WRONG',
        );
    });
});
