import { beforeAll, describe, expect, it } from '@jest/globals';
import { orderKey, roundKey } from '../../../api/keys';
import { encodeBytes } from '../../../api/wire';
import { DAY, DSO, FIRST, household, order, SEATS, TestCommunity } from '../../../testing/community';
import { PARAMETERS } from '../../../testing/epochs';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';

const [H1, H2, H3, H4] = [household(1), household(2), household(3), household(4)];
const [SLOT, REVEALED, OPEN, LIED, FORGED] = [FIRST + 10, FIRST + 11, FIRST + 12, FIRST + 13, FIRST + 14];
const DEPOSIT = 1_000_000_000n;

let community: TestCommunity;

beforeAll(async () => {
    community = await TestCommunity.trading(4);
    await community.submit('stake:setParameters', PARAMETERS);
    await community.submit('stake:deposit', { mspId: H3, amountNanos: DEPOSIT, reference: 'paid in' });
    for (const slot of [SLOT, REVEALED, OPEN, LIED, FORGED]) {
        await community.submitOrder({ mspId: H3, slot });
    }
    await community.closeRound(SLOT);
    await community.clearRound(SLOT, []);
    await community.closeRound(REVEALED);
    await community.clearRound(REVEALED);
    await community.closeRound(LIED);
    await community.revealOrders(community.orders(LIED));
    await clearWithout(LIED, SEATS);
});

/** As a quorum of the committee could with other chaincode: the order of H3 is left out although the seats hold it. */
async function clearWithout(slot: number, endorsers: readonly string[]): Promise<void> {
    const { type, parts } = roundKey(DAY, slot);
    const round = await community.query('auction:round', { slot });
    const lied = { ...round, status: 'cleared', outcomes: [], dropped: [{ order: `${H3}/o1`, reason: 'UNREVEALED' }] };
    const writes = new Map([[placeOf('market', compositeKey(type, parts)), encodeBytes(lied)]]);
    expect(community.network.forge({ writes }, endorsers)).toBe('VALID');
}

const report = (slot: number) => ({ mspId: H3, slot, id: 'o1' });

describe('an order that was not revealed', () => {
    it.each([
        { code: 'FORBIDDEN', by: 'H9MSP', asked: { ...report(1), mspId: 'H9MSP' } },
        { code: 'MEMBER_UNKNOWN', by: H4, asked: { ...report(1), mspId: 'H9MSP' } },
        { code: 'EVIDENCE_INVALID', by: H4, asked: report(1) },
        { code: 'EVIDENCE_INVALID', by: H4, asked: { ...report(SLOT), id: 'o2' } },
        { code: 'EVIDENCE_INVALID', by: H4, asked: { ...report(SLOT), mspId: H4 } },
        { code: 'EVIDENCE_INVALID', by: H4, asked: report(OPEN) },
        { code: 'EVIDENCE_INVALID', by: H4, asked: report(REVEALED) },
    ])('is not proved with $code: $asked', async ({ code, by, asked }) => {
        expect(await community.refusal('stake:reportUnrevealed', asked, { by })).toBe(code);
    });

    it('costs its owner a part of its deposit, once, and the proof is the round itself', async () => {
        const { unrevealed } = PARAMETERS.penalties;
        await community.submit('stake:reportUnrevealed', report(SLOT), { by: H4 });
        const account = (await community.query('stake:accounts', {})).find(({ mspId }) => mspId === H3);
        expect(account?.depositNanos).toBe(DEPOSIT - unrevealed.depositNanos);
        expect(await community.refusal('stake:reportUnrevealed', report(SLOT), { by: H4 })).toBe('MISCONDUCT_PUNISHED');
    });

    it("is not its owner's fault where the marker says that the committee holds it: the ledger proves that a quorum lied", async () => {
        const { dropped = [] } = await community.query('auction:round', { slot: LIED });
        const [marker] = await community.query('auction:orderMarkers', { slot: LIED });
        expect([dropped, marker?.holders]).toEqual([[{ order: `${H3}/o1`, reason: 'UNREVEALED' }], [H1, H2]]);
        expect(await community.refusal('stake:reportUnrevealed', report(LIED), { by: H4 })).toBe('EVIDENCE_INVALID');
    });

    it('is not proved by a round that others than its committee wrote', async () => {
        // A day that nobody opened: grid operator and a household can make its keys.
        const slot = FIRST + 96;
        const day = '2014-10-04';
        const forged = {
            day,
            slot,
            status: 'cleared',
            replay: true,
            charterVersion: 4,
            mechanism: 'uniform-price/v1',
            dropped: [{ order: `${H3}/o1`, reason: 'UNREVEALED' }],
        };
        const { type, parts } = roundKey(day, slot);
        const writes = new Map([[placeOf('market', compositeKey(type, parts)), encodeBytes(forged)]]);
        expect(community.network.forge({ writes }, [DSO, H4])).toBe('VALID');
        expect(await community.refusal('stake:reportUnrevealed', report(slot), { by: H4 })).toBe('KEY_POLICY_WRONG');
    });
});

describe('orders of a member that has fallen silent', () => {
    const handOver = (openings = community.orders(REVEALED), by: string = H1, time?: number) => ({
        by,
        endorsers: [DSO],
        transient: { openings },
        ...(time === undefined ? {} : { time }),
    });
    const asked = { day: DAY, mspId: H3 };
    const due = (FIRST + 96 + 96) * 900;

    it.each([
        { code: 'MEMBER_UNKNOWN', args: { day: '2014-02-30', mspId: 'H9MSP' }, by: H4, time: due - 1 },
        { code: 'DAY_UNKNOWN', args: { day: '2014-02-30', mspId: H3 }, by: H4, time: due - 1 },
        { code: 'DEADLINE_OPEN', args: asked, by: H4, time: due - 1 },
        { code: 'FORBIDDEN', args: asked, by: H4, time: due },
        { code: 'OPENING_UNKNOWN', args: { ...asked, mspId: H4 }, by: H1, time: due },
        { code: 'OPENING_UNKNOWN', args: { ...asked, day: '2014-10-02' }, by: H1, time: due },
    ])('are not handed over with $code', async ({ code, args, by, time }) => {
        expect(await community.refusal('auction:handOver', args, handOver(undefined, by, time))).toBe(code);
    });

    it('are not handed over changed', async () => {
        const changed = [order({ mspId: H3, slot: REVEALED, energyWh: 1n })];
        expect(await community.refusal('auction:handOver', asked, handOver(changed))).toBe('OPENING_MISMATCH');
    });

    it('come to the grid operator from a seat that holds them, by its own endorsement alone', async () => {
        const range = { from: REVEALED, to: REVEALED };
        expect(await community.query('auction:openings', range)).toEqual([]);
        await community.submit('auction:handOver', asked, handOver());
        expect(await community.query('auction:openings', range)).toEqual(community.orders(REVEALED));
        expect(community.network.publicText('market', 'order', ...orderKey(REVEALED, H2, 'o1').parts)).toBeUndefined();
    });
});
