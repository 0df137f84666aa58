import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EpochRecord, SettlementRecord } from '../../../api/records';
import { markerOfSettlement } from '../../../api/settlements';
import { encodeBytes } from '../../../api/wire';
import { ownerPolicy } from '../../../ledger/market-policies';
import { DAY, DSO, FIRST, household, TestCommunity } from '../../../testing/community';
import { closed, countsOf, PARAMETERS, commit, reveal } from '../../../testing/epochs';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
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
                // H2 sells to itself what its panels give: dropped, and worth no token.
                { mspId: H2, slot: SLOT + 1, id: 'o1', side: 'sell', energyWh: 1_000n, limit: 90_000n },
                { mspId: H2, slot: SLOT + 1, id: 'o2', side: 'buy', energyWh: 1_000n },
            ],
            { [H2]: { [SLOT + 1]: 1_000n }, [H3]: { [SLOT]: 1_000n }, [H4]: { [SLOT]: 1_000n } },
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
        await community.submit('auction:openDay', { day: NEXT, replay: true }, { endorsers: [DSO, H1, H2] });
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
            { by: second, endorsers: [second, third], transient: { openings: [] } },
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

    describe('publishEnergy', () => {
        const LAGGING = '2014-10-06';
        const of = (mspId: string): SettlementRecord | undefined => settlements.find((each) => each.mspId === mspId);
        const place = placeOf('market', compositeKey('settlement', [DAY, H2]));

        beforeAll(async () => {
            await community.submit('stake:setParameters', { ...PARAMETERS, fromDay: LAGGING, energyLagDays: 3 });
            await community.submit('stake:openEpoch', { epoch: '2014-10-05' });
            await community.submit('stake:openEpoch', { epoch: LAGGING });
            await community.submit('stake:openEpoch', { epoch: '2014-10-07' });
            const options = { by: H1, endorsers: [H1, DSO], transient: { settlement: of(H1) } };
            await community.submit('stake:publishEnergy', { epoch: LAGGING }, options);
        });

        it.each([
            { code: 'EPOCH_UNKNOWN', by: household(9), epoch: '2014-10-08', of: H3 },
            { code: 'NOT_IN_EPOCH', by: household(9), epoch: DAY, of: H3 },
            { code: 'COMMITMENTS_CLOSED', by: H2, epoch: DAY, of: H3 },
            { code: 'ENERGY_EXISTS', by: H1, epoch: LAGGING, of: H3 },
            { code: 'DAY_UNKNOWN', by: H2, epoch: '2014-10-05', of: H3 },
            { code: 'SETTLEMENT_MISSING', by: H2, epoch: '2014-10-07', of: H3 },
            { code: 'OPENING_MISMATCH', by: H2, epoch: LAGGING, of: H3 },
        ])('is refused with $code and nothing is written', async ({ code, by, epoch, of: whose }) => {
            const options = { by, endorsers: [by, DSO], transient: { settlement: of(whose) } };
            expect(await community.refusal('stake:publishEnergy', { epoch }, options)).toBe(code);
        });

        it('believes no marker whose parties did not make it, and no settlement that its owner did not sign', async () => {
            const settlement = { ...(of(H2) as SettlementRecord), signature: (of(H1) as SettlementRecord).signature };
            const options = { by: H2, endorsers: [H2, DSO], transient: { settlement } };
            const marker = { ...markerOfSettlement(settlement), signature: settlement.signature };
            const writes = new Map([[place, encodeBytes(marker)]]);
            expect(community.network.forge({ writes }, [H2, DSO])).toBe('VALID');
            expect(await community.refusal('stake:publishEnergy', { epoch: LAGGING }, options)).toBe(
                'SIGNATURE_INVALID',
            );
            const policies = new Map([[place, ownerPolicy(H2)]]);
            expect(community.network.forge({ policies }, [H2, DSO])).toBe('VALID');
            expect(await community.refusal('stake:publishEnergy', { epoch: LAGGING }, options)).toBe(
                'KEY_POLICY_WRONG',
            );
        });
    });
});
