import type { OrderRecord } from '../../api/records';
import type { ArgsOf } from '../../api/transactions';
import { DSO, FIRST, household, NOW, order, TestCommunity } from '../community';

const [H1, H2, H3, H4] = [household(1), household(2), household(3), household(4)];
const HOUSEHOLDS = 5;
/** H1 weighs as much as two others: with one of them, or those three together without it, is a quorum. */
const COMMITTEE = [
    { mspId: H1, weight: 2n },
    { mspId: H2, weight: 1n },
    { mspId: H3, weight: 1n },
    { mspId: H4, weight: 1n },
];

export interface Reveal {
    readonly by?: string;
    readonly to?: readonly string[];
    readonly orders?: ArgsOf<'auction:revealOrders'>['orders'];
    readonly time?: number;
}

/** Rounds of a replayed day whose orders are sealed, and what is done to open them. */
export class SealedRounds {
    private constructor(readonly community: TestCommunity) {}

    static async open(): Promise<SealedRounds> {
        const community = await TestCommunity.governed(HOUSEHOLDS);
        const quorum = { numerator: 1n, denominator: 2n };
        await community.submit('committee:appoint', { fromSlot: FIRST, seats: COMMITTEE, quorum });
        await community.submit('auction:openDay', { day: '2014-10-03', replay: true }, { endorsers: [DSO, H1] });
        return new SealedRounds(community);
    }

    /** A closed round with an order of each of these. */
    async closed(slot: number, ...owners: string[]): Promise<OrderRecord[]> {
        const { community } = this;
        for (const [i, mspId] of owners.entries()) {
            await community.submitOrder({ mspId, slot, side: i % 2 === 0 ? 'buy' : 'sell', limit: 150_000n });
        }
        await community.submit('auction:closeRound', { slot }, { by: H1, endorsers: [H1, H2] });
        return owners.map(
            (mspId) => community.orders(slot).find((each) => each.mspId === mspId) ?? order({ mspId, slot }),
        );
    }

    reveal(openings: readonly OrderRecord[], how: Reveal = {}): Promise<string> {
        const { args, options } = revealing(openings, how);
        return this.community.submit('auction:revealOrders', args, options);
    }

    refusal(openings: readonly OrderRecord[], how: Reveal = {}): Promise<string> {
        const { args, options } = revealing(openings, how);
        return this.community.refusal('auction:revealOrders', args, options);
    }
}

export function revealing(openings: readonly OrderRecord[], { by, to = [H1, H2], orders, time = NOW }: Reveal = {}) {
    const owner = by ?? openings[0]?.mspId ?? '';
    const args = { orders: orders ?? openings.map(({ slot, id }) => ({ slot, id })), to: [...to] };
    const endorsers = [...new Set([owner, ...to])];
    return { args, options: { by: owner, endorsers, transient: { openings }, time } };
}
