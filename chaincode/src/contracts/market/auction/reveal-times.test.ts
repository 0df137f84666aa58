import { beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderRecord } from '../../../api/records';
import { REVEAL_SECONDS } from '../../../domain/tariff/terms';
import { DSO, FIRST, household, NOW, order, type TestCommunity } from '../../../testing/community';
import { SealedRounds } from '../../../testing/market/sealed-rounds';

const [H1, H2, H3, H4, H5] = [household(1), household(2), household(3), household(4), household(5)];
const LIVE_DAY = '2015-01-04';
const LIVE_FIRST = (NOW + 3 * 86_400 - 3_600) / 900;

let rounds: SealedRounds;
let community: TestCommunity;

beforeAll(async () => {
    rounds = await SealedRounds.open();
    ({ community } = rounds);
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
        await rounds.reveal([early], { time: seen });
        const refused = (time: number) => community.refusal('auction:clearRound', { slot }, clearing([early], time));
        expect(await refused(seen)).toBe('REVEALS_OPEN');
        await community.submit('auction:callReveals', { slot }, byH1(seen));
        expect((await community.query('auction:round', { slot })).calledAt).toBe(seen);
        expect(await refused(end - 1)).toBe('REVEALS_OPEN');
        expect(await rounds.refusal([late], { time: end })).toBe('REVEALS_CLOSED');
        // Who clears may lack it: a second reveal is no late one.
        await rounds.reveal([early], { to: [H1, H3], time: end + 60 });
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
        await rounds.reveal([given], { time: gate + 1_800 + REVEAL_SECONDS - 1 });
    });

    it('is cleared at once where all has been revealed, and nobody has to call', async () => {
        const other = slot + 1;
        const given = order({ mspId: H5, slot: other });
        await community.commitTo(given);
        await close(other, gate + 900);
        await rounds.reveal([given], { time: gate + 901 });
        await community.submit('auction:clearRound', { slot: other }, clearing([given], gate + 902));
    });
});

describe('callReveals', () => {
    const [OPEN, CLOSED, CALLED, CLEARED] = [FIRST + 40, FIRST + 41, FIRST + 42, FIRST + 43];

    beforeAll(async () => {
        for (const slot of [CLOSED, CALLED, CLEARED]) {
            await rounds.closed(slot, ...(slot === CLEARED ? [] : [H5]));
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
