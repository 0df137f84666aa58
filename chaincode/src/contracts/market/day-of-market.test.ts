import { beforeAll, describe, expect, it } from '@jest/globals';
import { outcomeOf } from '../../api/outcomes';
import type { OrderRecord, SettlementRecord } from '../../api/records';
import { DAY, DSO, FIRST, household, order, ownerKey, TestCommunity, type OrderShape } from '../../testing/community';
import { testSalt } from '../../testing/identities';
import { signedBill } from '../../testing/market/closing';
import { tradedDay } from '../../testing/market/traded-day';

/** H1 and H2 buy, H3 sells, in slot 40 of the day; H4 has no order. */
const SLOT = FIRST + 40;
const SHAPES: readonly OrderShape[] = [
    { mspId: household(1), slot: SLOT, side: 'buy', energyWh: 300n, limit: 200_000n },
    { mspId: household(2), slot: SLOT, side: 'buy', energyWh: 500n, limit: 180_000n },
    { mspId: household(3), slot: SLOT, side: 'sell', energyWh: 600n, limit: 100_000n },
];

let community: TestCommunity;
let orders: readonly OrderRecord[];
let settlements: readonly SettlementRecord[];

describe('a day of the market', () => {
    beforeAll(async () => {
        community = await TestCommunity.trading(4);
        const metered = Object.fromEntries(
            [-300n, -450n, 700n, -50n].map((net, i) => [household(i + 1), { [SLOT]: net }]),
        );
        settlements = await tradedDay(community, SHAPES, metered);
        orders = community.orders(SLOT);
    }, 60_000);

    it('clears at the uniform price and tells each owner its outcome only', async () => {
        const round = await community.query('auction:round', { slot: SLOT });
        // Supply of 600 lies between the bids: the marginal bid sets the top, the unfilled one's limit the bottom.
        expect(round.price).toBe(180_000n);
        expect(round.volumeWh).toBeUndefined();
        const outcome = (i: number): unknown => outcomeOf(round, orders[i] ?? order(SHAPES[0] as OrderShape));
        expect([0, 1, 2].map(outcome)).toMatchObject([
            { fill: 300n, reason: 'FILLED' },
            { fill: 300n, reason: 'RATIONED' },
            { fill: 600n, reason: 'FILLED' },
        ]);
        const [first, second] = orders;
        expect(outcomeOf(round, { ...(first as OrderRecord), salt: (second as OrderRecord).salt })?.fill).not.toBe(
            300n,
        );
    });

    it('shows the grid operator the orders once they are settled, and nobody else but the committee', async () => {
        const openings = (by: string) => community.query('auction:openings', { from: SLOT, to: SLOT }, { by });
        expect(await openings(DSO)).toEqual(orders);
        expect(await openings(household(4))).toEqual([]);
    });

    it('settles what was traded at the price and the rest at the tariffs', () => {
        const [first, second, third] = settlements;
        expect(first?.slots[40]).toMatchObject({
            boughtWh: 300n,
            soldWh: 0n,
            meteredWh: -300n,
            paidNanos: 54_000_000n,
        });
        expect(second?.slots[40]).toMatchObject({ boughtWh: 300n, meteredWh: -450n });
        expect(third?.slots[40]).toMatchObject({ soldWh: 600n, meteredWh: 700n });
        expect(
            settlements.map(({ postings }) => postings.reduce((sum, { amountNanos }) => sum + amountNanos, 0n)),
        ).toEqual([0n, 0n, 0n, 0n]);
    });

    it('closes the day on sums that agree', async () => {
        const { status, sums } = await community.query('billing:totals', { day: DAY });
        expect(status).toBe('closed');
        expect(sums).toMatchObject({ households: 4, tradedWh: 600n, provisional: false });
        expect(sums?.postings.reduce((sum, { amountNanos }) => sum + amountNanos, 0n)).toBe(0n);
    });

    it('issues a bill that household and grid operator hold alike', async () => {
        const mspId = household(1);
        const period = { mspId, from: DAY, to: DAY };
        const inputs = { settlements: settlements.slice(0, 1), salt: testSalt('bill') };
        const draft = await community.query('billing:draftBill', period, { by: mspId, transient: inputs });
        const { signatures } = signedBill(draft, ownerKey(mspId));
        await community.submit('billing:issueBill', period, {
            by: mspId,
            endorsers: [mspId, DSO],
            transient: { ...inputs, ...signatures },
        });
        const own = await community.query('billing:ownBill', { from: DAY, to: DAY }, { by: mspId });
        expect(await community.query('billing:ownBill', period)).toEqual(own);
        expect(own.lines.find(({ item }) => item === 'localPurchase')).toMatchObject({
            energyWh: 300n,
            rounds: [SLOT],
        });
        const account = await community.query('billing:ownAccount', { from: DAY, to: DAY }, { by: mspId });
        expect(account.balanceNanos).toBe(own.balanceNanos);
    });

    it('keeps what is private out of everything that is on the channel', () => {
        const channel = [...community.network.world.range('market', '')].map(({ value }) =>
            Buffer.from(value).toString(),
        );
        for (const { salt, signature } of [...orders, ...settlements]) {
            expect(channel.some((text) => text.includes(salt) || text.includes(signature))).toBe(false);
        }
    });
});
