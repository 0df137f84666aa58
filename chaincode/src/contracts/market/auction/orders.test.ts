import { beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderRecord } from '../../../api/records';
import { DAY, DSO, FIRST, household, NOW, order, ownerKey, TERMS, TestCommunity } from '../../../testing/community';

const [H1, H2] = [household(1), household(2)];
const OPEN = FIRST + 10;
const CLOSED = FIRST + 11;
/** 2015-06-01, opened as a day that is still to come. */
const LIVE_DAY = '2015-06-01';
const LIVE_FIRST = 1_433_113_200 / 900;
const BEFORE = LIVE_FIRST * 900 - 86_400;

let community: TestCommunity;

beforeAll(async () => {
    community = await TestCommunity.trading(3);
    await community.submitOrder({ mspId: H1, slot: OPEN, id: 'taken' });
    await community.closeRound(CLOSED);
    await community.submit('auction:openDay', { day: LIVE_DAY, replay: false }, { endorsers: [DSO, H1], time: BEFORE });
});

function refusal(given: OrderRecord, { by = H1, time = NOW }: { by?: string; time?: number } = {}): Promise<string> {
    return community.refusal(
        'auction:submitOrder',
        { slot: given.slot, id: given.id },
        { by, endorsers: [H1, DSO], transient: { order: given }, time },
    );
}

function cancelling(slot: number, id: string, { by = H1, time = NOW } = {}): Promise<string> {
    return community.refusal('auction:cancelOrder', { slot, id }, { by, endorsers: [by, DSO], time });
}

describe('cancelOrder', () => {
    const SLOT = FIRST + 14;
    const cancel = { slot: SLOT, id: 'first' };

    it('takes an order out of its round and leaves the others', async () => {
        await community.submitOrder({ mspId: H1, slot: SLOT, id: 'first', energyWh: 300n });
        await community.submitOrder({ mspId: H1, slot: SLOT, id: 'second', energyWh: 200n });
        await community.submit('auction:cancelOrder', cancel, { by: H1, endorsers: [H1, DSO] });
        expect(await community.query('auction:ownOrders', { slot: SLOT }, { by: H1 })).toHaveLength(1);
        expect(await cancelling(SLOT, 'first')).toBe('ORDER_CANCELLED');
        expect(await refusal(order({ mspId: H1, slot: SLOT, id: 'first' }))).toBe('ORDER_EXISTS');
        await community.closeRound(SLOT);
        const { closed, dropped } = await community.query('auction:round', { slot: SLOT });
        expect([closed?.map((each) => each.order), dropped]).toEqual([[`${H1}/second`], []]);
    });

    it.each([
        { code: 'ROUND_UNKNOWN', slot: FIRST + 200, id: 'taken' },
        { code: 'ROUND_NOT_OPEN', slot: CLOSED, id: 'taken' },
        { code: 'GATE_CLOSED', slot: LIVE_FIRST + 3, id: 'taken', time: LIVE_FIRST * 900 + 900 },
        { code: 'ORDER_UNKNOWN', slot: OPEN, id: 'never' },
        { code: 'ORDER_UNKNOWN', slot: OPEN, id: 'taken', by: H2 },
    ])('is refused with $code', async ({ code, slot, id, by = H1, time = NOW }) => {
        expect(await cancelling(slot, id, { by, time })).toBe(code);
    });

    it("needs the grid operator's endorsement as well as the owner's", async () => {
        const alone = await community.endorse(
            'auction:cancelOrder',
            { slot: OPEN, id: 'taken' },
            { by: H1, endorsers: [H1] },
        );
        expect(community.network.commit(alone, [H1])).toBe('ENDORSEMENT_POLICY_FAILURE');
    });
});

describe('an order without a limit', () => {
    it('trades at any price within floor and cap, and sets none of its own within the grid', async () => {
        const slot = FIRST + 15;
        await community.submitOrder({ mspId: H1, slot, side: 'buy', energyWh: 300n, limit: null });
        await community.submitOrder({ mspId: H2, slot, side: 'sell', energyWh: 300n, limit: null });
        await community.closeRound(slot);
        await community.clearRound(slot, await community.query('auction:ownOrders', { slot }));
        expect((await community.query('auction:round', { slot })).price).toBe(155_000n);
    });
});

describe('submitOrder', () => {
    // Top to bottom is the order of precedence: each case is also wrong in every way below it.
    it.each([
        {
            code: 'FORBIDDEN',
            given: order({ mspId: H1, slot: 1, energyWh: 0n }, { key: 'other' }, ownerKey(H2)),
            by: H2,
        },
        {
            code: 'MEMBER_NOT_ACTIVE',
            given: order({ mspId: 'H9MSP', slot: 1, energyWh: 0n }, { key: 'x' }),
            by: 'H9MSP',
        },
        { code: 'RECORD_WRONG', given: order({ mspId: H1, slot: CLOSED, energyWh: 0n }, { key: 'x' }, ownerKey(H2)) },
        { code: 'SIGNATURE_INVALID', given: order({ mspId: H1, slot: FIRST + 200, energyWh: 0n }, {}, ownerKey(H2)) },
        { code: 'ROUND_UNKNOWN', given: order({ mspId: H1, slot: FIRST + 200, energyWh: 0n }) },
        { code: 'ROUND_NOT_OPEN', given: order({ mspId: H1, slot: CLOSED, energyWh: 0n }) },
        { code: 'ORDER_EXISTS', given: order({ mspId: H1, slot: OPEN, id: 'taken', energyWh: 0n, limit: -1n }) },
        { code: 'ORDER_ZERO', given: order({ mspId: H1, slot: OPEN, energyWh: 0n, limit: -1n }) },
        { code: 'ORDER_ABOVE_LIMIT', given: order({ mspId: H1, slot: OPEN, energyWh: 1_501n, limit: -1n }) },
        { code: 'ORDER_ABOVE_LIMIT', given: order({ mspId: H1, slot: OPEN, side: 'sell', energyWh: 1_001n }) },
        { code: 'PRICE_OUTSIDE_LIMITS', given: order({ mspId: H1, slot: OPEN, limit: -1n }) },
        { code: 'PRICE_OUTSIDE_LIMITS', given: order({ mspId: H1, slot: OPEN, limit: TERMS.cap + 1n }) },
    ])('refuses with $code and writes nothing', async ({ code, given, by }) => {
        expect(await refusal(given, by === undefined ? {} : { by })).toBe(code);
    });

    it('takes what the connection just carries, at floor and cap', async () => {
        await community.submitOrder({ mspId: H1, slot: OPEN, id: 'most', energyWh: 1_500n, limit: TERMS.cap });
        await community.submitOrder({ mspId: H1, slot: OPEN, id: 'sale', side: 'sell', energyWh: 1_000n, limit: 0n });
    });

    it('takes orders of a live day until the gate, by the time of the proposal', async () => {
        const slot = LIVE_FIRST + 40;
        const gate = (slot - TERMS.gateSlots) * 900;
        const late = order({ mspId: H1, slot });
        expect(await refusal(late, { time: gate })).toBe('GATE_CLOSED');
        await community.submit(
            'auction:submitOrder',
            { slot, id: late.id },
            { by: H1, endorsers: [H1, DSO], transient: { order: late }, time: gate - 1 },
        );
    });

    it('does not tell what was ordered in a refusal', async () => {
        const given = order({ mspId: H1, slot: OPEN, energyWh: 987_654n, limit: 123_456n });
        const options = { by: H1, endorsers: [H1, DSO], transient: { order: given } };
        const refused = community.endorse('auction:submitOrder', { slot: OPEN, id: given.id }, options);
        await expect(refused).rejects.not.toThrow(/987654|123456/);
    });

    it('is not endorsed by others than household and grid operator', async () => {
        const given = order({ mspId: H1, slot: OPEN, id: 'alone' });
        const simulated = await community.endorse(
            'auction:submitOrder',
            { slot: OPEN, id: 'alone' },
            { by: H1, transient: { order: given } },
        );
        expect(community.network.commit(simulated, [DSO, H2])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [H1])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [H1, DSO])).toBe('VALID');
    });

    it('conflicts with nothing but the close of its round', async () => {
        const slot = FIRST + 12;
        const submit = async (mspId: string) => {
            const given = order({ mspId, slot });
            const options = { by: mspId, endorsers: [mspId, DSO], transient: { order: given } };
            return community.endorse('auction:submitOrder', { slot, id: given.id }, options);
        };
        const [first, second, late] = [await submit(H1), await submit(H2), await submit(household(3))];
        expect(community.network.commit(first, [H1, DSO])).toBe('VALID');
        expect(community.network.commit(second, [H2, DSO])).toBe('VALID');
        await community.closeRound(slot);
        expect(community.network.commit(late, [household(3), DSO])).toBe('MVCC_READ_CONFLICT');
    });
});

describe('openDay', () => {
    const time = BEFORE;
    it.each([
        { code: 'FORBIDDEN', by: H1, args: { day: '2015-02-30', replay: true } },
        { code: 'DAY_UNKNOWN', by: DSO, args: { day: '2015-02-30', replay: true } },
        { code: 'DAY_PAST', by: DSO, args: { day: '2014-09-01', replay: false } },
        { code: 'DAY_TOO_FAR', by: DSO, args: { day: '2015-12-01', replay: false } },
        { code: 'TERMS_MISSING', by: DSO, args: { day: '2014-09-01', replay: true } },
        { code: 'DAY_EXISTS', by: DSO, args: { day: DAY, replay: true } },
        { code: 'DAY_EXISTS', by: DSO, args: { day: LIVE_DAY, replay: false } },
    ])('refuses with $code and writes nothing', async ({ code, by, args }) => {
        expect(await community.refusal('auction:openDay', args, { by, endorsers: [DSO, H1], time })).toBe(code);
    });

    it('refuses a replay where the rules do not allow it, and a day that nobody governs', async () => {
        const options = { endorsers: [DSO, H1], time: BEFORE };
        const late = { day: '2014-10-01', replay: true };
        expect(await community.refusal('auction:openDay', late, options)).toBe('COMMITTEE_MISSING');
        const strict = await TestCommunity.governed(3, {
            replayAllowed: false,
            fromDay: '2015-01-02',
            fromSlot: 1_420_153_200 / 900,
        });
        expect(await strict.refusal('auction:openDay', late, options)).toBe('REPLAY_FORBIDDEN');
        const other = new TestCommunity(3);
        expect(await other.refusal('auction:openDay', late, options)).toBe('NOT_ESTABLISHED');
    });
});
