import { beforeAll, describe, expect, it } from '@jest/globals';
import { DSO, household, TestCommunity } from '../../testing/community';
import { commit, PARAMETERS, reveal } from '../../testing/epochs';

const HOUSEHOLDS = [household(1), household(2), household(3), household(4)];
const EPOCH = '2015-01-02';
/** 00:00 of the epoch, local time (UTC+1), in unix seconds. */
const MIDNIGHT = 1_420_153_200;
const [DAY_SECONDS, SLOT_SECONDS] = [86_400, 900];
const COMMITTED = MIDNIGHT + PARAMETERS.commitSlots * SLOT_SECONDS;
const ELECTED = COMMITTED + PARAMETERS.revealSlots * SLOT_SECONDS;

describe('where committees are elected, a day', () => {
    let community: TestCommunity;
    const open = (day: string, time: number) =>
        community.submit('auction:openDay', { day, replay: false }, { endorsers: [DSO, household(1)], time });
    const refused = (day: string, time: number) =>
        community.refusal('auction:openDay', { day, replay: false }, { time });

    beforeAll(async () => {
        community = await TestCommunity.governed(HOUSEHOLDS.length, {
            replayAllowed: false,
            fromDay: EPOCH,
            fromSlot: MIDNIGHT / SLOT_SECONDS,
        });
        await community.submit('stake:setParameters', { ...PARAMETERS, fromDay: EPOCH });
        await community.submit('stake:openEpoch', { epoch: EPOCH });
        for (const mspId of HOUSEHOLDS) {
            await commit(community, EPOCH, mspId);
        }
        await community.submit('stake:fixWeights', { epoch: EPOCH }, { time: COMMITTED });
        for (const mspId of HOUSEHOLDS) {
            await reveal(community, EPOCH, mspId, COMMITTED);
        }
        await community.submit('stake:closeEpoch', { epoch: EPOCH }, { time: ELECTED });
    });

    it('is opened once its own committee is elected', async () => {
        await open('2015-01-03', ELECTED);
        const { committees } = await community.query('charter:document', {});
        expect(committees.at(-1)).toMatchObject({ electedIn: EPOCH, fromSlot: MIDNIGHT / SLOT_SECONDS + 96 });
    });

    it('is not opened ahead of its election, under a committee that whoever opens it may like better', async () => {
        for (const day of ['2015-01-04', '2015-01-05', '2015-01-09']) {
            expect(await refused(day, ELECTED)).toBe('COMMITTEE_NOT_ELECTED');
        }
    });

    it('is opened under the committee before where nobody was elected, two hours before it begins', async () => {
        const begin = MIDNIGHT + 2 * DAY_SECONDS;
        expect(await refused('2015-01-04', begin - 7_201)).toBe('COMMITTEE_NOT_ELECTED');
        await open('2015-01-04', begin - 7_200);
        expect((await community.query('auction:rounds', { day: '2015-01-04' })).length).toBe(96);
    });
});
