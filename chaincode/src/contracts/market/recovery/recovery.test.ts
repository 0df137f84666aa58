import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PrivateRecords } from '../../../api/catalogue/recovery';
import { orderKey } from '../../../api/keys';
import { encodeBytes } from '../../../api/wire';
import {
    commitment,
    DAY,
    DSO,
    FIRST,
    household,
    order,
    ownerKey,
    readings,
    TestCommunity,
} from '../../../testing/community';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const SLOT = FIRST + 40;
const NOTHING: PrivateRecords = {
    orders: [],
    readings: [],
    settlements: [],
    bills: [],
    corrections: [],
    suspicions: [],
    submissions: [],
};
const own = order({ mspId: H1, slot: SLOT });
const metered = readings(H1, SLOT, [-100n, 20n]);

let community: TestCommunity;

beforeEach(async () => {
    community = await TestCommunity.trading(3);
    await community.commitTo(own);
    await community.submitOrder({ mspId: H2, slot: SLOT });
    await community.closeRound(SLOT);
    await community.revealOrders(community.orders(SLOT));
    await community.recordReadings(H1, metered);
});

/** H1 alone can write its own collection, so it can spoil it as a broken disk would. */
function spoilOwnOrder(): void {
    const { type, parts } = orderKey(SLOT, H1, 'o1');
    const place = placeOf(`market/_implicit_org_${H1}`, compositeKey(type, parts));
    const privateWrites = new Map([[place, encodeBytes({ ...own, energyWh: 1n })]]);
    expect(community.network.forge({ privateWrites }, [H1])).toBe('VALID');
}

const restore = (records: Partial<PrivateRecords>, by = H1): Promise<unknown> =>
    community.submit(
        'recovery:restore',
        { mspId: H1, day: DAY },
        { by, endorsers: [by], transient: { records: { ...NOTHING, ...records } } },
    );

describe('what was lost', () => {
    it("is what has a marker and no record in one's own collection; orders are with their owner's agent until they are settled", async () => {
        spoilOwnOrder();
        const asked = { mspId: H1, day: DAY };
        const mine = await community.query('recovery:records', asked, { by: H1 });
        expect(mine.orders).toHaveLength(1);
        expect(mine.orders[0]?.record).toBeUndefined();
        expect(mine.readings.map(({ record }) => record)).toEqual(metered);
        const theirs = await community.query('recovery:records', asked, { by: DSO });
        expect(theirs.readings.map(({ record }) => record)).toEqual(metered);
        expect(theirs.orders).toEqual(mine.orders);
        expect(await community.query('recovery:days', { mspId: H1 }, { by: H1 })).toEqual([DAY]);
    });

    it("comes back with the owner's endorsement alone, as often as one likes", async () => {
        spoilOwnOrder();
        await restore({ orders: [own], readings: metered });
        await restore({ orders: [own] });
        expect(await community.query('auction:ownOrders', { slot: SLOT }, { by: H1 })).toEqual([own]);
    });

    it("comes back to the grid operator too, from the household's copy", async () => {
        await restore({ orders: [own] }, DSO);
        const asked = { mspId: H1, day: DAY };
        expect((await community.query('recovery:records', asked)).orders.map(({ record }) => record)).toEqual([own]);
    });
});

describe('restoring refuses', () => {
    const stray = order({ mspId: H1, slot: SLOT, id: 'o2' });
    const other = order({ mspId: H2, slot: SLOT });
    it.each([
        { what: "another member's record", records: { orders: [other] }, code: 'RECORD_WRONG' },
        {
            what: 'one of another day',
            records: { orders: [order({ mspId: H1, slot: SLOT - 96 })] },
            code: 'RECORD_WRONG',
        },
        { what: 'one under a wrong name', records: { orders: [{ ...own, key: 'order' }] }, code: 'RECORD_WRONG' },
        { what: 'one without a marker', records: { orders: [stray] }, code: 'OPENING_UNKNOWN' },
        {
            what: 'one that differs from its marker',
            records: { orders: [order({ mspId: H1, slot: SLOT, energyWh: 501n })] },
            code: 'OPENING_MISMATCH',
        },
        { what: 'a good one beside a wrong one', records: { orders: [own, stray] }, code: 'OPENING_UNKNOWN' },
    ])('$what as $code', async ({ records, code }) => {
        const options = { by: H1, endorsers: [H1], transient: { records: { ...NOTHING, ...records } } };
        expect(await community.refusal('recovery:restore', { mspId: H1, day: DAY }, options)).toBe(code);
    });

    it('whoever is no party', async () => {
        const options = { by: H3, endorsers: [H3], transient: { records: { ...NOTHING, orders: [own] } } };
        const asked = { mspId: H1, day: DAY };
        expect(await community.refusal('recovery:restore', asked, options)).toBe('FORBIDDEN');
        expect(await community.refusal('recovery:records', asked, { by: H3, endorsers: [H3] })).toBe('FORBIDDEN');
    });

    it("a record in the owner's name that opens a marker which others made, but is not its owner's word", async () => {
        const forged = { ...stray, signature: other.signature };
        const { type, parts } = orderKey(SLOT, H1, 'o2');
        const marker = { ...commitment(forged, ownerKey(H2)), version: 1, mspId: H1 };
        const writes = new Map([[placeOf('market', compositeKey(type, parts)), encodeBytes(marker)]]);
        expect(community.network.forge({ writes }, [DSO, H2])).toBe('VALID');
        const options = { by: H1, endorsers: [H1], transient: { records: { ...NOTHING, orders: [forged] } } };
        expect(await community.refusal('recovery:restore', { mspId: H1, day: DAY }, options)).toBe('SIGNATURE_INVALID');
    });
});
