import { beforeAll, expect, it } from '@jest/globals';
import { DAY, DSO, FIRST, household, NOW, TestCommunity } from '../../../testing/community';
import { tradedDay } from '../../../testing/market/traded-day';

const [H1, H2] = [household(1), household(2)];
/** The first second of 2025 by the community's clock, an hour ahead of UTC: records of 2014 are ten years old. */
const OVER = Date.UTC(2024, 11, 31, 23) / 1000;
const args = { mspId: H1, day: DAY };
let community: TestCommunity;

beforeAll(async () => {
    community = await TestCommunity.trading(3);
    await tradedDay(community, [], {});
}, 120_000);

// Top to bottom is the order of precedence: each case is also wrong in a way that stands below it.
it.each([
    { code: 'MEMBER_UNKNOWN', change: { mspId: 'H9MSP', day: '2014-02-30' } },
    { code: 'DAY_UNKNOWN', change: { day: '2014-02-30' } },
    { code: 'TERM_NOT_OVER', change: {} },
    { code: 'TERM_NOT_OVER', change: {}, time: OVER - 1 },
])('a purge is refused with $code and writes nothing', async ({ code, change, time = NOW }) => {
    const options = { by: H1, endorsers: [H1], time };
    expect(await community.refusal('retention:purge', { ...args, ...change }, options)).toBe(code);
});

it('removes what the caller holds of the day after the term, and nothing else; the markers stay', async () => {
    const range = { from: FIRST, to: FIRST + 95 };
    await community.submit('retention:purge', args, { by: H1, endorsers: [H1], time: OVER });
    expect(await community.query('metering:ownReadings', range, { by: H1 })).toEqual([]);
    const gone = { by: H1, endorsers: [H1] };
    expect(await community.refusal('billing:ownSettlement', { day: DAY }, gone)).toBe('NOT_FOUND');
    expect(await community.query('billing:ownSettlement', { day: DAY, mspId: H1 }, { by: DSO })).toMatchObject({
        mspId: H1,
    });
    expect(await community.query('billing:ownSettlement', { day: DAY }, { by: H2 })).toMatchObject({ mspId: H2 });
    expect(await community.query('billing:settlementMarkers', { day: DAY })).toHaveLength(3);
    expect(await community.query('metering:markers', { mspId: H1, day: DAY })).toHaveLength(96);
});

it('needs the endorsement of whose copy it removes', async () => {
    const simulated = await community.endorse('retention:purge', args, { by: H2, endorsers: [H2], time: OVER });
    expect(community.network.commit(simulated, [DSO, H1])).toBe('ENDORSEMENT_POLICY_FAILURE');
});
