import type { NetworkWish } from '@commonwatt/network/topology/network-kind';
import type { CommunityMembers } from '../../community/members';
import { onNetwork } from './bench-network';
import { clearingText, measureClearing, type ClearingFigures } from './clearing';
import {
    BENCH_STORAGE,
    CREDIBILITY_HOMES,
    credibilityText,
    measureCredibility,
    type CredibilityFigures,
} from './credibility';
import { measureSlots, slotText, type SlotFigures } from './slot-pipeline';
import { measureWrites, writesText, type WritesFigures } from './record-writes';

/** What is measured of the market, each part in a process of its own. */
export interface MarketFigures {
    readonly clearing: readonly ClearingFigures[];
    readonly writes: readonly WritesFigures[];
    readonly slots: readonly SlotFigures[];
    readonly credibility: readonly CredibilityFigures[];
}

const PORT_BASE = 30_000;
const WRITING_ORGANISATIONS = 3;

export type MarketPart = keyof MarketFigures;

export const PARTS: readonly MarketPart[] = ['clearing', 'writes', 'slots', 'credibility'];

export interface MarketWish {
    /** Books of so many orders. */
    readonly orders: readonly number[];
    /** Records that one transaction writes. */
    readonly records: number;
    /** Communities of so many households, a slot of which is run from its orders to its readings. */
    readonly households: readonly number[];
    /** Sales of stored energy, by each way of making sure that it is there. */
    readonly sales: number;
    readonly network: NetworkWish;
}

/** One part, as its figures. */
export async function measurePart(part: MarketPart, wish: MarketWish): Promise<Partial<MarketFigures>> {
    switch (part) {
        case 'clearing':
            return { clearing: measureClearing(wish.orders) };
        case 'writes': {
            const community = { organisations: WRITING_ORGANISATIONS, portBase: PORT_BASE, network: wish.network };
            return onNetwork(community, async (members) => ({
                writes: [
                    await measureWrites(members, wish.records, false),
                    await measureWrites(members, wish.records, true),
                ],
            }));
        }
        case 'slots': {
            const slots: SlotFigures[] = [];
            for (const households of wish.households) {
                const community = { organisations: households + 1, portBase: PORT_BASE, network: wish.network };
                slots.push(await onNetwork(community, measureSlots));
            }
            return { slots };
        }
        case 'credibility': {
            const network = { ...wish.network, ownChaincode: [BENCH_STORAGE.home] };
            const community = { organisations: CREDIBILITY_HOMES + 1, portBase: PORT_BASE, network };
            const measured = (members: CommunityMembers): Promise<CredibilityFigures[]> =>
                measureCredibility(members, wish.sales);
            return { credibility: await onNetwork({ ...community, storage: BENCH_STORAGE }, measured) };
        }
    }
}

/** For people: the parts that were measured. */
export function marketText({ clearing, writes, slots, credibility }: Partial<MarketFigures>): string {
    const section = (title: string, lines: readonly string[] | undefined): string[] =>
        lines === undefined ? [] : [title, ...lines];
    return [
        ...section(
            'Clearing a round, processor time without the ledger (aims at the uniform price: 1000 orders 5 ms, 100000 orders 500 ms)',
            clearing?.map(clearingText),
        ),
        ...section('Endorsing one transaction that writes many records (aim: 1000 in 100 ms)', writes?.map(writesText)),
        ...section(
            'A slot from sealed orders to readings, all households at the same moment (aim: 50 in 3 s)',
            slots?.map(slotText),
        ),
        ...section(
            'Offering stored energy, by both ways of making sure that it is there',
            credibility?.map(credibilityText),
        ),
    ].join('\n');
}
