import { describe, expect, it } from '@jest/globals';
import { outcomeOf } from '../../api/outcomes';
import type { MechanismChoice, OrderRecord } from '../../api/records';
import { DAY, FIRST, household, TERMS, TestCommunity, type OrderShape } from '../../testing/community';
import { tradedDay } from '../../testing/market/traded-day';

const SLOT = FIRST + 40;
const SHAPES: readonly OrderShape[] = [
    { mspId: household(1), slot: SLOT, side: 'buy', energyWh: 300n, limit: 200_000n },
    { mspId: household(2), slot: SLOT, side: 'buy', energyWh: 300n, limit: 150_000n },
    { mspId: household(3), slot: SLOT, side: 'sell', energyWh: 300n, limit: 90_000n },
    { mspId: household(4), slot: SLOT, side: 'sell', energyWh: 300n, limit: 100_000n },
];

/** Three quarters of what H3 makes are H1's, one quarter H2's; H4 has given nobody a share. */
const KEYS = [
    { producer: household(3), consumer: household(1), weight: 3n },
    { producer: household(3), consumer: household(2), weight: 1n },
];

describe('a day under another rule than the uniform price', () => {
    it.each<{ choice: MechanismChoice; amounts: readonly bigint[]; community: bigint }>([
        // The marginal pair, H2 and H4, prices and leaves: H1 pays H2's limit, H3 gets H4's, the community keeps 0.05 of each kWh.
        { choice: { name: 'trade-reduction/v1' }, amounts: [45_000_000n, 0n, 30_000_000n, 0n], community: 15_000_000n },
        {
            choice: { name: 'pay-as-bid/v1' },
            amounts: [60_000_000n, 45_000_000n, 60_000_000n, 45_000_000n],
            community: 0n,
        },
        // Mid-market rate, half way between 0.08 and 0.23: too dear for H2, so H1 has all of the shares.
        {
            choice: { name: 'sharing-matrix/v1', keys: KEYS },
            amounts: [300n * 155_000n, 0n, 300n * 155_000n, 0n],
            community: 0n,
        },
        {
            choice: { name: 'mcafee/v1', lotWh: 300n },
            amounts: [45_000_000n, 0n, 30_000_000n, 0n],
            community: 15_000_000n,
        },
    ])(
        '$choice.name',
        async ({ choice, amounts, community: surplus }) => {
            const community = await TestCommunity.trading(4, { terms: { ...TERMS, mechanism: choice } });
            const metered: Record<string, Record<number, bigint>> = {};
            for (const { mspId, side } of SHAPES) {
                metered[mspId] = { [SLOT]: side === 'buy' ? -300n : 300n };
            }
            await tradedDay(community, SHAPES, metered);
            const orders = community.orders(SLOT);
            const round = await community.query('auction:round', { slot: SLOT });
            expect(round.mechanism).toBe(choice.name);
            const byMember = SHAPES.map(({ mspId }) => orders.find((one) => one.mspId === mspId) as OrderRecord);
            expect(byMember.map((order) => outcomeOf(round, order)?.amount)).toEqual(amounts);
            const { sums } = await community.query('billing:totals', { day: DAY });
            const posted = Object.fromEntries((sums?.postings ?? []).map((each) => [each.account, each.amountNanos]));
            expect([posted['clearing'] ?? 0n, posted['deviation'] ?? 0n]).toEqual([0n, 0n]);
            const bought = byMember
                .filter(({ side }) => side === 'buy')
                .reduce((sum, order) => sum + (outcomeOf(round, order)?.fill ?? 0n), 0n);
            const spread = (sums?.slots ?? []).reduce((sum, slot) => sum + slot.spreadNanos, 0n);
            expect(posted['community']).toBe(bought * TERMS.communityFee + spread + surplus);
        },
        60_000,
    );
});

describe('a choice of rule', () => {
    it.each<{ why: string; choice: MechanismChoice }>([
        { why: 'unit demand without a lot', choice: { name: 'mcafee/v1' } },
        { why: 'a lot for a rule that has none', choice: { name: 'pay-as-bid/v1', lotWh: 100n } },
        { why: 'shares without keys', choice: { name: 'sharing-static/v1' } },
        {
            why: 'keys that are all zero',
            choice: { name: 'sharing-static/v1', keys: [{ consumer: 'H1MSP', weight: 0n }] },
        },
        { why: 'keys for a rule that has none', choice: { name: 'sharing-equal/v1', keys: KEYS } },
        {
            why: 'a matrix without producers',
            choice: { name: 'sharing-matrix/v1', keys: [{ consumer: 'H1MSP', weight: 1n }] },
        },
        { why: 'producers where there is no matrix', choice: { name: 'sharing-static/v1', keys: KEYS } },
        { why: 'two keys of one pair', choice: { name: 'sharing-matrix/v1', keys: [...KEYS, ...KEYS] } },
    ])('is refused with $why', async ({ choice }) => {
        const community = await TestCommunity.governed(4);
        const terms = { ...TERMS, fromDay: '2015-01-01', mechanism: choice };
        expect(await community.refusal('tariffs:schedule', terms)).toBe('TERMS_INVALID');
    });
});
