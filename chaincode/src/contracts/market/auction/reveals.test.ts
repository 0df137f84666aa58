import { beforeAll, describe, expect, it } from '@jest/globals';
import { orderKey } from '../../../api/keys';
import { outcomeOf } from '../../../api/outcomes';
import type { OrderRecord } from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import { commitment, DSO, FIRST, household, order, type TestCommunity } from '../../../testing/community';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import { revealing, SealedRounds, type Reveal } from '../../../testing/market/sealed-rounds';

const [H1, H2, H3, H4, H5] = [household(1), household(2), household(3), household(4), household(5)];
let rounds: SealedRounds;
let community: TestCommunity;

const markerOf = async ({ slot, mspId }: OrderRecord) =>
    (await community.query('auction:orderMarkers', { slot })).find((each) => each.mspId === mspId);

beforeAll(async () => {
    rounds = await SealedRounds.open();
    ({ community } = rounds);
});

describe('until it is revealed, an order', () => {
    it('is nowhere but with its owner: neither on the channel nor in any collection', async () => {
        const slot = FIRST + 1;
        const [secret] = await rounds.closed(slot, H5, H1);
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
        const [secret] = await rounds.closed(slot, H5);
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
        [bid = order({ mspId: H5, slot }), ask = order({ mspId: H1, slot })] = await rounds.closed(slot, H5, H1);
    });

    it('is stored with its owner and with those whom it was opened to, and the marker says who they are', async () => {
        await rounds.reveal([ask]);
        await rounds.reveal([bid]);
        expect((await markerOf(bid))?.holders).toEqual([H1, H2]);
        const openings = (by: string) => community.query('auction:openings', { from: slot, to: slot }, { by });
        expect(await openings(H1)).toEqual([ask, bid]);
        expect(await openings(H2)).toEqual([ask, bid]);
        expect(await openings(H5)).toEqual([bid]);
        expect([await openings(H3), await openings(DSO)]).toEqual([[], []]);
        expect(await community.query('auction:ownOrders', { slot }, { by: H1 })).toEqual([ask]);
    });

    it('may be opened to others who lack it, and not to the same again', async () => {
        expect(await rounds.refusal([bid])).toBe('REVEAL_EXISTS');
        await rounds.reveal([bid], { to: [H1, H3] });
        expect((await markerOf(bid))?.holders).toEqual([H1, H2, H3]);
        expect(await rounds.refusal([bid], { to: [H1, H2] })).toBe('REVEAL_EXISTS');
    });

    it('is cleared by any seat that holds it, which need not have been told first', async () => {
        const openings = await community.query('auction:openings', { from: slot, to: slot }, { by: H2 });
        const options = { by: H2, endorsers: [H2, H3, H4], transient: { openings } };
        await community.submit('auction:clearRound', { slot }, options);
        const round = await community.query('auction:round', { slot });
        expect([bid, ask].map((each) => outcomeOf(round, each)?.reason)).toEqual(['FILLED', 'FILLED']);
        expect(await rounds.refusal([bid], { to: [H1, H4] })).toBe('ROUND_FINAL');
    });
});

describe('revealOrders', () => {
    const slot = FIRST + 5;
    const OPEN = FIRST + 6;
    let own: OrderRecord;
    let seat: OrderRecord;

    beforeAll(async () => {
        [own = order({ mspId: H5, slot }), seat = order({ mspId: H1, slot })] = await rounds.closed(slot, H5, H1);
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
        expect(await rounds.refusal(given(), how)).toBe(code);
    });

    it('refuses what its owner committed itself to in place of an order of the slot', async () => {
        const elsewhere = FIRST + 7;
        const replayed = { ...order({ mspId: H5, slot }), slot: elsewhere };
        const orders = [commitment(replayed)];
        await community.submit('auction:submitOrders', { orders }, { by: H5, endorsers: [H5, DSO] });
        await community.submit('auction:closeRound', { slot: elsewhere }, { by: H1, endorsers: [H1, H2] });
        expect(await rounds.refusal([replayed])).toBe('RECORD_WRONG');
    });

    it('takes the order of a seat first, from then on those of others', async () => {
        await rounds.reveal([seat]);
        await rounds.reveal([own]);
    });

    it('takes several rounds at once, all or none', async () => {
        const slots = [FIRST + 8, FIRST + 9];
        const given = (await Promise.all(slots.map((each) => rounds.closed(each, H5)))).flat();
        const [first = own, second = own] = given;
        expect(await rounds.refusal([first, { ...second, energyWh: 1n }])).toBe('OPENING_MISMATCH');
        await rounds.reveal([first, second]);
        expect(
            await community.query('auction:openings', { from: slots[0] ?? 0, to: slots[1] ?? 0 }, { by: H2 }),
        ).toEqual(given);
    });

    it('counts only with the endorsement of its owner and of every one of those who shall hold it', async () => {
        const [given = own] = await rounds.closed(FIRST + 10, H5);
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
        const given = await rounds.closed(at, H5, H4, H3);
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

describe('orders that stay sealed', () => {
    const [first, second, open] = [FIRST + 60, FIRST + 61, FIRST + 62];
    const sealedIn = (from: number, to: number, of?: string[]) =>
        community.query('auction:sealedOrders', { from, to, ...(of === undefined ? {} : { of }) }, { by: H5 });

    it('are listed over a range of rounds, of everybody or of some, those that are revealed and those of open rounds not', async () => {
        await rounds.closed(first, H1, H4, H5);
        const [own = order({ mspId: H1, slot: second })] = await rounds.closed(second, H1, H4);
        await rounds.reveal([own]);
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

describe('a seat that holds openings', () => {
    const slot = FIRST + 12;
    const byH1 = (openings: readonly OrderRecord[]) => ({ by: H1, endorsers: [H1, H2], transient: { openings } });
    let given: OrderRecord[];

    beforeAll(async () => {
        given = await rounds.closed(slot, H4, H5);
        for (const each of given) {
            await rounds.reveal([each]);
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
