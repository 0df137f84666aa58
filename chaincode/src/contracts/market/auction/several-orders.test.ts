import { beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderRecord, RoundRecord } from '../../../api/records';
import { REVEAL_SECONDS } from '../../../domain/tariff/terms';
import { FIRST, household, NOW, order, SEATS, TestCommunity } from '../../../testing/community';

const [H3, H4] = [household(3), household(4)];

let community: TestCommunity;

beforeAll(async () => {
    community = await TestCommunity.trading(4);
});

/** A closed round with a low and a high bid of one member, and another's ask. */
async function closedRound(slot: number): Promise<readonly OrderRecord[]> {
    const given = [
        order({ mspId: H3, slot, id: 'high', limit: 200_000n }),
        order({ mspId: H3, slot, id: 'low', limit: 120_000n }),
        order({ mspId: H4, slot, side: 'sell', limit: 110_000n }),
    ];
    for (const each of given) {
        await community.commitTo(each);
    }
    await community.closeRound(slot);
    return given;
}

async function cleared(slot: number, revealed: readonly OrderRecord[]): Promise<RoundRecord> {
    await community.clearRound(slot, revealed);
    return community.query('auction:round', { slot });
}

describe('a member with several orders in a round', () => {
    it.each([
        { slot: FIRST + 20, sealed: 'high', shown: 'low' },
        { slot: FIRST + 21, sealed: 'low', shown: 'high' },
    ])('cannot choose $shown: with $sealed unrevealed neither takes part', async ({ slot, sealed, shown }) => {
        const given = await closedRound(slot);
        const { dropped, outcomes = [] } = await cleared(
            slot,
            given.filter(({ id }) => id !== sealed),
        );
        expect(dropped).toHaveLength(2);
        expect(dropped).toContainEqual({ order: `${H3}/${sealed}`, reason: 'UNREVEALED' });
        expect(dropped).toContainEqual({ order: `${H3}/${shown}`, reason: 'PARTLY_REVEALED' });
        expect(outcomes.map((each) => each.order)).toEqual([`${H4}/o1`]);
    });

    it('takes part with all of them where all are revealed', async () => {
        const slot = FIRST + 22;
        const { dropped, outcomes } = await cleared(slot, await closedRound(slot));
        expect(dropped).toEqual([]);
        expect(outcomes).toHaveLength(3);
    });

    it('has what it revealed given to the clearing even where it takes no part', async () => {
        const slot = FIRST + 23;
        const [shown, , other] = await closedRound(slot);
        const revealed = [shown, other].filter((each) => each !== undefined);
        await community.revealOrders(revealed);
        await community.callReveals(slot);
        const openings = revealed.slice(1);
        const without = { by: SEATS[0], endorsers: SEATS, transient: { openings }, time: NOW + REVEAL_SECONDS };
        expect(await community.refusal('auction:clearRound', { slot }, without)).toBe('OPENING_MISSING');
    });
});
