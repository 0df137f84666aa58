import { beforeAll, describe, expect, it } from '@jest/globals';
import type { QueryName } from '../../api/transactions';
import { parseRefusal } from '../../domain/refusals';
import { DAY, DSO, FIRST, household, order, readings, TestCommunity } from '../../testing/community';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const SLOT = FIRST + 40;

let community: TestCommunity;

beforeAll(async () => {
    community = await TestCommunity.trading(3);
    await community.submitOrder({ mspId: H1, slot: SLOT });
    await community.closeRound(SLOT);
    await community.revealOrders(community.orders(SLOT));
    await community.recordReadings(H1, readings(H1, SLOT, [-100n]));
});

describe("a member's client that asks every peer it can reach for another's private records", () => {
    const own: { name: QueryName; args: object }[] = [
        { name: 'auction:ownOrders', args: { slot: SLOT } },
        { name: 'metering:ownReadings', args: { from: SLOT, to: SLOT } },
        { name: 'metering:ownReadings', args: { from: SLOT, to: SLOT, mspId: H1 } },
        { name: 'billing:ownSettlement', args: { day: DAY } },
        { name: 'billing:ownSettlement', args: { day: DAY, mspId: H1 } },
        { name: 'billing:ownBill', args: { from: DAY, to: DAY } },
        { name: 'billing:ownBill', args: { from: DAY, to: DAY, mspId: H1 } },
        { name: 'billing:ownAccount', args: { from: DAY, to: DAY } },
    ];

    it.each(own)('gets nothing from $name $args', async ({ name, args }) => {
        for (const peer of [H1, DSO, H3]) {
            const asked = community.endorse(name, args, { by: H2, endorsers: [peer] });
            const error: unknown = await asked.catch((thrown: unknown) => thrown);
            const message = error instanceof Error ? error.message : 'an answer';
            expect(parseRefusal(message)?.code ?? message).toMatch(/^FORBIDDEN$|^the peer of \w+ does not hold/);
        }
    });

    it('and nothing of them in what its own peer has', async () => {
        expect(await community.query('auction:ownOrders', { slot: SLOT }, { by: H2 })).toEqual([]);
        expect(await community.query('metering:ownReadings', { from: SLOT, to: SLOT }, { by: H2 })).toEqual([]);
        expect(await community.query('auction:ownOrders', { slot: SLOT }, { by: H1 })).toHaveLength(1);
    });

    it('nor by sending what it guesses: a hash and a salt stand between', async () => {
        const [marker] = await community.query('auction:orderMarkers', { slot: SLOT }, { by: H2 });
        const guess = order({ mspId: H1, slot: SLOT });
        expect(marker?.hash).toMatch(/^[0-9a-f]{64}$/);
        const inputs = { readings: readings(H1, SLOT, [-100n]), orders: [guess], salt: guess.salt };
        const asked = { by: H2, endorsers: [H2], transient: inputs };
        expect(await community.refusal('billing:draftSettlement', { day: DAY, mspId: H1 }, asked)).toBe('FORBIDDEN');
    });
});
