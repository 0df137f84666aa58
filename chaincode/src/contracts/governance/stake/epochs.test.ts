import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EpochRecord, SettlementRecord } from '../../../api/records';
import { DAY, DSO, FIRST, household, TestCommunity } from '../../../testing/community';
import { closed, countsOf, PARAMETERS, commit, reveal } from '../../../testing/epochs';
import { tradedDay } from '../../../testing/market/traded-day';

const NEXT = '2014-10-04';
const [H1, H2, H3, H4] = [household(1), household(2), household(3), household(4)];
/** H3 and H4 export and sell, H1 and H2 buy. */
const SLOT = FIRST + 40;

describe('an epoch', () => {
    let community: TestCommunity;
    let epoch: EpochRecord;
    let settlements: SettlementRecord[];

    beforeAll(async () => {
        community = await TestCommunity.trading(4);
        await community.submit('stake:setParameters', PARAMETERS);
        settlements = await tradedDay(
            community,
            [
                { mspId: H1, slot: SLOT, side: 'buy', energyWh: 1_400n },
                { mspId: H2, slot: SLOT, side: 'buy', energyWh: 600n },
                { mspId: H3, slot: SLOT, side: 'sell', energyWh: 1_000n, limit: 90_000n },
                { mspId: H4, slot: SLOT, side: 'sell', energyWh: 999n, limit: 90_000n },
            ],
            { [H3]: { [SLOT]: 1_000n }, [H4]: { [SLOT]: 1_000n } },
            [DSO, H1],
        );
        await community.submit('stake:openEpoch', { epoch: DAY });
        for (const mspId of community.households) {
            const settlement = settlements.find((each) => each.mspId === mspId);
            await community.submit(
                'stake:publishEnergy',
                { epoch: DAY },
                { by: mspId, endorsers: [mspId, DSO], transient: { settlement } },
            );
            await commit(community, DAY, mspId);
        }
        await community.submit('stake:fixWeights', { epoch: DAY });
        for (const mspId of community.households) {
            await reveal(community, DAY, mspId);
        }
        await community.submit('stake:closeEpoch', { epoch: DAY });
        epoch = await community.query('stake:epoch', {});
    }, 60_000);

    it('weighs what was exported and sold, in whole steps', () => {
        expect(epoch.weights?.map(({ mspId, tokens, weight }) => ({ mspId, tokens, weight }))).toEqual([
            { mspId: H1, tokens: 0n, weight: 223_334n },
            { mspId: H2, tokens: 0n, weight: 223_333n },
            { mspId: H3, tokens: 1n, weight: 330_000n },
            { mspId: H4, tokens: 0n, weight: 223_333n },
        ]);
    });

    it('elects a committee that clears the next day', async () => {
        const seats = epoch.result?.committee?.seats.map(({ mspId }) => mspId) ?? [];
        expect(seats).toHaveLength(3);
        await community.submit('auction:openDay', { day: NEXT, replay: true }, { endorsers: [DSO, H1] });
        const slot = FIRST + 96;
        const [first = '', second = '', third = ''] = seats;
        const [outsider = ''] = community.households.filter((mspId) => !seats.includes(mspId));
        const simulated = await community.endorse(
            'auction:closeRound',
            { slot },
            { by: first, endorsers: [first, second] },
        );
        expect(community.network.commit(simulated, [first, outsider])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [first])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [first, second])).toBe('VALID');
        await community.submit(
            'auction:clearRound',
            { slot },
            { endorsers: [second, third], transient: { openings: [] } },
        );
        expect((await community.query('auction:round', { slot })).status).toBe('cleared');
    });

    it('pays what a majority confirmed, and no more than the community has', async () => {
        await community.submit('stake:collect', { day: DAY });
        const before = await community.query('stake:book', {});
        expect(before.balanceNanos).toBeGreaterThan(0n);
        const counts = countsOf([H1, H2]);
        for (const mspId of [H1, H2, H3]) {
            await community.submit('stake:confirmProducers', { epoch: DAY, counts }, { by: mspId, endorsers: [mspId] });
        }
        await community.submit('stake:reward', { epoch: DAY });
        const { postings, confirmedBy } = await community.query('stake:rewards', { epoch: DAY });
        expect(confirmedBy).toEqual([H1, H2, H3]);
        expect(postings.reduce((sum, { amountNanos }) => sum + amountNanos, 0n)).toBe(0n);
        const after = await community.query('stake:book', {});
        expect(after.balanceNanos).toBeGreaterThanOrEqual(0n);
        expect(after.nextBlock).toBe(11);
        expect((await community.query('stake:account', { mspId: H1 })).rounds).toBe(96);
    });

    it('is followed by the next', async () => {
        const next = await closed(community, NEXT);
        expect(next.result?.revealed).toHaveLength(4);
    });
});
