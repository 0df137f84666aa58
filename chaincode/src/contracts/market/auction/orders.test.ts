import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ArgsOf } from '../../../api/transactions';
import {
    commitment,
    DAY,
    DSO,
    FIRST,
    household,
    NOW,
    order,
    SEATS,
    TERMS,
    TestCommunity,
} from '../../../testing/community';
import { MOST_ORDERS_OF_MEMBER } from './order-rules';

const [H1, H2, H3] = [household(1), household(2), household(3)];
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
    await community.submit(
        'auction:openDay',
        { day: LIVE_DAY, replay: false },
        { endorsers: [DSO, H1, H2], time: BEFORE },
    );
});

type Submission = ArgsOf<'auction:submitOrders'>['orders'];

function refusal(orders: Submission, { by = H1, time = NOW }: { by?: string; time?: number } = {}): Promise<string> {
    return community.refusal('auction:submitOrders', { orders }, { by, endorsers: [H1, DSO], time });
}

function cancelling(slot: number, id: string, { by = H1, time = NOW } = {}): Promise<string> {
    return community.refusal('auction:cancelOrder', { slot, id }, { by, endorsers: SEATS, time });
}

describe('cancelOrder', () => {
    const SLOT = FIRST + 14;
    const cancel = { slot: SLOT, id: 'first' };

    it('takes an order out of its round and leaves the others', async () => {
        await community.submitOrder({ mspId: H1, slot: SLOT, id: 'first', energyWh: 300n });
        await community.submitOrder({ mspId: H1, slot: SLOT, id: 'second', energyWh: 200n });
        await community.submit('auction:cancelOrder', cancel, { by: H1, endorsers: SEATS });
        expect(await cancelling(SLOT, 'first')).toBe('ORDER_CANCELLED');
        expect(await refusal([commitment(order({ mspId: H1, slot: SLOT, id: 'first' }))])).toBe('ORDER_EXISTS');
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

    it('needs a quorum of the committee: not even the owner with the grid operator changes a marker', async () => {
        const given = await community.endorse(
            'auction:cancelOrder',
            { slot: OPEN, id: 'taken' },
            { by: H1, endorsers: [H1] },
        );
        for (const endorsers of [[H1], [H1, DSO], [DSO, H2, H3]]) {
            expect(community.network.commit(given, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
    });
});

describe('an order without a limit', () => {
    it('trades at any price within floor and cap, and sets none of its own within the grid', async () => {
        const slot = FIRST + 15;
        await community.submitOrder({ mspId: H1, slot, side: 'buy', energyWh: 300n, limit: null });
        await community.submitOrder({ mspId: H2, slot, side: 'sell', energyWh: 300n, limit: null });
        await community.closeRound(slot);
        await community.clearRound(slot);
        expect((await community.query('auction:round', { slot })).price).toBe(155_000n);
    });
});

describe('submitOrders', () => {
    const good = commitment(order({ mspId: H1, slot: OPEN }));
    const of = (slot: number, id = 'o1') => commitment(order({ mspId: H1, slot, id }));
    const unsigned = (slot: number) => ({ ...of(slot), hash: '0'.repeat(64) });
    const many = Array.from({ length: MOST_ORDERS_OF_MEMBER }, (_, i) => of(OPEN, `n${i}`));

    // Top to bottom is the order of precedence: each case is also wrong in every way below it.
    it.each<{ code: string; orders: Submission; by?: string; time?: number }>([
        { code: 'MALFORMED', orders: [] },
        { code: 'MEMBER_NOT_ACTIVE', orders: [unsigned(1)] },
        { code: 'MEMBER_NOT_ACTIVE', orders: [unsigned(CLOSED)], by: 'H9MSP' },
        { code: 'SIGNATURE_INVALID', orders: [unsigned(FIRST + 200)] },
        { code: 'SIGNATURE_INVALID', orders: [of(FIRST + 200)], by: H2 },
        { code: 'SIGNATURE_INVALID', orders: [{ ...of(OPEN), slot: FIRST + 200 }] },
        { code: 'ROUND_UNKNOWN', orders: [of(FIRST + 200)] },
        { code: 'ROUND_NOT_OPEN', orders: [of(CLOSED, 'taken')] },
        { code: 'GATE_CLOSED', orders: [of(LIVE_FIRST + 3)], time: (LIVE_FIRST + 1) * 900 },
        { code: 'ORDER_EXISTS', orders: [...many.slice(1), of(OPEN, 'taken')] },
        { code: 'ORDER_EXISTS', orders: [good, good] },
        { code: 'TOO_MANY_ORDERS', orders: many },
        { code: 'ROUND_NOT_OPEN', orders: [good, of(CLOSED)] },
    ])('refuses with $code and writes nothing', async ({ code, orders, by, time }) => {
        expect(await refusal(orders, { ...(by && { by }), ...(time && { time }) })).toBe(code);
    });

    it('takes several at once, and tells of them that they are there', async () => {
        const [one, other] = [FIRST + 16, FIRST + 17];
        const orders = [of(one), of(one, 'o2'), of(other)];
        const options = { by: H1, endorsers: [H1, DSO] };
        const { response, set } = await community.endorse('auction:submitOrders', { orders }, options);
        expect(JSON.parse(response)).toEqual({ orders: [`${H1}/o1`, `${H1}/o2`, `${H1}/o1`] });
        expect([set.writes.size, set.policies.size, set.privateWrites.size]).toEqual([3, 3, 0]);
    });

    it('takes orders of a live day until the gate, by the time of the proposal', async () => {
        const slot = LIVE_FIRST + 40;
        const gate = (slot - TERMS.gateSlots) * 900;
        const late = order({ mspId: H1, slot });
        expect(await refusal([commitment(late)], { time: gate })).toBe('GATE_CLOSED');
        await community.commitTo(late, gate - 1);
    });

    it('is not endorsed by others than a household and the grid operator', async () => {
        const orders = [of(OPEN, 'alone')];
        const simulated = await community.endorse('auction:submitOrders', { orders }, { by: H1 });
        expect(community.network.commit(simulated, [H1, H2])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [H1])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [H1, DSO])).toBe('VALID');
    });

    it('conflicts with nothing but the close of its round', async () => {
        const slot = FIRST + 12;
        const submit = async (mspId: string) => {
            const orders = [commitment(order({ mspId, slot }))];
            return community.endorse('auction:submitOrders', { orders }, { by: mspId, endorsers: [mspId, DSO] });
        };
        const [first, second, late] = [await submit(H1), await submit(H2), await submit(H3)];
        expect(community.network.commit(first, [H1, DSO])).toBe('VALID');
        expect(community.network.commit(second, [H2, DSO])).toBe('VALID');
        await community.closeRound(slot);
        expect(community.network.commit(late, [H3, DSO])).toBe('MVCC_READ_CONFLICT');
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
        expect(await community.refusal('auction:openDay', args, { by, endorsers: [DSO, H1, H2], time })).toBe(code);
    });

    it('refuses a replay where the rules do not allow it, and a day that nobody governs', async () => {
        const options = { endorsers: [DSO, H1, H2], time: BEFORE };
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
