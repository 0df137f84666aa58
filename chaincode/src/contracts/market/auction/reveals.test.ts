import { beforeAll, describe, expect, it } from '@jest/globals';
import { orderKey } from '../../../api/keys';
import { outcomeOf } from '../../../api/outcomes';
import type { OrderRecord } from '../../../api/records';
import type { ArgsOf } from '../../../api/transactions';
import { encodeBytes } from '../../../api/wire';
import { REVEAL_SECONDS } from '../../../domain/tariff/terms';
import { commitment, DSO, FIRST, household, NOW, order, TestCommunity } from '../../../testing/community';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';

const [H1, H2, H3, H4, H5] = [household(1), household(2), household(3), household(4), household(5)];
const HOUSEHOLDS = 5;
/** H1 weighs as much as two others: with one of them, or those three together without it, is a quorum. */
const COMMITTEE = [
    { mspId: H1, weight: 2n },
    { mspId: H2, weight: 1n },
    { mspId: H3, weight: 1n },
    { mspId: H4, weight: 1n },
];
const LIVE_DAY = '2015-01-04';
const LIVE_FIRST = (NOW + 3 * 86_400 - 3_600) / 900;

async function communityWith(seats = COMMITTEE): Promise<TestCommunity> {
    const community = await TestCommunity.governed(HOUSEHOLDS);
    const quorum = { numerator: 1n, denominator: 2n };
    await community.submit('committee:appoint', { fromSlot: FIRST, seats, quorum });
    await community.submit('auction:openDay', { day: '2014-10-03', replay: true }, { endorsers: [DSO, H1] });
    return community;
}

let community: TestCommunity;

/** A closed round with an order of each of these. */
async function closedRound(slot: number, ...owners: string[]): Promise<OrderRecord[]> {
    for (const [i, mspId] of owners.entries()) {
        await community.submitOrder({ mspId, slot, side: i % 2 === 0 ? 'buy' : 'sell', limit: 150_000n });
    }
    await community.submit('auction:closeRound', { slot }, { by: H1, endorsers: [H1, H2] });
    return owners.map((mspId) => community.orders(slot).find((each) => each.mspId === mspId) ?? order({ mspId, slot }));
}

interface Reveal {
    readonly by?: string;
    readonly to?: readonly string[];
    readonly orders?: ArgsOf<'auction:revealOrders'>['orders'];
    readonly time?: number;
}

function revealing(openings: readonly OrderRecord[], { by, to = [H1, H2], orders, time = NOW }: Reveal = {}) {
    const owner = by ?? openings[0]?.mspId ?? '';
    const args = { orders: orders ?? openings.map(({ slot, id }) => ({ slot, id })), to: [...to] };
    const endorsers = [...new Set([owner, ...to])];
    return { args, options: { by: owner, endorsers, transient: { openings }, time } };
}

async function reveal(openings: readonly OrderRecord[], how: Reveal = {}): Promise<string> {
    const { args, options } = revealing(openings, how);
    return community.submit('auction:revealOrders', args, options);
}

async function refusal(openings: readonly OrderRecord[], how: Reveal = {}): Promise<string> {
    const { args, options } = revealing(openings, how);
    return community.refusal('auction:revealOrders', args, options);
}

const markerOf = async ({ slot, mspId }: OrderRecord) =>
    (await community.query('auction:orderMarkers', { slot })).find((each) => each.mspId === mspId);

beforeAll(async () => {
    community = await communityWith();
});

describe('until it is revealed, an order', () => {
    it('is nowhere but with its owner: neither on the channel nor in any collection', async () => {
        const slot = FIRST + 1;
        const [secret] = await closedRound(slot, H5, H1);
        for (const space of ['market', ...[DSO, H1, H2, H5].map((mspId) => `market/_implicit_org_${mspId}`)]) {
            const texts = [...community.network.world.range(space, '')].map(({ value }) =>
                Buffer.from(value).toString(),
            );
            expect(texts.some((text) => text.includes(secret?.salt ?? '') || text.includes('energyWh'))).toBe(false);
        }
        for (const by of [DSO, H5]) {
            expect(await community.query('auction:openings', { from: slot, to: slot }, { by })).toEqual([]);
        }
    });

    it('is hidden by its salt: the right guess of side, energy and limit has another hash', async () => {
        const slot = FIRST + 2;
        const [secret] = await closedRound(slot, H5);
        const guess = order({ mspId: H5, slot, limit: 150_000n }, { salt: '0'.repeat(64) });
        expect(guess).toMatchObject({ side: secret?.side, energyWh: secret?.energyWh, limit: secret?.limit });
        expect(commitment(guess).hash).not.toBe((await markerOf(guess))?.hash);
    });
});

describe('revealed, an order', () => {
    const slot = FIRST + 3;
    let bid: OrderRecord;
    let ask: OrderRecord;

    beforeAll(async () => {
        [bid = order({ mspId: H5, slot }), ask = order({ mspId: H1, slot })] = await closedRound(slot, H5, H1);
    });

    it('is stored with its owner and with those whom it was opened to, and the marker says who they are', async () => {
        await reveal([ask]);
        await reveal([bid]);
        expect((await markerOf(bid))?.holders).toEqual([H1, H2]);
        const openings = (by: string) => community.query('auction:openings', { from: slot, to: slot }, { by });
        expect(await openings(H1)).toEqual([ask, bid]);
        expect(await openings(H2)).toEqual([ask, bid]);
        expect(await openings(H5)).toEqual([bid]);
        expect([await openings(H3), await openings(DSO)]).toEqual([[], []]);
        expect(await community.query('auction:ownOrders', { slot }, { by: H1 })).toEqual([ask]);
    });

    it('may be opened to others who lack it, and not to the same again', async () => {
        expect(await refusal([bid])).toBe('REVEAL_EXISTS');
        await reveal([bid], { to: [H1, H3] });
        expect((await markerOf(bid))?.holders).toEqual([H1, H2, H3]);
        expect(await refusal([bid], { to: [H1, H2] })).toBe('REVEAL_EXISTS');
    });

    it('is cleared by any seat that holds it, which need not have been told first', async () => {
        const openings = await community.query('auction:openings', { from: slot, to: slot }, { by: H2 });
        const options = { by: H2, endorsers: [H2, H3, H4], transient: { openings } };
        await community.submit('auction:clearRound', { slot }, options);
        const round = await community.query('auction:round', { slot });
        expect([bid, ask].map((each) => outcomeOf(round, each)?.reason)).toEqual(['FILLED', 'FILLED']);
        expect(await refusal([bid], { to: [H1, H4] })).toBe('ROUND_FINAL');
    });
});

describe('revealOrders', () => {
    const slot = FIRST + 5;
    const OPEN = FIRST + 6;
    let own: OrderRecord;
    let seat: OrderRecord;

    beforeAll(async () => {
        [own = order({ mspId: H5, slot }), seat = order({ mspId: H1, slot })] = await closedRound(slot, H5, H1);
        await community.submitOrder({ mspId: H5, slot: OPEN });
    });

    // Top to bottom is the order of precedence: each case is also wrong in every way below it that it can be.
    it.each<{ code: string; why: string; given: () => OrderRecord[]; how?: Reveal }>([
        { code: 'MALFORMED', why: 'no order', given: () => [] },
        { code: 'ROUND_UNKNOWN', why: 'no round', given: () => [{ ...own, slot: 1 }], how: { to: [H5] } },
        { code: 'FORBIDDEN', why: 'to an outsider', given: () => [own], how: { to: [H1, H2, H5] } },
        { code: 'FORBIDDEN', why: 'to the grid operator', given: () => [own], how: { to: [DSO, H1] } },
        { code: 'COALITION_TOO_LIGHT', why: 'to a losing coalition', given: () => [own], how: { to: [H3, H4] } },
        { code: 'COALITION_TOO_LIGHT', why: 'to one seat twice', given: () => [own], how: { to: [H1, H1] } },
        { code: 'ROUND_NOT_CLOSED', why: 'before the gate', given: () => [order({ mspId: H5, slot: OPEN })] },
        { code: 'SEAT_UNREVEALED', why: 'to a seat that has not opened its own', given: () => [own] },
        {
            code: 'SEAT_UNREVEALED',
            why: 'wrong, and to such a seat',
            given: () => [{ ...own, energyWh: 1n }],
        },
        {
            code: 'OPENING_UNKNOWN',
            why: "in another's name",
            given: () => [own],
            how: { by: H2, to: [H2, H3, H4] },
        },
        {
            code: 'OPENING_UNKNOWN',
            why: "in another's name, by a seat that holds it",
            given: () => [own],
            how: { by: H4, to: [H2, H3, H4] },
        },
        { code: 'OPENING_UNKNOWN', why: 'twice', given: () => [own, own], how: { to: [H2, H3, H4] } },
        {
            code: 'OPENING_UNKNOWN',
            why: 'what was not submitted',
            given: () => [order({ mspId: H5, slot, id: 'o7' })],
            how: { to: [H2, H3, H4] },
        },
        {
            code: 'OPENING_MISSING',
            why: 'without its opening',
            given: () => [],
            how: { by: 'H5MSP', orders: [{ slot: FIRST + 5, id: 'o1' }], to: [H2, H3, H4] },
        },
        {
            code: 'OPENING_MISMATCH',
            why: 'changed',
            given: () => [order({ mspId: H5, slot, side: 'buy', limit: 160_000n })],
            how: { to: [H2, H3, H4] },
        },
        {
            code: 'OPENING_MISMATCH',
            why: 'the order of another slot',
            given: () => [{ ...order({ mspId: H5, slot: OPEN }), slot }],
            how: { to: [H2, H3, H4] },
        },
    ])('refuses with $code and writes nothing: $why', async ({ code, given, how }) => {
        expect(await refusal(given(), how)).toBe(code);
    });

    it('refuses what its owner committed itself to in place of an order of the slot', async () => {
        const elsewhere = FIRST + 7;
        const replayed = { ...order({ mspId: H5, slot }), slot: elsewhere };
        const orders = [commitment(replayed)];
        await community.submit('auction:submitOrders', { orders }, { by: H5, endorsers: [H5, DSO] });
        await community.submit('auction:closeRound', { slot: elsewhere }, { by: H1, endorsers: [H1, H2] });
        expect(await refusal([replayed])).toBe('RECORD_WRONG');
    });

    it('takes the order of a seat first, from then on those of others', async () => {
        await reveal([seat]);
        await reveal([own]);
    });

    it('takes several rounds at once, all or none', async () => {
        const slots = [FIRST + 8, FIRST + 9];
        const given = (await Promise.all(slots.map((each) => closedRound(each, H5)))).flat();
        const [first = own, second = own] = given;
        expect(await refusal([first, { ...second, energyWh: 1n }])).toBe('OPENING_MISMATCH');
        await reveal([first, second]);
        expect(
            await community.query('auction:openings', { from: slots[0] ?? 0, to: slots[1] ?? 0 }, { by: H2 }),
        ).toEqual(given);
    });

    it('counts only with the endorsement of its owner and of every one of those who shall hold it', async () => {
        const [given = own] = await closedRound(FIRST + 10, H5);
        const { args, options } = revealing([given]);
        const simulated = await community.endorse('auction:revealOrders', args, options);
        for (const endorsers of [
            [H5, H1],
            [H5, H2],
            [H1, H2],
            [H5, H1, H3],
            [DSO, H5, H1],
        ]) {
            expect(community.network.commit(simulated, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
        expect(community.network.commit(simulated, [H5, H1, H2])).toBe('VALID');
    });

    it('conflicts with no reveal of another', async () => {
        const at = FIRST + 11;
        const given = await closedRound(at, H5, H4, H3);
        const simulated = [];
        for (const each of given) {
            const { args, options } = revealing([each]);
            simulated.push([
                await community.endorse('auction:revealOrders', args, options),
                options.endorsers,
            ] as const);
        }
        for (const [one, endorsers] of simulated) {
            expect(community.network.commit(one, endorsers)).toBe('VALID');
        }
    });
});

describe.each([
    { what: 'a live round', replay: false, day: LIVE_DAY, first: LIVE_FIRST },
    { what: 'a round of a replay', replay: true, day: '2014-10-04', first: FIRST + 96 },
])('$what', ({ replay, day, first }) => {
    const slot = first + 20;
    const gate = replay ? NOW : (slot - 2) * 900;
    const byH1 = (time: number) => ({ by: H1, endorsers: [H1, H2], time });
    const clearing = (openings: readonly OrderRecord[], time: number) => ({ ...byH1(time), transient: { openings } });
    const close = (at: number, time: number) => community.submit('auction:closeRound', { slot: at }, byH1(time));

    beforeAll(async () => {
        await community.submit('auction:openDay', { day, replay }, { endorsers: [DSO, H1] });
    });

    it('is not cleared without an order before it was called for and could be revealed since, and then takes no more of them', async () => {
        const [early, late] = [order({ mspId: H5, slot }), order({ mspId: H4, slot })];
        await community.commitTo(early);
        await community.commitTo(late);
        await close(slot, gate);
        expect((await community.query('auction:round', { slot })).closedAt).toBe(gate);
        // Closed at the gate and held back: nobody saw it for longer than there is time to reveal.
        const seen = gate + REVEAL_SECONDS + 1_000;
        const end = seen + REVEAL_SECONDS;
        await reveal([early], { time: seen });
        const refused = (time: number) => community.refusal('auction:clearRound', { slot }, clearing([early], time));
        expect(await refused(seen)).toBe('REVEALS_OPEN');
        await community.submit('auction:callReveals', { slot }, byH1(seen));
        expect((await community.query('auction:round', { slot })).calledAt).toBe(seen);
        expect(await refused(end - 1)).toBe('REVEALS_OPEN');
        expect(await refusal([late], { time: end })).toBe('REVEALS_CLOSED');
        // Who clears may lack it: a second reveal is no late one.
        await reveal([early], { to: [H1, H3], time: end + 60 });
        await community.submit('auction:clearRound', { slot }, clearing([early], end));
        const { dropped } = await community.query('auction:round', { slot });
        expect(dropped).toEqual([{ order: `${H4}/o1`, reason: 'UNREVEALED' }]);
    });

    it('takes an order until the last second, whenever it was called for', async () => {
        const other = slot + 2;
        const given = order({ mspId: H5, slot: other });
        await community.commitTo(given);
        await close(other, gate + 1_800);
        await community.submit('auction:callReveals', { slot: other }, byH1(gate + 1_800));
        await reveal([given], { time: gate + 1_800 + REVEAL_SECONDS - 1 });
    });

    it('is cleared at once where all has been revealed, and nobody has to call', async () => {
        const other = slot + 1;
        const given = order({ mspId: H5, slot: other });
        await community.commitTo(given);
        await close(other, gate + 900);
        await reveal([given], { time: gate + 901 });
        await community.submit('auction:clearRound', { slot: other }, clearing([given], gate + 902));
    });
});

describe('callReveals', () => {
    const [OPEN, CLOSED, CALLED, CLEARED] = [FIRST + 40, FIRST + 41, FIRST + 42, FIRST + 43];

    beforeAll(async () => {
        for (const slot of [CLOSED, CALLED, CLEARED]) {
            await closedRound(slot, ...(slot === CLEARED ? [] : [H5]));
        }
        await community.submit('auction:callReveals', { slot: CALLED }, { by: H3, endorsers: [H1, H3] });
        const nothing = { by: H1, endorsers: [H1, H2], transient: { openings: [] } };
        await community.submit('auction:clearRound', { slot: CLEARED }, nothing);
    });

    it.each([
        { code: 'ROUND_UNKNOWN', by: H5, slot: FIRST + 5_000 },
        { code: 'FORBIDDEN', by: H5, slot: CLEARED },
        { code: 'FORBIDDEN', by: DSO, slot: CLEARED },
        { code: 'ROUND_FINAL', by: H1, slot: CLEARED },
        { code: 'ROUND_NOT_CLOSED', by: H1, slot: OPEN },
        // Or somebody could put the end off again and again.
        { code: 'REVEALS_CALLED', by: H1, slot: CALLED },
    ])('refuses with $code and writes nothing: slot $slot', async ({ code, by, slot }) => {
        expect(await community.refusal('auction:callReveals', { slot }, { by })).toBe(code);
    });

    it('counts only with a quorum of the committee', async () => {
        const simulated = await community.endorse('auction:callReveals', { slot: CLOSED }, { by: H1 });
        for (const endorsers of [[H1], [DSO, H1], [DSO, H1, H5], [H3, H4], [DSO, H3, H4]]) {
            expect(community.network.commit(simulated, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
        expect(community.network.commit(simulated, [H1, H2])).toBe('VALID');
    });
});

describe('orders that stay sealed', () => {
    const [first, second, open] = [FIRST + 60, FIRST + 61, FIRST + 62];
    const sealedIn = (from: number, to: number, of?: string[]) =>
        community.query('auction:sealedOrders', { from, to, ...(of === undefined ? {} : { of }) }, { by: H5 });

    it('are listed over a range of rounds, of everybody or of some, those that are revealed and those of open rounds not', async () => {
        await closedRound(first, H1, H4, H5);
        const [own = order({ mspId: H1, slot: second })] = await closedRound(second, H1, H4);
        await reveal([own]);
        await community.submitOrder({ mspId: H5, slot: open });
        const sealed = [
            ...[H1, H4, H5].map((mspId) => ({ slot: first, order: `${mspId}/o1` })),
            { slot: second, order: `${H4}/o1` },
        ];
        expect(await sealedIn(first, open)).toEqual(sealed);
        expect(await sealedIn(second, second)).toEqual(sealed.slice(3));
        expect(await sealedIn(first, open, [H1, H2])).toEqual(sealed.slice(0, 1));
        expect(await sealedIn(first, open, [])).toEqual([]);
    });
});

describe('a seat that has a closing endorsed and holds it back', () => {
    const slot = FIRST + 50;
    const closing = { by: H1, endorsers: [H1, H2] };

    it('finds that another has closed the round meanwhile, and its own is void', async () => {
        await community.submitOrder({ mspId: H5, slot });
        const held = await community.endorse('auction:closeRound', { slot }, closing);
        await community.submit('auction:closeRound', { slot }, { by: H3, endorsers: [H1, H3], time: NOW + 1 });
        expect(community.network.commit(held, [H1, H2])).toBe('MVCC_READ_CONFLICT');
        expect((await community.query('auction:round', { slot })).closedAt).toBe(NOW + 1);
    });

    it('takes nobody the time to reveal: what it calls for early is endorsed by nobody before the round is closed', async () => {
        const other = slot + 1;
        await community.submitOrder({ mspId: H5, slot: other });
        expect(await community.refusal('auction:callReveals', { slot: other }, closing)).toBe('ROUND_NOT_CLOSED');
    });
});

describe('a seat that holds openings', () => {
    const slot = FIRST + 12;
    const byH1 = (openings: readonly OrderRecord[]) => ({ by: H1, endorsers: [H1, H2], transient: { openings } });
    let given: OrderRecord[];

    beforeAll(async () => {
        given = await closedRound(slot, H4, H5);
        for (const each of given) {
            await reveal([each]);
        }
    });

    it('cannot withhold one: its own and every other honest peer refuses', async () => {
        const refused = community.refusal('auction:clearRound', { slot }, byH1(given.slice(1)));
        expect(await refused).toBe('OPENING_MISSING');
    });

    it('cannot change one', async () => {
        const [first = order({ mspId: H4, slot }), second = first] = given;
        const changed = order({ mspId: H4, slot, energyWh: first.energyWh + 1n });
        expect(await community.refusal('auction:clearRound', { slot }, byH1([changed, second]))).toBe(
            'OPENING_MISMATCH',
        );
    });

    it('cannot put one in that was never submitted, or clear by the word of the grid operator', async () => {
        const stranger = order({ mspId: H3, slot });
        expect(await community.refusal('auction:clearRound', { slot }, byH1([...given, stranger]))).toBe(
            'OPENING_UNKNOWN',
        );
        const byOperator = { ...byH1(given), by: DSO };
        expect(await community.refusal('auction:clearRound', { slot }, byOperator)).toBe('FORBIDDEN');
    });

    it('cannot mark an order as revealed that nobody opened, unless it finds a quorum that lies with it', () => {
        const { type, parts } = orderKey(slot, H4, 'o1');
        const place = placeOf('market', compositeKey(type, parts));
        const writes = new Map([[place, encodeBytes({ holders: [H1, H2] })]]);
        for (const endorsers of [[H1], [H1, DSO], [H1, H5], [DSO, H1, H5], [H3, H4], [DSO, H3, H4]]) {
            expect(community.network.forge({ writes }, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
    });
});
